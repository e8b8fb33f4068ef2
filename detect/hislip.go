package detect

import "netifyd/core/proto"

// HiSLIP (IVI-6.1, sections 2 and 6): "HS", kind of message, control code,
// parameter, and the length of the payload in eight bytes. A connection begins
// with Initialize or AsyncInitialize.
var hislipCard = Protocol{ID: proto.HiSLIP, Over: TCP, Ports: []uint16{4880}, Limit: 32, Inspect: inspectHiSLIP}

func inspectHiSLIP(in *Input, _ *Result) Verdict { return eitherWay(in, hislipMessage) }

func hislipMessage(b []byte) Verdict {
	if v := begins(b, "HS"); v != Match {
		return v
	}
	// Kinds after 37 are reserved up to 127; from 128 on they are the vendor's.
	const maxKind, header, maxPayload = 37, 16, 1 << 30
	if len(b) > 2 && b[2] > maxKind || len(b) > 8 && !isZero(b[8:min(len(b), 12)]) {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if be32(b[12:]) > maxPayload {
		return No
	}
	return Match
}
