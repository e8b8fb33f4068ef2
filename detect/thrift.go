package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Apache Thrift (its "Thrift Binary protocol encoding" and "Thrift Compact
// protocol encoding"): version and kind of message, and the name of a method.
// Over TCP a length may stand before it.
var thriftCard = Protocol{ID: proto.Thrift, Over: UDP, Ports: []uint16{6831, 6832}, First: "\x80\x82", Inspect: inspectThriftDatagram}

var thriftTCPCard = Protocol{ID: proto.Thrift, Over: TCP, Ports: []uint16{9090}, Limit: 256, Inspect: inspectThrift}

func inspectThrift(in *Input, _ *Result) Verdict { return eitherWay(in, thriftStream) }

// inspectThriftDatagram also wants the stop field that ends a message's struct.
func inspectThriftDatagram(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) > 8 && d[len(d)-1] == 0 && max(thriftBinary(d), thriftCompact(d)) == Match {
		return Match
	}
	return No
}

func thriftStream(b []byte) Verdict {
	v := max(thriftBinary(b), thriftCompact(b))
	if v != No || b[0] != 0 {
		return v
	}
	if len(b) < 5 {
		return NeedMore
	}
	const least, largest = 12, 1 << 24
	if n := be32(b); n < least || n > largest {
		return No
	}
	return max(thriftBinary(b[4:]), thriftCompact(b[4:]))
}

// thriftBinary reads the strict binary form: 0x8001, 0, kind, length of the name, name.
func thriftBinary(b []byte) Verdict {
	if v := begins(b, "\x80\x01\x00"); v != Match {
		return v
	}
	if len(b) > 3 && (b[3] < 1 || b[3] > 4) {
		return No
	}
	if len(b) < 8 {
		return NeedMore
	}
	n := be32(b[4:])
	if n > 128 {
		return No
	}
	return thriftName(b[8:], int(n))
}

// thriftCompact reads the compact form: 0x82, kind and version 1, sequence
// number as a varint, length of the name, name.
func thriftCompact(b []byte) Verdict {
	if len(b) > 0 && b[0] != 0x82 || len(b) > 1 && (b[1]&0x1f != 1 || b[1]>>5 < 1 || b[1]>>5 > 4) {
		return No
	}
	c := wire.New(b)
	c.Skip(2)
	for i := 0; ; i++ {
		if x := c.U8(); x&0x80 == 0 {
			break
		}
		if i == 5 {
			return No
		}
	}
	n := c.U8()
	if !c.Ok() {
		return NeedMore
	}
	return thriftName(c.Rest(), int(n))
}

// thriftName wants an identifier, which may be prefixed by its service and a colon.
func thriftName(b []byte, n int) Verdict {
	const least, most = 3, 127
	if n < least || n > most {
		return No
	}
	for i, c := range b[:min(len(b), n)] {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c != ':' && c != '.' && (c < '0' || c > '9')) {
			return No
		}
	}
	if len(b) < n {
		return NeedMore
	}
	return Match
}
