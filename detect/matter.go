package detect

import "netifyd/core/proto"

// Matter over UDP (port 5540) opens a secure session with messages in the
// clear (Matter Core Specification 1.0, sections 4.4.1 and 4.4.3): flags (0x04:
// the source is named), session 0 (2), security flags 0, counter (4), source
// (8, or destination in the answer), exchange flags, opcode, exchange (2),
// protocol 0 (2), and a structure of TLVs whose first is 32 random bytes.
var matterCard = Protocol{ID: proto.Matter, Over: UDP, Ports: []uint16{5540}, First: "\x01\x04", Inspect: inspectMatter}

func inspectMatter(in *Input, _ *Result) Verdict {
	const initiator, acknowledges = 0x01, 0x02
	const paramRequest, paramResponse, sigma1, sigma2 = 0x20, 0x21, 0x30, 0x31
	d := in.Newest()
	if len(d) < 58 || d[0]&^0x05 != 0 || d[0] == 0 || d[0] == 0x05 || !isZero(d[1:4]) {
		return No
	}
	d = d[16:]
	flags, opcode := d[0], d[1]
	if !isZero(d[4:6]) || flags&^0x1f != 0 {
		return No
	}
	switch opcode {
	case paramRequest, sigma1:
		if flags&initiator == 0 {
			return No
		}
	case paramResponse, sigma2:
		if flags&initiator != 0 {
			return No
		}
	default:
		return No
	}
	d = d[6:]
	if flags&acknowledges != 0 {
		d = d[4:]
	}
	return begins(d, "\x15\x30\x01\x20")
}
