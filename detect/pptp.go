package detect

import "netifyd/core/proto"

var pptpCard = Protocol{ID: proto.PPTP, Over: TCP, Ports: []uint16{1723}, Limit: 64, Inspect: inspectPPTP}

// inspectPPTP recognises a control message (RFC 2637, section 2): length, type
// 1, the magic cookie, a known message, reserved zero.
func inspectPPTP(in *Input, _ *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		b = in.ToClient
	}
	const shape = "\x00\x01\x1a\x2b\x3c\x4d\x00"
	if v := begins(b[min(len(b), 2):], shape); v != Match {
		return v
	}
	if len(b) < 12 {
		return NeedMore
	}
	if n := be16(b); n < 12 || n > 256 || b[9] < 1 || b[9] > 15 {
		return No
	}
	return Match
}
