package detect

import "netifyd/core/proto"

// Gnutella (RFC-Gnutella 0.6, section 2.1): a line each way; files are asked for in HTTP, with a number or a hash.
var gnutellaCard = Protocol{ID: proto.Gnutella, Over: TCP, Ports: []uint16{6346}, Limit: 128, Inspect: inspectGnutella}

var gnutellaUDPCard = Protocol{ID: proto.Gnutella, Over: UDP, Ports: []uint16{6346}, Inspect: inspectGnutellaUDP}

func inspectGnutella(in *Input, _ *Result) Verdict {
	best := NeedMore
	for _, b := range [2][]byte{in.ToServer, in.ToClient} {
		v := max(begins(b, "GNUTELLA CONNECT/0."), begins(b, "GNUTELLA/0.6 "), begins(b, "GND "), begins(b, "GIV "))
		switch {
		case v == Match:
			return v
		case v == No:
			best = No
		}
	}
	return best
}

// inspectGnutellaUDP recognises messages by their head: random identifier, kind,
// time to live, hops, length of the rest (section 2.2); those of LimeWire's
// distributed hash table, with a version in place of the two counts; and
// Gnutella2's fragments (http://g2.doxu.org, "UDP Transceiver").
func inspectGnutellaUDP(in *Input, _ *Result) Verdict {
	const header, furthest = 23, 7
	d := in.Newest()
	if len(d) >= 8 && string(d[:3]) == "GND" && d[3]&^3 == 0 && d[6] >= 1 && (d[6] <= d[7] && d[7] <= 32 || d[7] == 0 && len(d) == 8) {
		return Match
	}
	if len(d) < header || le32(d[19:]) != uint32(len(d)-header) || !looksRandom(d[:16]) {
		return No
	}
	life, hops := d[17], d[18]
	const extensions = 0xc3 // GGEP
	if d[16] == 0 && (len(d) > header && d[header] != extensions || life == 0) || d[16] == 1 && len(d) < header+14 {
		return No // a ping whose life is over is not passed on
	}
	switch d[16] {
	case 0x00, 0x01, 0x31, 0x40, 0x80, 0x81: // ping, pong, vendor's, push, query, hits
		if life <= furthest && hops <= furthest && life+hops > 0 {
			return Match
		}
	case 0x44:
		if life == 0 && hops <= 1 {
			return Match
		}
	}
	return No
}
