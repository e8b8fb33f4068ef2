package detect

import "netifyd/core/proto"

var afpCard = Protocol{ID: proto.AFP, Over: TCP, Ports: []uint16{548}, Limit: 64, Inspect: inspectAFP}

// inspectAFP recognises the Data Stream Interface that carries the Apple
// Filing Protocol (Apple, "Data Stream Interface"): a request to open a
// session with its option, or one of status or a command that the server
// answers under the same number.
func inspectAFP(in *Input, _ *Result) Verdict {
	const getStatus, command, openSession, tickle = 3, 2, 4, 5
	kind, number, v := dsiHeader(in.ToServer, 0)
	if v != Match {
		if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
			return No
		}
		return v
	}
	if kind == openSession && be32(in.ToServer[8:]) > 0 {
		// Option 1, the client's quantum of attention, of four bytes.
		switch begins(in.ToServer[16:], "\x01\x04") {
		case Match:
			return Match
		case NeedMore:
			return NeedMore
		}
	}
	if len(in.ToClient) == 0 {
		return NeedMore
	}
	answer, same, v := dsiHeader(in.ToClient, 1)
	if v != Match {
		return v
	}
	if answer == kind && same == number && kind != tickle || kind == tickle && answer == tickle {
		return Match
	}
	return No
}

// dsiHeader reads flags, command, number, offset or error, length, reserved.
func dsiHeader(b []byte, flags byte) (kind byte, number int, v Verdict) {
	if len(b) > 0 && b[0] != flags || len(b) > 1 && (b[1] == 0 || b[1] > 8) {
		return 0, 0, No
	}
	if len(b) > 8 && b[8] > 0x01 {
		return 0, 0, No
	}
	for _, ch := range b[min(len(b), 12):min(len(b), 16)] {
		if ch != 0 {
			return 0, 0, No
		}
	}
	if len(b) < 16 {
		return 0, 0, NeedMore
	}
	if offset := be32(b[4:]); flags == 0 && offset > be32(b[8:]) {
		return 0, 0, No
	}
	return b[1], be16(b[2:]), Match
}
