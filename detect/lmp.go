package detect

import "netifyd/core/proto"

const lmpPort = 701

// The Link Management Protocol (RFC 4204, section 12): version 1, reserved bits
// zero, the datagram's length, and objects that fill it.
var lmpCard = Protocol{ID: proto.LMP, Over: UDP, Ports: []uint16{lmpPort}, First: "\x10", Inspect: inspectLMP}

func inspectLMP(in *Input, _ *Result) Verdict {
	const header, lastType = 8, 40
	d := in.Newest()
	if !in.HasPort(lmpPort) || len(d) < header || d[0] != 0x10 || d[1] != 0 || d[3] == 0 || d[3] > lastType || be16(d[4:]) != len(d) {
		return No
	}
	for b := d[header:]; len(b) > 0; {
		if len(b) < 4 {
			return No
		}
		size := be16(b[2:])
		if size < 4 || size%4 != 0 || size > len(b) || b[1] == 0 {
			return No
		}
		b = b[size:]
	}
	return Match
}
