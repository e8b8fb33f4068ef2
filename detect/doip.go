package detect

import "netifyd/core/proto"

// Diagnostics over IP (ISO 13400-2:2019, clause 9): version and its inverse,
// kind of payload, and the payload's length, which the kind mostly fixes.
var doipCard = Protocol{ID: proto.DoIP, Over: TCP | UDP, Ports: []uint16{13400}, First: "\x01\x02\x03\x04\xff", Limit: 64, Inspect: inspectDoIP}

func inspectDoIP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		if d := in.Newest(); doipMessage(d) == Match && uint32(len(d)-8) == be32(d[4:]) {
			return Match
		}
		return No
	}
	if b := in.Newest(); len(b) > 0 && b[0] == 0xff { // "any" is for those who search, by datagram
		return No
	}
	return eitherWay(in, doipMessage)
}

func doipMessage(b []byte) Verdict {
	const maxVersion, any = 4, 0xff
	if len(b) > 0 && (b[0] == 0 || b[0] > maxVersion && b[0] != any) || len(b) > 1 && b[1] != ^b[0] {
		return No
	}
	if len(b) < 8 {
		return NeedMore
	}
	least, most := doipLength(be16(b[2:]))
	if n := be32(b[4:]); n < least || n > most {
		return No
	}
	return Match
}

// doipLength is what a kind of payload takes; most 0 with least 1 where the kind is none.
func doipLength(kind int) (least, most uint32) {
	const largest = 1 << 24
	switch kind {
	case 0x0000: // negative acknowledgement
		return 1, 1
	case 0x0001, 0x0007, 0x4001, 0x4003: // identification, alive check, status, power: requests of nothing
		return 0, 0
	case 0x0002: // by entity
		return 6, 6
	case 0x0003: // by vehicle
		return 17, 17
	case 0x0004: // announcement
		return 32, 33
	case 0x0005: // routing activation
		return 7, 11
	case 0x0006:
		return 9, 13
	case 0x0008:
		return 2, 2
	case 0x4002:
		return 3, 7
	case 0x4004:
		return 1, 1
	case 0x8001, 0x8002, 0x8003: // diagnostic message and its acknowledgements
		return 5, largest
	}
	return 1, 0
}
