package detect

import "netifyd/core/proto"

var rshCard = Protocol{ID: proto.RSH, Over: TCP, Ports: []uint16{514, 513}, Limit: 512, Inspect: inspectRSH}

// inspectRSH recognises the remote shell (rcmd(3): port for errors in digits,
// local user, remote user, command, each ended by zero) and rlogin (RFC 1282,
// section 2.1: nothing, client's user, server's user, "terminal/speed"). Texts
// between zeros are common: elsewhere than at the ports the client's must be a
// reserved one, as both ask for, and the server answer with a zero.
func inspectRSH(in *Input, _ *Result) Verdict {
	const fields, maxField = 4, 256
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	if !in.HasPort(514) && !in.HasPort(513) && (in.ClientPort >= 1024 || len(in.ToClient) > 0 && in.ToClient[0] != 0) {
		return No
	}
	port, digits := decimal(b)
	if digits > 5 || port > 65535 || len(b) > digits && b[digits] != 0 {
		return No
	}
	rest := b[min(len(b), digits+1):]
	for n := 1; n < fields; n++ {
		field := cutZero(rest)
		if !isText(field) || len(field) > maxField || len(field) < len(rest) && len(field) == 0 {
			return No
		}
		if len(field) == len(rest) {
			return NeedMore
		}
		if n == fields-1 {
			if digits == 0 && following(field, "/") == nil {
				return No
			}
			if len(in.ToClient) == 0 && !in.HasPort(514) && !in.HasPort(513) {
				return NeedMore
			}
			return Match
		}
		for _, ch := range field { // the name of a user
			if ch <= ' ' || ch >= 0x7f {
				return No
			}
		}
		rest = rest[len(field)+1:]
	}
	return NeedMore
}
