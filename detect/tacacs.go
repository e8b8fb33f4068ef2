package detect

import "netifyd/core/proto"

// TACACS+ (RFC 8907, section 4.1): version 0xc0 or 0xc1, kind 1 to 3, sequence,
// flags, session (4), length of the body (4). The client's numbers are odd, the server's even.
var tacacsCard = Protocol{ID: proto.TACACSPlus, Over: TCP, Ports: []uint16{49}, Limit: 64, Inspect: inspectTACACS}

// inspectTACACS wants an answer to the session.
func inspectTACACS(in *Input, _ *Result) Verdict {
	up, down := tacacsHead(in.ToServer, 1), tacacsHead(in.ToClient, 2)
	switch {
	case up == No || down == No:
		return No
	case up == Match && down == Match:
		if !same(in.ToServer[4:8], in.ToClient[4:8]) {
			return No
		}
		return Match
	}
	return NeedMore
}

func tacacsHead(b []byte, number byte) Verdict {
	const header, flags, maxBody = 12, 0x05, 1 << 16
	if len(b) > 0 && b[0]&^1 != 0xc0 || len(b) > 1 && (b[1] == 0 || b[1] > 3) || len(b) > 2 && b[2] != number || len(b) > 3 && b[3]&^flags != 0 {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if n := be32(b[8:]); n == 0 || n >= maxBody {
		return No
	}
	return Match
}
