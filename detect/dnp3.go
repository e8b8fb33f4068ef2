package detect

import "netifyd/core/proto"

// DNP3 (IEEE 1815-2012, clause 9.2): start bytes, length, control,
// destination, source and a checksum over those eight bytes.
var dnp3Card = Protocol{ID: proto.DNP3, Over: TCP | UDP, Ports: []uint16{20000}, First: "\x05", Limit: 64, Inspect: inspectDNP3}

func inspectDNP3(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		if dnp3Header(in.Newest()) == Match {
			return Match
		}
		return No
	}
	return eitherWay(in, dnp3Header)
}

func dnp3Header(b []byte) Verdict {
	if v := begins(b, "\x05\x64"); v != Match {
		return v
	}
	const header = 10
	if len(b) > 2 && b[2] < 5 {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if dnp3CRC(b[:header-2]) != uint16(le16(b[header-2:])) {
		return No
	}
	return Match
}

// dnp3CRC is the checksum of IEEE 1815-2012, annex E: polynomial 0x3d65, bits
// reversed, the result inverted.
func dnp3CRC(b []byte) uint16 { return ^crc16(b, 0, 0xa6bc) }
