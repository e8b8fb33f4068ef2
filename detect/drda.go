package detect

import "netifyd/core/proto"

var drdaCard = Protocol{ID: proto.DRDA, Over: TCP, Ports: []uint16{50000, 446}, Limit: 64, Inspect: inspectDRDA}

// inspectDRDA recognises a DDM structure (The Open Group, DRDA Version 5,
// Volume 3): length, 0xd0, kind, correlation, the length again without the
// header's six bytes, and the code point of a command or reply.
func inspectDRDA(in *Input, _ *Result) Verdict {
	client, server := drdaStructure(in.ToServer), drdaStructure(in.ToClient)
	switch {
	case client == Match || server == Match && len(in.ToServer) == 0:
		return Match
	case client == No || server == No:
		return No
	}
	return NeedMore
}

func drdaStructure(b []byte) Verdict {
	if len(b) > 2 && b[2] != 0xd0 || len(b) > 3 && (b[3]&0x0f < 1 || b[3]&0x0f > 5) || len(b) > 5 && b[4]|b[5] == 0 {
		return No
	}
	if len(b) < 10 {
		return NeedMore
	}
	length, inner, point := be16(b), be16(b[6:]), be16(b[8:])
	if length < 10 || inner != length-6 || point < 0x1000 || point > 0x2fff {
		return No
	}
	return Match
}
