package detect

import (
	"netifyd/core/proto"
)

// ipProtocols are those that IP's own protocol number names (IANA, "Protocol
// Numbers"). Each has a check of its header, because the number alone is
// believed of scans and damaged packets too.
var ipProtocols = [...]struct {
	id     proto.ID
	number uint8
	as     proto.ID // what the flow is called, where not by id
	sound  func(b []byte) bool
}{
	{proto.ICMP, 1, 0, soundICMP},
	{proto.IGMP, 2, 0, soundIGMP},
	{proto.IPinIP, 4, 0, soundIPInIP},
	{proto.EGP, 8, 0, soundEGP},
	{proto.RSVP, 46, 0, soundRSVP},
	{proto.GRE, 47, 0, soundGRE},
	{proto.ESP, 50, proto.IPSEC, soundESP},
	{proto.AH, 51, proto.IPSEC, soundAH},
	{proto.ICMPv6, 58, 0, soundICMPv6},
	{proto.EIGRP, 88, 0, soundEIGRP},
	{proto.OSPF, 89, 0, soundOSPF},
	{proto.PIM, 103, 0, soundPIM},
	{proto.VRRP, 112, 0, func(b []byte) bool { return soundVRRP(b) && !isCARP(b) }},
	{proto.CARP, 112, 0, isCARP},
	{proto.PGM, 113, 0, soundPGM},
	{proto.L2TP, 115, 0, soundL2TP},
	{proto.SCTP, 132, 0, soundSCTP},
}

// ipCards gives a card to each.
func ipCards() (cards []Protocol) {
	for _, p := range ipProtocols {
		cards = append(cards, Protocol{ID: p.id, Over: IP, Inspect: func(in *Input, res *Result) Verdict {
			if in.IPProtocol != p.number || !p.sound(in.Newest()) {
				return No
			}
			if p.as != proto.Unknown {
				res.Protocol = p.as
			}
			return Match
		}})
	}
	return cards
}

// soundICMP checks the type (RFC 792 and IANA's "ICMP Parameters") and the least length.
func soundICMP(b []byte) bool {
	return len(b) >= 8 && (b[0] <= 19 || b[0] >= 30 && b[0] <= 43) && b[1] <= 16
}

// soundICMPv6 checks the type (RFC 4443, section 2.1, and IANA's "ICMPv6 Parameters").
func soundICMPv6(b []byte) bool {
	return len(b) >= 8 && (b[0] >= 1 && b[0] <= 4 || b[0] >= 128 && b[0] <= 161)
}

// soundIGMP checks the type: versions 1 to 3 (RFC 3376, section 4), DVMRP and
// PIM version 1, multicast traceroute and router discovery.
func soundIGMP(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	switch b[0] {
	case 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x1e, 0x1f, 0x22, 0x30, 0x31, 0x32:
		return true
	}
	return false
}

// soundIPInIP checks the inner version (RFC 2003, section 3).
func soundIPInIP(b []byte) bool { return len(b) >= 20 && b[0]>>4 == 4 && b[0]&15 >= 5 }

// soundEGP checks version 2 and the type (RFC 904, appendix A).
func soundEGP(b []byte) bool {
	return len(b) >= 10 && b[0] == 2 && (b[1] >= 1 && b[1] <= 5 || b[1] == 8)
}

// soundRSVP checks version 1, the type and the length (RFC 2205, section 3.1.1).
func soundRSVP(b []byte) bool {
	if len(b) < 8 || b[0]>>4 != 1 || b[1] == 0 || b[1] > 35 {
		return false
	}
	n := int(b[6])<<8 | int(b[7])
	return n >= 8 && n%4 == 0 && n <= len(b)
}

// soundGRE checks the version, and for PPTP's version 1 its protocol type (RFC 2784, RFC 2637).
func soundGRE(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	switch b[1] & 7 {
	case 0:
		return b[1]&0x78 == 0
	case 1:
		return b[2] == 0x88 && b[3] == 0x0b
	}
	return false
}

// soundESP refuses the index 0, which never goes out (RFC 4303, section 2.1).
// 1 to 255 are kept for IANA, and used all the same where keys are set by hand.
func soundESP(b []byte) bool { return len(b) >= 16 && be32(b) != 0 }

// soundAH checks length, reserved bytes and index (RFC 4302, section 2).
func soundAH(b []byte) bool {
	return len(b) >= 12 && b[2] == 0 && b[3] == 0 && (int(b[1])+2)*4 <= len(b) && be32(b[4:]) != 0
}

// soundEIGRP checks version 2 and the opcode (RFC 7868, section 6.3).
func soundEIGRP(b []byte) bool { return len(b) >= 20 && b[0] == 2 && b[1] >= 1 && b[1] <= 11 }

// soundOSPF checks version, type and length (RFC 2328, appendix A.3.1; RFC 5340, appendix A.3.1).
func soundOSPF(b []byte) bool {
	if len(b) < 16 || b[0] != 2 && b[0] != 3 || b[1] < 1 || b[1] > 5 {
		return false
	}
	n := int(b[2])<<8 | int(b[3])
	return n >= 16 && n <= len(b)
}

// soundPIM checks version 2 and the type (RFC 7761, section 4.9).
func soundPIM(b []byte) bool { return len(b) >= 4 && b[0]>>4 == 2 && b[0]&15 <= 13 }

// soundVRRP checks version, the only type, and the router's identifier (RFC 5798, section 5.1; RFC 3768).
func soundVRRP(b []byte) bool {
	return len(b) >= 8 && (b[0] == 0x21 || b[0] == 0x31) && b[1] != 0
}

// isCARP knows OpenBSD's CARP, which took VRRP's number: seven words of
// authentication in a message of 36 bytes (its netinet/ip_carp.h), which a
// VRRP message of seven addresses exceeds.
func isCARP(b []byte) bool { return len(b) == 36 && b[0] == 0x21 && b[3] == 7 }

// soundPGM checks type, ports and the length of data (RFC 3208, section 8).
func soundPGM(b []byte) bool {
	if len(b) < 16 || int(b[14])<<8|int(b[15]) > len(b) {
		return false
	}
	switch b[4] & 0x3f {
	case 0x00, 0x01, 0x04, 0x05, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d:
		return true
	}
	return false
}

// soundSCTP checks the first chunk (RFC 9260, section 3.2), with or without
// the common header before it: a packet's ports may have been read already.
func soundSCTP(b []byte) bool {
	const common = 12
	return soundChunk(b) || len(b) > common && soundChunk(b[common:])
}

func soundChunk(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	n := int(b[2])<<8 | int(b[3])
	known := b[0] <= 15 || b[0] == 64 || b[0] == 0x80 || b[0] == 0x81 || b[0] == 0x82 || b[0] == 0x84 || b[0] == 0xc0 || b[0] == 0xc1 || b[0] == 0xc2
	return known && n >= 4
}

// soundL2TP checks a control message of version 3 over IP (RFC 3931, section
// 4.1.1): session 0, and behind it flags, version and length. Data show nothing
// that others do not.
func soundL2TP(b []byte) bool {
	return len(b) >= 16 && be32(b) == 0 && b[4] == 0xc8 && b[5] == 3 && be16(b[6:]) >= 12 && be16(b[6:]) <= len(b)
}
