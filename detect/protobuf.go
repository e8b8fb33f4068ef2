package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Protocol Buffers (protobuf.dev, "Encoding") have neither magic nor length,
// so this is a guess: three datagrams that each parse to their end, with
// fields in rising order from one of the first, numbers and text among them,
// and that begin with the same field.
// Fields 1 to 3 of each known kind, and the same with the bit of a number
// that goes on, in zeros.
var protobufCard = Protocol{ID: proto.Protobuf, Over: UDP, First: "\x08\x09\x0a\x0d\x10\x11\x12\x15\x18\x19\x1a\x1d\x88\x89\x8a\x8d\x90\x91\x92\x95\x98\x99\x9a\x9d", Limit: 4096, Tier: Heuristic, Inspect: inspectProtobuf}

func inspectProtobuf(in *Input, _ *Result) Verdict {
	const enough = 3
	var first byte
	n := 0
	for d, _, at := in.Datagram(0); d != nil; d, _, at = in.Datagram(at) {
		if !isProtobuf(d) || n > 0 && d[0] != first {
			return No
		}
		first = d[0]
		n++
	}
	if n < enough {
		return NeedMore
	}
	return Match
}

// isProtobuf walks the fields of one message.
func isProtobuf(d []byte) bool {
	const least, maxFirst, maxField, leastText = 12, 3, 64, 4
	const varint, fixed64, bytes, fixed32 = 0, 1, 2, 5
	if len(d) < least {
		return false
	}
	c := wire.New(d)
	last, fields, numbers, texts := uint64(0), 0, 0, 0
	for c.Len() > 0 {
		tag, ok := protobufVarint(&c)
		field := tag >> 3
		if !ok || field == 0 || field > maxField || field < last || fields == 0 && field > maxFirst {
			return false
		}
		if field != last {
			fields++
		}
		last = field
		switch tag & 7 {
		case varint:
			if _, ok = protobufVarint(&c); !ok {
				return false
			}
			numbers++
		case fixed64:
			c.Skip(8)
			numbers++
		case fixed32:
			c.Skip(4)
			numbers++
		case bytes:
			n, ok := protobufVarint(&c)
			if !ok || n > uint64(c.Len()) {
				return false
			}
			if v := c.Bytes(int(n)); len(v) >= leastText && isText(v) {
				texts++
			}
		default:
			return false
		}
	}
	return c.Ok() && fields >= 3 && numbers > 0 && texts > 0
}

// protobufVarint reads groups of seven bits, at most ten, the least significant first.
func protobufVarint(c *wire.Cursor) (v uint64, ok bool) {
	for i := range 10 {
		b := c.U8()
		v |= uint64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return v, c.Ok()
		}
	}
	return 0, false
}
