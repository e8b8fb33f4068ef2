package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Xiaomi: the push service of its phones (TCP 5222; mark 0xc2fe, version 5,
// length of the body (4), body, checksum (4)), and miIO, by which its home
// devices are driven (UDP 54321; mark 0x2131, length of the datagram (2), four
// bytes of zero or ones, device (4), time (4), MD5 (16)), after open clients.
var xiaomiCard = Protocol{ID: proto.Xiaomi, Over: TCP | UDP, Ports: []uint16{54321, 5222}, First: "\x21", Limit: xiaomiLimit, Inspect: inspectXiaomi}

const xiaomiLimit = 1024

func inspectXiaomi(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		return miioDatagram(in.Newest())
	}
	v := eitherWay(in, xiaomiPush)
	if v == Match {
		down := xiaomiConnect(in.ToClient, res) // either may be the phone, where the opening was not seen
		if in.Opened {
			forget(res, attr.HostName, attr.HTTPUserAgent)
		}
		res.More = !xiaomiConnect(in.ToServer, res) || !down
	}
	return v
}

// xiaomiConnect reads a phone's first message, two fields of two bytes (kind,
// length of the head), the length of the rest, and both in the encoding of
// Protocol Buffers: the head names the command, "CONN", the rest begins with a
// version and tells the phone's model (2) and the server that it looked for (7).
func xiaomiConnect(b []byte, res *Result) (done bool) {
	const mark, header, command, model, server = 8, 16, 5, 2, 7
	c := wire.New(b)
	c.Skip(mark + 2)
	n := int(c.U16())
	size := int(min(c.U32(), 1<<16))
	head := c.Bytes(n)
	rest := c.Rest()
	if !c.Ok() || string(protobufText(head, command)) != "CONN" {
		return len(b) >= header+n
	}
	if len(rest) < size && len(b) < xiaomiLimit {
		return false
	}
	rest = rest[:min(size, len(rest))]
	if begins(rest, "\x08") != Match { // the server's answer, whose first field is text
		return true
	}
	if text := protobufText(rest, model); len(text) > 0 {
		res.Put(attr.HTTPUserAgent, text)
	}
	putHost(res, withoutPort(protobufText(rest, server)))
	return true
}

// protobufText is the bytes of the first field of that number; nil where there is none.
func protobufText(b []byte, number uint64) []byte {
	const varint, text = 0, 2
	c := wire.New(b)
	for c.Len() > 0 {
		key, _ := protobufVarint(&c)
		switch key & 7 {
		case varint:
			protobufVarint(&c)
		case text:
			n, _ := protobufVarint(&c)
			v := c.Bytes(int(min(n, 1<<16)))
			if key>>3 == number && c.Ok() {
				return v
			}
		default:
			return nil
		}
	}
	return nil
}

func xiaomiPush(b []byte) Verdict {
	if v := begins(b, "\xc2\xfe\x00\x05\x00"); v != Match {
		return v
	}
	if len(b) < 8 {
		return NeedMore
	}
	return Match
}

func miioDatagram(d []byte) Verdict {
	const header = 32
	if len(d) < header || begins(d, "\x21\x31") != Match || be16(d[2:]) != len(d) || (len(d)-header)%16 != 0 {
		return No
	}
	if w := be32(d[4:]); w != 0 && w != 0xffffffff {
		return No
	}
	return Match
}
