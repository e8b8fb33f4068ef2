package detect

import "netifyd/core/proto"

// Aerospike's wire protocol (https://aerospike.com/docs, "Wire protocol"):
// version 2, a type, and a length of six bytes. Info is lines of text;
// a record's message has a header of 22 bytes, whose length it begins with.
var aerospikeCard = Protocol{ID: proto.Aerospike, Over: TCP, Ports: []uint16{3000}, Limit: 64, Inspect: inspectAerospike}

func inspectAerospike(in *Input, _ *Result) Verdict { return eitherWay(in, aerospikeMessage) }

func aerospikeMessage(b []byte) Verdict {
	const info, message, header, messageLen = 1, 3, 8, 22
	if v := begins(b, "\x02"); v != Match {
		return v
	}
	if len(b) > 1 && b[1] != info && b[1] != message || !isZero(b[min(2, len(b)):min(5, len(b))]) {
		return No
	}
	if len(b) < header+1 {
		return NeedMore
	}
	const longest = 128 << 20
	n := int(min(be32(b[4:]), longest))
	text := b[header:min(len(b), header+n)]
	if b[1] == message {
		if n < messageLen || b[header] != messageLen {
			return No
		}
		if len(text) < 4 {
			return NeedMore
		}
		const lastInfo4 = 0x0f
		if text[3]&^lastInfo4 != 0 { // the fourth is unused or holds four flags
			return No
		}
		return Match
	}
	for i, c := range text {
		switch {
		case c == '\n' && i > 2:
			return Match
		case (c < ' ' || c > '~') && c != '\t':
			return No
		}
	}
	if len(text) == n || len(text) > 40 {
		return No
	}
	return NeedMore
}
