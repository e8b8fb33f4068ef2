package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

const bacnetPort = 47808

// BACnet/IP (ANSI/ASHRAE 135, annex J.2): type 0x81, function, and the length
// of the datagram, with what the function asks for behind it.
var bacnetCard = Protocol{ID: proto.BACnet, Over: UDP, Ports: []uint16{bacnetPort}, First: "\x81", Inspect: inspectBACnet}

func inspectBACnet(in *Input, _ *Result) Verdict {
	c := wire.New(in.Newest())
	kind, function, length := c.U8(), c.U8(), int(c.U16())
	if kind != 0x81 || length != len(in.Newest()) || !c.Ok() || !soundBVLC(function, &c) {
		return No
	}
	return Match
}

func soundBVLC(function uint8, c *wire.Cursor) bool {
	rest := c.Len()
	switch function {
	case 0x00: // result
		code := c.U16()
		return rest == 2 && code <= 0x60 && code&0x0f == 0
	case 0x01, 0x03: // tables of addresses and masks
		return rest%10 == 0 && rest > 0
	case 0x02, 0x06: // reading them
		return rest == 0
	case 0x04: // forwarded, from an address
		c.Skip(6)
		return soundNPDU(c)
	case 0x05: // registering for some seconds
		return rest == 2
	case 0x07:
		return rest%10 == 0
	case 0x08:
		return rest == 6
	case 0x09, 0x0a, 0x0b:
		return soundNPDU(c)
	}
	return false
}

// soundNPDU checks the network layer (clause 6.2.2): version 1, reserved bits
// zero, and that the addresses that the control byte announces are there.
func soundNPDU(c *wire.Cursor) bool {
	version, control := c.U8(), c.U8()
	const reserved, network, destination, source = 0x50, 0x80, 0x20, 0x08
	if version != 1 || control&reserved != 0 {
		return false
	}
	for _, bit := range [...]uint8{destination, source} {
		if control&bit != 0 {
			c.Skip(2)
			n := c.U8()
			c.Skip(int(n))
			if n > 18 || bit == source && n == 0 {
				return false
			}
		}
	}
	if control&destination != 0 {
		c.Skip(1) // hops left
	}
	if control&network != 0 {
		c.U8()
		return c.Ok()
	}
	const maxAPDU = 7 // types of clause 20.1
	return c.U8()>>4 <= maxAPDU && c.Ok()
}
