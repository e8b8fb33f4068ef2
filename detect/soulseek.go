package detect

import "netifyd/core/proto"

// Soulseek (https://nicotine-plus.org/doc/SLSKPROTOCOL.html): messages with
// their length before them, numbers in little-endian order. A client logs in
// with name and password, its version, and a hash in hexadecimal digits; to
// another client it tells its name and the kind of the connection.
var soulseekCard = Protocol{ID: proto.Soulseek, Over: TCP, Ports: []uint16{2242, 2234}, Limit: 512, Inspect: inspectSoulseek}

func inspectSoulseek(in *Input, _ *Result) Verdict {
	const longest = 400
	b := in.ToServer
	switch {
	case len(b) == 0 && len(in.ToClient) == 0:
		return NeedMore
	case len(b) == 0:
		return No
	case len(b) < 5:
		return NeedMore
	}
	n := int(le32(b))
	if le32(b) > longest || n < 10 || b[4] != 1 {
		return No
	}
	whole := b[4:min(len(b), 4+n)]
	v := max(soulseekLogin(whole, n), soulseekPeer(whole, n))
	if v == Match && len(whole) < n {
		return NeedMore
	}
	return v
}

// soulseekLogin: code 1 in four bytes, name, password, version, hash, minor version.
func soulseekLogin(b []byte, n int) Verdict {
	const hash = 32
	if v := begins(b, "\x01\x00\x00\x00"); v != Match {
		return v
	}
	at := 4
	for range 2 {
		if len(b) < at+4 {
			return NeedMore
		}
		if le32(b[at:]) > uint32(n) {
			return No
		}
		at += 4 + int(le32(b[at:]))
	}
	if at+4+4+hash+4 != n {
		return No
	}
	if len(b) < n {
		return NeedMore
	}
	if le32(b[at+4:]) != hash {
		return No
	}
	for _, c := range b[at+8 : at+8+hash] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return No
		}
	}
	return Match
}

// soulseekPeer: code 1 in one byte, name, a text of one letter, a token.
func soulseekPeer(b []byte, n int) Verdict {
	if len(b) < 5 {
		return NeedMore
	}
	if le32(b[1:]) > uint32(n) {
		return No
	}
	at := 5 + int(le32(b[1:]))
	if at+4+1+4 != n {
		return No
	}
	if len(b) < n {
		return NeedMore
	}
	if kind := b[at+4]; le32(b[at:]) != 1 || kind != 'P' && kind != 'F' && kind != 'D' || !isText(b[5:at]) {
		return No
	}
	return Match
}
