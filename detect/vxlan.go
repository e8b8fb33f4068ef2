package detect

import "netifyd/core/proto"

// VXLAN (RFC 7348, section 5) that carries something other than IP; inner IP
// packets are looked into elsewhere. One flag of eight bits, reserved bytes
// zero, and an Ethernet frame behind them.
var vxlanCard = Protocol{ID: proto.VXLAN, Over: UDP, Ports: []uint16{4789, 8472, gpePort}, First: "\x08\x0c\x0d", Inspect: inspectVXLAN}

func inspectVXLAN(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if in.HasPort(gpePort) && soundGPE(d) {
		return Match
	}
	const header, ethernet = 8, 14
	if len(d) < header+ethernet || be32(d) != 0x08000000 || d[7] != 0 {
		return No
	}
	// The sender of a frame is one station (no group bit).
	frame := d[header:]
	kind := be16(frame[12:])
	if !in.HasPort(4789) && !in.HasPort(8472) && (isZero(frame[6:9]) || isZero(frame[:3]) || !isWithin(kind, frame[ethernet:])) {
		return No
	}
	if frame[6]&1 != 0 || isZero(frame[6:12]) || !isEtherType(kind) && !(kind <= len(frame)-ethernet && isLLC(frame[ethernet:])) {
		return No
	}
	return Match
}

// isEtherType knows what Ethernet mostly carries: IP, ARP, tags, MPLS, PPPoE,
// port access, discovery of neighbours, MACsec, time, continuity checks, loops.
func isEtherType(kind int) bool {
	switch kind {
	case 0x0800, 0x86dd, 0x0806, 0x8035, 0x8100, 0x88a8, 0x8847, 0x8848, 0x8863, 0x8864, 0x888e, 0x88cc, 0x88e5, 0x88f7, 0x8902, 0x8809, 0x9000, 0x6558, 0x894f:
		return true
	}
	return false
}

// isLLC wants spanning tree, SNAP, IPX or IS-IS behind a length (IEEE 802.2).
func isLLC(b []byte) bool {
	if len(b) < 3 || b[0] != b[1] || b[2] != 3 {
		return false
	}
	return b[0] == 0x42 || b[0] == 0xaa || b[0] == 0xe0 || b[0] == 0xfe
}

// isWithin says that what follows an EtherType or a length begins as it must.
func isWithin(kind int, b []byte) bool {
	switch kind {
	case 0x0800:
		return len(b) >= 20 && b[0]>>4 == 4 && be16(b[2:]) <= len(b)
	case 0x86dd:
		return len(b) >= 40 && b[0]>>4 == 6
	case 0x0806:
		return len(b) >= 8 && be32(b) == 0x00010800
	case 0x8100, 0x88a8: // tags
		return len(b) >= 4 && isWithin(be16(b[2:]), b[4:])
	case 0x88cc: // the first of LLDP is the chassis, type 1
		return len(b) >= 2 && b[0] == 2
	}
	return kind <= len(b) && isLLC(b)
}

// gpePort is that of the Generic Protocol Extension.
const gpePort = 4790

// soundGPE checks flags, reserved bytes and next protocol of the extension
// (draft-ietf-nvo3-vxlan-gpe-13, section 3).
func soundGPE(d []byte) bool {
	const header, identified, last = 8, 0x0c, 5
	return len(d) > header && d[0]&^1 == identified && d[1] == 0 && d[2] == 0 && d[3] >= 1 && d[3] <= last && d[7] == 0
}
