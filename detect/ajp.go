package detect

import "netifyd/core/proto"

// AJP 1.3 (tomcat.apache.org, "AJP Protocol Reference"): packets to the
// container begin with 0x1234, those from it with "AB", both with a length. A
// forwarded request names method and protocol; a ping and its answer are fixed.
var ajpCard = Protocol{ID: proto.AJP, Over: TCP, Ports: []uint16{8009}, Limit: 64, Inspect: inspectAJP}

func inspectAJP(in *Input, _ *Result) Verdict {
	up, down := ajpRequest(in.ToServer), ajpAnswer(in.ToClient)
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 && in.ToClient[0] == 0x12 {
		up, down = ajpRequest(in.ToClient), NeedMore // the wrong way round
	}
	return together(up, down)
}

func ajpRequest(b []byte) Verdict {
	const forward, ping, maxMethod, stored = 2, 10, 27, 0xff
	if v := begins(b, "\x12\x34"); v != Match {
		return v
	}
	if len(b) < 5 {
		return NeedMore
	}
	length := be16(b[2:])
	switch {
	case b[4] == ping && length == 1:
		return Match
	case b[4] != forward || length < 16:
		return No
	}
	if len(b) > 5 && (b[5] == 0 || b[5] > maxMethod && b[5] != stored) {
		return No
	}
	if len(b) < 8 {
		return NeedMore
	}
	return begins(b[8:], "HTTP/")
}

func ajpAnswer(b []byte) Verdict {
	const headers, pong = 4, 9
	if v := begins(b, "AB"); v != Match {
		return v
	}
	if len(b) < 7 {
		return NeedMore
	}
	length, status := be16(b[2:]), be16(b[5:])
	switch {
	case b[4] == pong && length == 1:
		return Match
	case b[4] == headers && length > 6 && status >= 100 && status <= 599:
		return Match
	case b[4] >= 3 && b[4] <= 6 && length > 0:
		return NeedMore
	}
	return No
}
