package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// The Label Distribution Protocol (RFC 5036, section 3.1 and 3.5): hellos over
// UDP, sessions over TCP. Version, length of the unit, type and length of the
// first message must agree.
var ldpCard = Protocol{ID: proto.LDP, Over: TCP | UDP, Ports: []uint16{646}, First: "\x00", Limit: 64, Inspect: inspectLDP}

func inspectLDP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if soundLDP(d) == Match && len(d) == 4+int(uint16(d[2])<<8|uint16(d[3])) {
			return Match
		}
		return No
	}
	if len(in.ToServer) > 0 {
		return soundLDP(in.ToServer)
	}
	return soundLDP(in.ToClient)
}

func soundLDP(b []byte) Verdict {
	c := wire.New(b)
	version := c.U16()
	if c.Ok() && version != 1 {
		return No
	}
	unit := c.U16()
	c.Skip(6) // identifier of the router and its label space
	kind := c.U16()
	length := c.U16()
	if !c.Ok() {
		if len(b) > 0 && b[0] != 0 {
			return No
		}
		return NeedMore
	}
	switch kind &^ 0x8000 {
	case 0x0001, 0x0100, 0x0200, 0x0201, 0x0202, 0x0300, 0x0301, 0x0400, 0x0401, 0x0402, 0x0403, 0x0404:
	default:
		return No
	}
	if unit > 4096 || int(length)+10 > int(unit) || length < 4 {
		return No
	}
	return ldpParameter(kind&^0x8000, int(length), b[14:])
}

// ldpParameter wants behind the number of a message the parameter that such a
// message begins with (section 3.5), where it has any.
func ldpParameter(kind uint16, length int, b []byte) Verdict {
	const number, keepAlive = 4, 0x0201
	if kind == keepAlive {
		if length != number {
			return No
		}
		return Match
	}
	if length < number+4 {
		return No
	}
	if len(b) < number+4 {
		return NeedMore
	}
	first, size := uint16(be16(b[number:]))&^0xc000, be16(b[number+2:])
	if first != ldpFirst(kind) || size > length-number-4 || size == 0 {
		return No
	}
	return Match
}

// ldpFirst is the parameter that a kind of message begins with.
func ldpFirst(kind uint16) uint16 {
	const status, addresses, hello, session, class = 0x0300, 0x0101, 0x0400, 0x0500, 0x0100
	switch kind {
	case 0x0001:
		return status
	case 0x0100:
		return hello
	case 0x0200:
		return session
	case 0x0300, 0x0301:
		return addresses
	case 0x0202: // capability (RFC 5561): any
		return 0x0506
	}
	return class
}
