package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Ports of GTP's parts (3GPP TS 29.060, section 10.1; TS 32.295, section 6.1).
const (
	gtpControlPort = 2123
	gtpUserPort    = 2152
	gtpPrimePort   = 3386
)

// The GPRS Tunnelling Protocol: control (TS 29.060 and, version 2, TS 29.274),
// user plane (TS 29.281) and charging (GTP', TS 32.295). The length in the
// header is the datagram's, and a message's elements fill it; where there are
// none, the port must agree. Tunnelled packets are looked into elsewhere.
var gtpCard = Protocol{ID: proto.GTPC, Over: UDP, Ports: []uint16{gtpControlPort}, First: bytesBetween(0x30, 0x37) + "\x40\x44\x48\x4c\x50\x54\x58\x5c", Inspect: inspectGTPC}

var gtpUCard = Protocol{ID: proto.GTPU, Over: UDP, Ports: []uint16{gtpUserPort}, First: bytesBetween(0x30, 0x37), Inspect: inspectGTPU}

var gtpPrimeCard = Protocol{ID: proto.GTPP, Over: UDP, Ports: []uint16{gtpPrimePort}, First: bytesBetween(0x00, 0x0f) + bytesBetween(0x20, 0x2f) + bytesBetween(0x40, 0x4f), Inspect: inspectGTPPrime}

var gtpPrimeStreamCard = Protocol{ID: proto.GTPP, Over: TCP, Ports: []uint16{gtpPrimePort}, Limit: 64, Inspect: inspectGTPPrimeStream}

func inspectGTPC(in *Input, _ *Result) Verdict {
	d := in.Newest()
	var found int
	var ok bool
	switch {
	case len(d) < 8:
		return No
	case d[0]>>5 == 1:
		found, ok = gtp1Elements(d, in.Lost)
		if isGTPUser(d[1]) && d[1] > 2 {
			return No
		}
	case d[0]>>5 == 2:
		found, ok = gtp2Elements(d, in.Lost)
	}
	if ok && (found > 0 && d[1] > 2 || in.HasPort(gtpControlPort)) {
		return Match
	}
	return No
}

// gtp1Elements checks a version 1 message: protocol type GTP, spare bit zero,
// length, sequence number, elements in rising order of type (section 7.7).
func gtp1Elements(d []byte, lost int) (found int, ok bool) {
	const prime, spare, optional = 0x10, 0x08, 0x07
	if d[0]&prime == 0 || d[0]&spare != 0 || be16(d[2:])+8 != len(d)+lost || !isGTP1Message(d[1]) {
		return 0, false
	}
	c := wire.New(d[8:])
	if d[0]&optional != 0 {
		c.Skip(4)
	}
	last := uint8(0)
	for c.Len() > 0 {
		kind := c.U8()
		if kind < last {
			return found, false
		}
		last = kind
		if kind&0x80 != 0 {
			c.Skip(int(c.U16()))
		} else if n := gtp1Size(kind); n > 0 {
			c.Skip(n)
		} else {
			return found, false
		}
		found++
	}
	return found, c.Ok() || lost > 0 && found > 1
}

// isGTP1Message knows the types of table 1 of TS 29.060 that are not the user plane's alone.
func isGTP1Message(kind uint8) bool {
	return kind >= 1 && kind <= 7 || kind >= 16 && kind <= 37 || kind >= 48 && kind <= 60 || kind == 70 || kind >= 96 && kind <= 105 || kind >= 112 && kind <= 129
}

// gtp1Size is the size of an element of type and value (table 37 of TS 29.060); 0: no such element.
func gtp1Size(kind uint8) int {
	switch kind {
	case 1, 8, 11, 13, 14, 15, 19, 20, 21, 22, 23, 24, 29:
		return 1
	case 2:
		return 8
	case 3:
		return 6
	case 4, 5, 16, 17, 127:
		return 4
	case 9:
		return 28
	case 12:
		return 3
	case 18:
		return 5
	case 25, 26, 27, 28:
		return 2
	}
	return 0
}

// gtp2Elements checks a version 2 message (TS 29.274, sections 5.1 and 8.2): spare
// bits, length, spare byte behind the sequence number, elements.
func gtp2Elements(d []byte, lost int) (found int, ok bool) {
	const spare, piggyback, withTEID = 0x03, 0x10, 0x08
	n := 4 + be16(d[2:])
	if d[0]&spare != 0 || d[1] == 0 || d[0]&piggyback == 0 && n != len(d)+lost || n > len(d)+lost {
		return 0, false
	}
	c := wire.New(d[4:min(n, len(d))])
	if d[0]&withTEID != 0 {
		c.Skip(4)
	}
	c.Skip(3) // sequence number
	if c.U8()&0x0f != 0 || !c.Ok() {
		return 0, false
	}
	for c.Len() > 0 {
		kind := c.U8()
		size := c.U16()
		if instance := c.U8(); instance&0xf0 != 0 || kind == 0 {
			return found, false
		}
		c.Skip(int(size))
		found++
	}
	return found, c.Ok() || n > len(d) && found > 1 // as many as were left
}

// isGTPUser knows the messages of the user plane (TS 29.281, section 6.1).
func isGTPUser(kind uint8) bool {
	switch kind {
	case 1, 2, 26, 31, 253, 254, 255:
		return true
	}
	return false
}

func inspectGTPU(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const version, spare = 0x30, 0x08
	if len(d) < 8 || d[0]&0xf0 != version || d[0]&spare != 0 || be16(d[2:])+8 != in.size(d) || !isGTPUser(d[1]) || !in.HasPort(gtpUserPort) {
		return No
	}
	return Match
}

// inspectGTPPrime wants protocol type GTP', the port, a known type, and
// the length: of the datagram, or of the datagram less the old header of 20 bytes.
func inspectGTPPrime(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, oldHeader = 6, 20
	if len(d) < header || d[0]>>5 > 2 || d[0]&0x10 != 0 || !isGTPPrimeMessage(d[1]) {
		return No // the spare bits ought to be set; not every sender does it
	}
	size := header
	if d[0]&1 == 0 && d[0]>>5 == 0 {
		size = oldHeader
	}
	if (size+be16(d[2:]) == len(d) || header+be16(d[2:]) == len(d)) && in.HasPort(gtpPrimePort) {
		return Match
	}
	return No
}

func inspectGTPPrimeStream(in *Input, _ *Result) Verdict {
	if !in.HasPort(gtpPrimePort) {
		return No
	}
	return bothWays(in, gtpPrime)
}

func gtpPrime(b []byte) Verdict {
	if len(b) > 0 && (b[0]>>5 > 2 || b[0]&0x1e != 0x0e) || len(b) > 1 && !isGTPPrimeMessage(b[1]) {
		return No
	}
	if len(b) < 6 {
		return NeedMore
	}
	return Match
}

// isGTPPrimeMessage knows the types of TS 32.295, section 6.2.1.
func isGTPPrimeMessage(kind uint8) bool {
	return kind >= 1 && kind <= 7 || kind == 240 || kind == 241
}
