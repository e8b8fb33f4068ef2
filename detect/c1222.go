package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Meters by ANSI C12.22-2008, clause 5.3.4: one ACSE unit in BER with tags in
// rising order, at its end the user information, which holds an EPSEM message
// as octets of an EXTERNAL.
var c1222Card = Protocol{ID: proto.C1222, Over: TCP | UDP, Ports: []uint16{1153}, First: "\x60", Limit: 2048, Inspect: inspectC1222}

func inspectC1222(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return c1222Datagram(in.Newest())
	}
	return eitherWay(in, c1222Message)
}

func c1222Datagram(d []byte) Verdict {
	n, head := c1222Length(d)
	if head == 0 || n != len(d) || c1222Message(d) != Match {
		return No
	}
	return Match
}

// c1222Length is the whole length of the unit and where its contents begin; 0: not there yet, or none.
func c1222Length(b []byte) (n, head int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch l := int(b[1]); {
	case l < 0x80:
		return 2 + l, 2
	case l == 0x81 && len(b) > 2:
		return 3 + int(b[2]), 3
	case l == 0x82 && len(b) > 3:
		return 4 + be16(b[2:]), 4
	}
	return 0, 0
}

func c1222Message(b []byte) Verdict {
	const unit, userInformation = 0x60, 0xbe
	if len(b) > 0 && b[0] != unit || len(b) > 1 && (b[1] < 8 || b[1] > 0x82 || b[1] == 0x80) {
		return No
	}
	n, head := c1222Length(b)
	if head == 0 || len(b) < n {
		return NeedMore
	}
	c := wire.New(b[head:n])
	last := uint8(0)
	for c.Len() > 0 {
		tag := c.U8()
		if tag <= last || tag < 0xa1 || tag > userInformation {
			return No
		}
		last = tag
		value, ok := c1222Value(&c)
		if !ok {
			return No
		}
		if tag == userInformation {
			if c.Len() == 0 && isEPSEM(value) {
				return Match
			}
			return No
		}
	}
	return No
}

// isEPSEM wants an EXTERNAL (tag 0x28) that ends with octets [1].
func isEPSEM(b []byte) bool {
	c := wire.New(b)
	if c.U8() != 0x28 {
		return false
	}
	body, ok := c1222Value(&c)
	if !ok || c.Len() != 0 {
		return false
	}
	c = wire.New(body)
	for c.Len() > 0 {
		tag := c.U8()
		if _, ok := c1222Value(&c); !ok {
			return false
		}
		if tag == 0x81 {
			return c.Len() == 0
		}
	}
	return false
}

func c1222Value(c *wire.Cursor) ([]byte, bool) {
	n := int(c.U8())
	switch n {
	case 0x81:
		n = int(c.U8())
	case 0x82:
		n = int(c.U16())
	}
	v := c.Bytes(n)
	return v, c.Ok()
}
