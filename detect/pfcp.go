package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// The Packet Forwarding Control Protocol (3GPP TS 29.244, sections 7.2 and
// 8.1): version 1, the datagram's length, and elements that fill it and begin
// with one that the message wants first.
var pfcpCard = Protocol{ID: proto.PFCP, Over: UDP, Ports: []uint16{8805}, First: bytesBetween(0x20, 0x27), Inspect: inspectPFCP}

func inspectPFCP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const spare, following, withSEID = 0x18, 0x04, 0x01
	if len(d) < 8 || d[0]>>5 != 1 || d[0]&spare != 0 || !isPFCPMessage(d[1]) {
		return No
	}
	n := 4 + be16(d[2:])
	if n > len(d) || n != len(d) && d[0]&following == 0 || (d[1] >= 50) != (d[0]&withSEID != 0) {
		return No
	}
	c := wire.New(d[4:n])
	if d[0]&withSEID != 0 {
		c.Skip(8)
	}
	c.Skip(3) // sequence number
	if c.U8()&0x0f != 0 || !c.Ok() {
		return No
	}
	found := 0
	for c.Len() > 0 {
		kind := c.U16()
		if kind == 0 || kind&0x7fff > 400 { // the highest in release 18 is below; from 32768 on they are the vendor's
			return No
		}
		c.Skip(int(c.U16()))
		found++
	}
	if !c.Ok() || found == 0 && !in.HasPort(8805) {
		return No
	}
	return Match
}

// isPFCPMessage knows the types of table 7.3-1.
func isPFCPMessage(kind uint8) bool {
	return kind >= 1 && kind <= 17 || kind >= 50 && kind <= 57
}
