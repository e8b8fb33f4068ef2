package detect

import "netifyd/core/proto"

// Pragmatic General Multicast in UDP (RFC 3208, section 8, and its appendix F as
// OpenPGM and ZeroMQ send it): PGM's header, a check sum over all of it, and a
// length of data that the datagram has to spare for.
var epgmCard = Protocol{ID: proto.EPGM, Over: UDP, Ports: []uint16{3055, 3056, 7500}, Inspect: inspectEPGM}

func inspectEPGM(in *Input, _ *Result) Verdict {
	const header, last, options = 16, 0x0d, 0x01
	d := in.Newest()
	if len(d) < header+4 || d[4]&0xc0 != 0 || d[4] > last || !soundPGM(d) || isZero(d[8:14]) || d[6]|d[7] == 0 || be16(d) == 0 || be16(d[2:]) == 0 {
		return No
	}
	data := be16(d[14:])
	switch d[4] {
	case 0x04, 0x05: // data and repaired data: two sequence numbers, options, data
		if d[5]&options == 0 && header+8+data != len(d) || header+8+data > len(d) {
			return No
		}
	default:
		if data != 0 {
			return No
		}
	}
	if onesSum(d) != 0xffff {
		return No
	}
	return Match
}

// onesSum is the sum of words in ones' complement (RFC 1071): 0xffff where a
// check sum among them is right.
func onesSum(b []byte) uint16 {
	sum := uint32(0)
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(be16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
