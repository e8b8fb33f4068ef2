package detect

import "netifyd/core/proto"

var socksCard = Protocol{ID: proto.SOCKS, Over: TCP, Ports: []uint16{1080}, Limit: tlsLimit, Inspect: inspectSOCKS}

// inspectSOCKS recognises SOCKS 5 (RFC 1928) by the client's methods, the
// server's choice among them and a request, and SOCKS 4 and 4a by a request
// and its answer.
func inspectSOCKS(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	switch b[0] {
	case 5:
		v := socks5(b, in.ToClient)
		if v == Match {
			insideSOCKS5(in, res)
		}
		return v
	case 4:
		return socks4(b, in.ToClient)
	}
	return No
}

func socks5(b, answer []byte) Verdict {
	const maxMethods, password = 9, 2
	if len(b) > 1 && (b[1] == 0 || b[1] > maxMethods) {
		return No
	}
	if len(b) < 2 || len(b) < 2+int(b[1]) {
		return NeedMore
	}
	methods, rest := b[2:2+b[1]], b[2+b[1]:]
	for i, m := range methods {
		if m > 9 && m < 0x80 {
			return No
		}
		for _, before := range methods[:i] {
			if m == before {
				return No
			}
		}
	}
	if len(answer) > 0 && answer[0] != 5 {
		return No
	}
	if len(answer) < 2 {
		return NeedMore
	}
	chosen := answer[1] == 0xff
	for _, m := range methods {
		chosen = chosen || m == answer[1]
	}
	if !chosen {
		return No
	}
	if answer[1] == password { // RFC 1929
		if len(rest) > 0 && rest[0] != 1 {
			return No
		}
		if len(rest) < 2 || len(rest) < 3+int(rest[1]) {
			return NeedMore
		}
		return Match
	}
	if len(rest) > 0 && rest[0] != 5 || len(rest) > 1 && (rest[1] == 0 || rest[1] > 3) || len(rest) > 2 && rest[2] != 0 {
		return No
	}
	if len(rest) < 4 {
		return NeedMore
	}
	if kind := rest[3]; kind != 1 && kind != 3 && kind != 4 {
		return No
	}
	return Match
}

func socks4(b, answer []byte) Verdict {
	if len(b) > 1 && b[1] != 1 && b[1] != 2 {
		return No
	}
	if len(b) < 9 {
		return NeedMore
	}
	if be16(b[2:]) == 0 {
		return No
	}
	end := 8
	for ; end < len(b) && b[end] != 0; end++ {
		if b[end] < ' ' || b[end] >= 0x7f || end > 136 {
			return No
		}
	}
	if end == len(b) {
		return NeedMore
	}
	const granted, last = 0x5a, 0x5d
	if len(answer) > 0 && answer[0] != 0 || len(answer) > 1 && (answer[1] < granted || answer[1] > last) {
		return No
	}
	if len(answer) < 8 {
		return NeedMore
	}
	return Match
}
