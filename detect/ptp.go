package detect

import "netifyd/core/proto"

// The Precision Time Protocol, version 2 (IEEE 1588-2008 and -2019, clause 13):
// kind, version, length, and a control field that version 1's receivers read,
// which the kind fixes. IPv6 adds two bytes at the end (annex D of 1588-2019).
var ptpCard = Protocol{ID: proto.PTPv2, Over: UDP, Ports: []uint16{319, 320}, Inspect: inspectPTP}

func inspectPTP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header = 34
	if len(d) < header || d[1]&15 != 2 || d[1]>>4 > 1 {
		return No
	}
	kind := ptpKinds[d[0]&15]
	length := be16(d[2:])
	if kind.least == 0 || length < kind.least || length > len(d) || len(d)-length > 2 {
		return No
	}
	if d[32] != kind.control && !(d[1]>>4 == 1 && d[32] == 0) {
		return No
	}
	// A clock has an identity, which elsewhere than at the ports must be one made of an address (EUI-64).
	if isZero(d[20:28]) || !in.HasPort(319) && !in.HasPort(320) && (d[23] != 0xff || d[24] != 0xfe) {
		return No
	}
	return Match
}

// ptpKinds holds the least length and the control field by kind (tables 36 and 42).
var ptpKinds = [16]struct {
	least   int
	control byte
}{
	0x0: {44, 0}, 0x1: {44, 1}, 0x2: {54, 5}, 0x3: {54, 5},
	0x8: {44, 2}, 0x9: {54, 3}, 0xa: {54, 5}, 0xb: {64, 5}, 0xc: {44, 5}, 0xd: {48, 4},
}
