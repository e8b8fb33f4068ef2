package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// CAN frames (ISO 11898) in datagrams, in two forms: one that begins with the
// name of the standard and a version, and cannelloni's (version 2, operation,
// sequence, count, and so many frames that end with the datagram;
// https://github.com/mguentner/cannelloni, "Data Frames").
var canbusCard = Protocol{ID: proto.CAN, Over: UDP, Ports: []uint16{11898, 20000}, First: "I\x02", Inspect: inspectCAN}

func inspectCAN(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) > 9 && begins(d, "ISO11898") == Match || isCannelloni(d) {
		return Match
	}
	return No
}

func isCannelloni(d []byte) bool {
	const version, data, extended, remote, errors = 2, 0, 0x80000000, 0x40000000, 0x20000000
	const flexible, maxStandard, maxClassic, maxFlexible = 0x80, 0x7ff, 8, 64
	c := wire.New(d)
	if c.U8() != version || c.U8() != data {
		return false
	}
	c.U8() // sequence
	count, bytes := int(c.U16()), 0
	if count == 0 || count > 512 {
		return false
	}
	for range count {
		id, n := c.U32(), c.U8()
		if id&errors != 0 || id&extended == 0 && id&^(extended|remote) > maxStandard {
			return false
		}
		most := uint8(maxClassic)
		if n&flexible != 0 {
			n &^= flexible
			if most = maxFlexible; n > maxClassic && n&3 != 0 {
				return false // 12, 16, 20, 24, 32, 48, 64
			}
			c.U8() // flags of CAN FD
		}
		if n > most {
			return false
		}
		if id&remote == 0 {
			c.Skip(int(n))
			bytes += int(n)
		}
		if !c.Ok() {
			return false
		}
	}
	return c.Len() == 0 && bytes > 1
}
