package detect

import "netifyd/core/proto"

// Raft between servers, in two forms. Canonical's C library (dqlite; its
// "uv_tcp" transport) begins with words of eight bytes, little-endian:
// version 1, server, length of an address, the address. HashiCorp's Go library
// sends the kind of call and a MessagePack map that holds "RPCHeader".
var raftCard = Protocol{ID: proto.Raft, Over: TCP, Limit: 512, Inspect: inspectRaft}

func inspectRaft(in *Input, _ *Result) Verdict {
	b := in.ToServer
	a, h := raftHandshake(b), raftCall(b)
	return max(a, h)
}

func raftHandshake(b []byte) Verdict {
	if v := begins(b, "\x01\x00\x00\x00\x00\x00\x00\x00"); v != Match {
		return v
	}
	const header, longest = 24, 256
	if len(b) < header {
		return NeedMore
	}
	n := le32(b[16:])
	if !isZero(b[20:24]) || n < 8 || n > longest || n%8 != 0 {
		return No
	}
	address := b[header:min(len(b), header+int(n))]
	port := 0 // digits behind the colon
	for i, c := range address {
		switch {
		case c == 0:
			if port > 1 {
				return Match
			}
			return No
		case c == ':':
			if i == 0 {
				return No
			}
			port = 1
		case port > 0 && '0' <= c && c <= '9':
			port++
		case c <= ' ' || c >= 0x7f:
			return No
		}
	}
	if len(address) < int(n) {
		return NeedMore
	}
	return No
}

// raftCall wants a kind below 5, a small map, a key of printable letters, and
// the name "RPCHeader" among the keys.
func raftCall(b []byte) Verdict {
	const maxKind, name = 4, "RPCHeader"
	if len(b) > 1 && b[0] == 1 && b[1] <= maxKind {
		b = b[1:] // what Consul says the connection is for
	}
	if len(b) > 0 && b[0] > maxKind || len(b) > 1 && (b[1]&0xf0 != 0x80 || b[1] == 0x80) || len(b) > 2 && b[2]&0xe0 != 0xa0 {
		return No
	}
	for i, c := range b[min(len(b), 3):min(len(b), 6)] {
		if (c < 'A' || c > 'Z') && (i == 0 || c < 'a' || c > 'z') {
			return No
		}
	}
	for i := 3; i+len(name) <= len(b); i++ {
		if string(b[i:i+len(name)]) == name {
			return Match
		}
	}
	return NeedMore
}
