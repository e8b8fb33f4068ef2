package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Headers of both versions (RFC 2608, section 8; RFC 2165, section 4).
const (
	slpPort    = 427
	slp2Header = 14 // up to and with the length of the language tag
	slp1Header = 12
)

// The Service Location Protocol, versions 1 and 2, over UDP and TCP. Over TCP
// the length in the header says where a message ends.
var slpCard = Protocol{ID: proto.SLP, Over: TCP | UDP, Ports: []uint16{slpPort}, First: "\x01\x02", Limit: 64, Inspect: inspectSLP}

func inspectSLP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if soundSLP(d, in.size(d), in.HasPort(slpPort)) == Match {
			return Match
		}
		return No
	}
	if len(in.ToServer) > 0 {
		return soundSLP(in.ToServer, 0, in.HasPort(slpPort))
	}
	return soundSLP(in.ToClient, 0, in.HasPort(slpPort))
}

// soundSLP judges a message of the given length, 0 where the length is not known.
func soundSLP(b []byte, length int, usualPort bool) Verdict {
	c := wire.New(b)
	version, function := c.U8(), c.U8()
	if c.Ok() && (function == 0 || function > 11) {
		return No
	}
	switch {
	case len(b) == 0:
		return NeedMore
	case version == 2:
		return soundSLP2(&c, length)
	case version == 1:
		return soundSLP1(&c, length, usualPort)
	}
	return No
}

// soundSLP2 checks the header of version 2: reserved bits of the flags are
// zero, the length is that of the message, and so is the offset of an
// extension, the language tag is a word.
func soundSLP2(c *wire.Cursor, length int) Verdict {
	size := c.U24()
	flags := c.U16()
	extension := c.U24()
	c.Skip(2) // identifier of the transaction
	tag := c.U16()
	if !c.Ok() {
		return NeedMore
	}
	if length > 0 && int(size) != length || int(size) < slp2Header || size > 1<<16 || flags&0x1fff != 0 ||
		extension >= size || tag < 2 || tag > 35 || int(tag) > int(size)-slp2Header {
		return No
	}
	for i := range tag {
		ch := c.U8()
		if !c.Ok() {
			return NeedMore
		}
		if letter := ch|0x20 >= 'a' && ch|0x20 <= 'z'; !letter && (i == 0 || ch != '-' && (ch < '0' || ch > '9')) {
			return No
		}
	}
	return Match
}

// soundSLP1 checks the header of version 1: length, reserved flags, dialect
// 0, two letters of the language and a character encoding by its number. It
// proves less than version 2's: the port or a known encoding must agree.
func soundSLP1(c *wire.Cursor, length int, usualPort bool) Verdict {
	size := c.U16()
	flags, dialect := c.U8(), c.U8()
	l1, l2, charset := c.U8(), c.U8(), c.U16()
	c.Skip(2) // identifier of the transaction
	if !c.Ok() {
		return NeedMore
	}
	if length > 0 && int(size) != length || size < slp1Header || flags&0x07 != 0 || dialect != 0 ||
		l1 < 'a' || l1 > 'z' || l2 < 'a' || l2 > 'z' {
		return No
	}
	// The encodings of RFC 2165, section 4.1: ASCII 3, UTF-8 106, and Unicode 1000 of IANA's registry.
	if !usualPort && charset != 3 && charset != 4 && charset != 106 && charset != 1000 {
		return No
	}
	return Match
}
