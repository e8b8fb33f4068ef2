package detect

import "netifyd/core/proto"

const panaPort = 716

// The Protocol for carrying Authentication for Network Access (RFC 5191,
// section 6): reserved bytes, the datagram's length, flags, four types, session
// and sequence, and attributes that fill the rest, each in whole words.
var panaCard = Protocol{ID: proto.PANA, Over: UDP, Ports: []uint16{panaPort}, First: "\x00", Inspect: inspectPANA}

func inspectPANA(in *Input, _ *Result) Verdict {
	const header, attribute, flags, lastType, vendor = 16, 8, 0x07ff, 4, 0x8000
	d := in.Newest()
	if !in.HasPort(panaPort) || len(d) < header || be16(d) != 0 || be16(d[2:]) != len(d) || be16(d[4:])&flags != 0 {
		return No
	}
	if t := be16(d[6:]); t < 1 || t > lastType {
		return No
	}
	for b := d[header:]; len(b) > 0; {
		if len(b) < attribute {
			return No
		}
		size := attribute + be16(b[4:])
		if be16(b[2:])&vendor != 0 {
			size += 4
		}
		if size = (size + 3) &^ 3; size > len(b) {
			return No
		}
		b = b[size:]
	}
	return Match
}
