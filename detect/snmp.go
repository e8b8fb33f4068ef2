package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Tags of BER (X.690) that a message is made of.
const (
	berInteger  = 0x02
	berOctets   = 0x04
	berSequence = 0x30
)

// SNMP versions 1, 2c and 3 (RFC 1157, 1901 and 3412) over UDP: a sequence that
// fills the datagram, the version, and what that version lets follow. Over TCP
// such sequences follow each other (RFC 3430).
var snmpCard = Protocol{ID: proto.SNMP, Over: TCP | UDP, Ports: []uint16{161, 162}, First: "\x30", Limit: snmpLongest, Inspect: inspectSNMP}

// snmpLongest is the message that each side of a TCP connection takes (RFC 3430, section 2.2).
const snmpLongest = 8192

func inspectSNMP(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		return snmpMessage(in.Newest(), res)
	}
	b := in.ToServer
	if len(b) == 0 {
		b = in.ToClient
	}
	n, v := snmpLength(b)
	if v != Match {
		return v
	}
	return snmpMessage(b[:n], res)
}

// snmpLength is how long the message is that b begins with. NeedMore: its end
// is not there, and all that is fits: the sequence, the version, what follows it.
func snmpLength(b []byte) (n int, v Verdict) {
	c := wire.New(b)
	if tag := c.U8(); c.Ok() && tag != berSequence || len(b) > 1 && b[1] > 0x82 {
		return 0, No
	}
	n, definite := berSize(&c)
	switch {
	case !c.Ok():
		return 0, NeedMore
	case !definite:
		return 0, No
	}
	header := c.Offset()
	n += header
	if n < 12 || n > snmpLongest {
		return 0, No
	}
	for i, c := range b[header:min(len(b), header+4)] {
		switch {
		case i == 0 && c != berInteger, i == 1 && c != 1, i == 2 && c > 3:
			return 0, No
		case i == 3 && (b[header+2] == 3 && c != berSequence || b[header+2] != 3 && c != berOctets):
			return 0, No
		}
	}
	if len(b) < n {
		return 0, NeedMore
	}
	return n, Match
}

// snmpMessage judges one whole message.
func snmpMessage(d []byte, res *Result) Verdict {
	if len(d) < 12 || d[0] != berSequence {
		return No
	}
	c := wire.New(d)
	c.U8()
	if n, ok := berLength(&c); !ok || n != c.Len() {
		return No
	}
	version, ok := berSmall(&c)
	if !ok {
		return No
	}
	name := ""
	switch version {
	case 0, 1:
		ok = soundCommunity(&c)
		name = [...]string{"1", "2c"}[version]
	case 3:
		ok = soundSNMPv3(&c)
		name = "3"
	default:
		ok = false
	}
	if !ok {
		return No
	}
	res.PutString(attr.SNMPVersion, name)
	return Match
}

// soundCommunity accepts the community and a protocol data unit to the end:
// tags 0xa0 to 0xa8 (RFC 3416, section 3).
func soundCommunity(c *wire.Cursor) bool {
	if c.U8() != berOctets {
		return false
	}
	n, ok := berLength(c)
	if !ok {
		return false
	}
	c.Skip(n)
	tag := c.U8()
	n, ok = berLength(c)
	return ok && tag >= 0xa0 && tag <= 0xa8 && n == c.Len()
}

// soundSNMPv3 accepts msgGlobalData (RFC 3412, section 6): identifier, largest
// size, one byte of flags, security model; then the security parameters.
func soundSNMPv3(c *wire.Cursor) bool {
	if c.U8() != berSequence {
		return false
	}
	n, ok := berLength(c)
	end := c.Offset() + n
	for range 2 {
		if c.U8() != berInteger {
			return false
		}
		size, good := berLength(c)
		if !good || size < 1 || size > 5 {
			return false
		}
		c.Skip(size)
	}
	if tag, one, flags := c.U8(), c.U8(), c.U8(); tag != berOctets || one != 1 || flags > 7 {
		return false
	}
	model, good := berSmall(c)
	return ok && good && model >= 1 && c.Offset() == end && c.U8() == berOctets && c.Ok()
}

// berLength is berSize of something that is there to its end.
func berLength(c *wire.Cursor) (n int, ok bool) {
	n, ok = berSize(c)
	return n, ok && c.Ok() && n <= c.Len()
}

// berSize reads a definite length (X.690, section 8.1.3) of up to three bytes;
// false: it is none.
func berSize(c *wire.Cursor) (n int, definite bool) {
	first := c.U8()
	switch first {
	case 0x81:
		n = int(c.U8())
	case 0x82:
		n = int(c.U16())
	case 0x83:
		n = int(c.U24())
	default:
		n = int(first)
	}
	return n, first < 0x80 || first > 0x80 && first <= 0x83
}

// berSmall reads an integer of one byte.
func berSmall(c *wire.Cursor) (v uint8, ok bool) {
	tag, n := c.U8(), c.U8()
	v = c.U8()
	return v, c.Ok() && tag == berInteger && n == 1
}
