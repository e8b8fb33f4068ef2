package detect

import "netifyd/core/proto"

// Control networks tunnelled over IP (EN 14908-4, ANSI/CEA-852, clause 7): the
// length of the packet, version 1, kind, size of an extended header in words,
// flags, vendor, session, sequence and time.
var cnipCard = Protocol{ID: proto.CNPIP, Over: UDP, Ports: []uint16{1628, 1629}, Inspect: inspectCNPIP}

func inspectCNPIP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header = 20
	if len(d) < header || be16(d) != len(d) || d[2] != 1 || !isCNPKind(d[3]) || header+4*int(d[4]) > len(d) {
		return No
	}
	// Flags: the five low bits are the carried protocol, 0 for LonTalk's EN 14908-1.
	const vendors = 16
	if (d[5]&0x1f > 2 || be16(d[6:]) >= vendors) && !in.HasPort(1628) && !in.HasPort(1629) {
		return No
	}
	return Match
}

func isCNPKind(k byte) bool {
	switch k {
	case 0x01, 0x03, 0x04, 0x06, 0x07, 0x08, 0x60, 0x63, 0x64, 0x66, 0x68, 0x70, 0x71, 0x7f:
		return true
	}
	return false
}
