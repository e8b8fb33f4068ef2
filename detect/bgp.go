package detect

import "netifyd/core/proto"

var bgpCard = Protocol{ID: proto.BGP, Over: TCP, Ports: []uint16{179}, Limit: 64, Inspect: inspectBGP}

// inspectBGP recognises a message header (RFC 4271, section 4.1): sixteen bytes of ones, length, type.
func inspectBGP(in *Input, _ *Result) Verdict {
	client, server := bgpHeader(in.ToServer), bgpHeader(in.ToClient)
	switch {
	case client == Match || server == Match:
		return Match
	case client == No || server == No:
		return No
	}
	return NeedMore
}

func bgpHeader(b []byte) Verdict {
	const marker, header, largest, maxType = 16, 19, 4096, 5
	for _, ch := range b[:min(len(b), marker)] {
		if ch != 0xff {
			return No
		}
	}
	if len(b) < header {
		return NeedMore
	}
	if n := be16(b[marker:]); n < header || n > largest || b[18] < 1 || b[18] > maxType {
		return No
	}
	return Match
}
