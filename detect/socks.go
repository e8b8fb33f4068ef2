package detect

import (
	"bytes"

	"netifyd/core/proto"
)

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
		v := socks4(b, in.ToClient)
		if v == Match {
			insideSOCKS4(in, res)
		}
		return v
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
	if answer[1] == 0xff && len(answer) == 2 && len(rest) == 0 {
		return Match // refused (RFC 1928, section 3)
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
	// Tor looks names and addresses up with two commands of its own (Tor's extensions to the SOCKS protocol, section 2).
	const udp, resolve, reverse = 3, 0xf0, 0xf1
	if len(rest) > 0 && rest[0] != 5 || len(rest) > 1 && (rest[1] == 0 || rest[1] > udp) && rest[1] != resolve && rest[1] != reverse || len(rest) > 2 && rest[2] != 0 {
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

// insideSOCKS5 names what was asked for and reads what the tunnel carries:
// behind methods, password if any, and request, and the answers to them (RFC
// 1928, sections 3 to 6; RFC 1929).
func insideSOCKS5(in *Input, res *Result) {
	c, s := in.ToServer, in.ToClient
	const password, refused = 2, 0xff
	if s[1] == refused {
		return
	}
	c, s = c[2+c[1]:], behind(s, 2)
	if in.ToClient[1] == password {
		if len(c) < 3+int(c[1]) || len(c) < 3+int(c[1])+int(c[2+c[1]]) || len(s) < 2 {
			res.More = true
			return
		}
		c, s = c[3+int(c[1])+int(c[2+c[1]]):], s[2:]
	} else if in.ToClient[1] != 0 {
		return // what follows is wrapped in some other way
	}
	request, answer := socks5Length(c), socks5Length(s)
	if request > 0 && c[3] == 3 {
		putHost(res, c[5:5+c[4]])
	}
	if answer > 0 && s[1] != 0 { // refused
		return
	}
	if request == 0 || answer == 0 {
		res.More = true
		return
	}
	carried := inside(in, behind(c, request), behind(s, answer), res)
	if c[3] == 3 && !isProxy(carried) { // what was asked for, not what a server calls itself
		putHost(res, c[5:5+c[4]])
	}
}

// insideSOCKS4 does so behind a request of version 4, which names a host where
// its address is 0.0.0.x (SOCKS 4A, "A Simple Extension to SOCKS 4 Protocol").
func insideSOCKS4(in *Input, res *Result) {
	const head, granted = 8, 0x5a
	c, s := in.ToServer, in.ToClient
	var name []byte
	end := head + bytes.IndexByte(c[head:], 0) + 1
	if be16(c[4:]) == 0 && c[6] == 0 && c[7] != 0 {
		n := bytes.IndexByte(c[end:], 0)
		if n < 0 {
			res.More = len(c) < 512
			return
		}
		name = c[end : end+n]
		putHost(res, name)
		end += n + 1
	}
	if s[1] == granted && !isProxy(inside(in, behind(c, end), behind(s, head), res)) && name != nil {
		putHost(res, name) // not what a server calls itself
	}
}

// socks5Length is the length of a request or its answer; 0 where it is not all there.
func socks5Length(b []byte) int {
	if len(b) < 5 {
		return 0
	}
	n := 0
	switch b[3] {
	case 1:
		n = 10
	case 3:
		n = 7 + int(b[4])
	case 4:
		n = 22
	}
	if n > len(b) {
		return 0
	}
	return n
}
