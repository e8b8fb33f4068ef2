package detect

import "netifyd/core/proto"

// SPICE: each side opens with SpiceLinkHeader ("SPICE Protocol", chapter 11):
// "REDQ", major version (1 or 2), minor (4 each), size of the message that follows (4).
var spiceCard = Protocol{ID: proto.SPICE, Over: TCP, Ports: []uint16{5900, 5930}, Limit: 64, Inspect: inspectSPICE}

func inspectSPICE(in *Input, _ *Result) Verdict {
	return eitherWay(in, spiceLink)
}

func spiceLink(b []byte) Verdict {
	if v := begins(b, "REDQ"); v != Match {
		return v
	}
	if len(b) > 4 && b[4] != 1 && b[4] != 2 {
		return No
	}
	if len(b) < 8 {
		return NeedMore
	}
	return begins(b[5:], "\x00\x00\x00")
}
