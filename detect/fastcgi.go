package detect

import "netifyd/core/proto"

// FastCGI (Open Market, "FastCGI Specification", sections 3.3 and 5.1): a
// request begins with a record of version 1 and kind 1 with eight bytes: role,
// flags, five zero bytes.
var fastcgiCard = Protocol{ID: proto.FastCGI, Over: TCP, Ports: []uint16{9000}, Limit: 32, Inspect: inspectFastCGI}

func inspectFastCGI(in *Input, _ *Result) Verdict {
	if len(in.ToServer) > 0 {
		return fastCGIBegin(in.ToServer)
	}
	return fastCGIBegin(in.ToClient)
}

func fastCGIBegin(b []byte) Verdict {
	const responder, filter = 1, 3
	for i, c := range b[:min(len(b), 16)] {
		switch {
		case (i == 0 || i == 1) && c != 1, // version, kind
			i == 4 && c != 0, i == 5 && c != 8, i == 7 && c != 0, // length, reserved
			i == 8 && c != 0, i == 9 && (c < responder || c > filter),
			i == 10 && c > 1, i > 10 && c != 0:
			return No
		}
	}
	if len(b) < 16 {
		return NeedMore
	}
	return Match
}
