package detect

import "netifyd/core/proto"

// Trojan (https://trojan-gfw.github.io/trojan/protocol) runs over TLS, where it
// is not to be told from HTTPS. Behind a proxy that ends TLS it shows itself:
// the SHA-224 of a password in hexadecimal digits, then what the client wants as in SOCKS 5.
var trojanCard = Protocol{ID: proto.Trojan, Over: TCP, Limit: 512, Inspect: inspectTrojan}

func inspectTrojan(in *Input, res *Result) Verdict {
	const hash, line, connect, associate = 56, "\r\n", 1, 3
	b := in.ToServer
	if len(b) == 0 && len(in.ToClient) > 0 {
		return No
	}
	for _, c := range b[:min(len(b), hash)] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return No
		}
	}
	b = behind(b, hash)
	if v := begins(b, line); v != Match {
		return v
	}
	b = b[len(line):]
	if len(b) > 0 && b[0] != connect && b[0] != associate || len(b) > 1 && b[1] != 1 && b[1] != 3 && b[1] != 4 {
		return No
	}
	if len(b) < 3 {
		return NeedMore
	}
	at := 8 // IPv4 address and port
	switch b[1] {
	case 3:
		at = 5 + int(b[2])
	case 4:
		at = 20
	}
	v := begins(behind(b, at), line)
	if v == Match && b[1] == 3 {
		putHost(res, b[3:at-2])
	}
	return v
}
