package detect

import "netifyd/core/proto"

const autoRPPort = 496

// Auto-RP, by which Cisco's routers tell who is a rendezvous point of multicast
// (Cisco, "Auto-RP: automatic configuration of rendezvous points"): version 1
// and a type, number of points, hold time, four reserved bytes; each point is
// an address, a PIM version, and a number of groups of six bytes.
var autoRPCard = Protocol{ID: proto.AutoRP, Over: UDP, Ports: []uint16{autoRPPort}, First: "\x11\x12", Inspect: inspectAutoRP}

func inspectAutoRP(in *Input, _ *Result) Verdict {
	const header, point, group = 8, 6, 6
	d := in.Newest()
	if !in.HasPort(autoRPPort) || len(d) < header+point || d[0] != 0x11 && d[0] != 0x12 || d[1] == 0 || !isZero(d[4:8]) {
		return No
	}
	b := d[header:]
	for range int(d[1]) {
		if len(b) < point || b[4]&0xfc != 0 || b[0] == 0 {
			return No
		}
		size := point + group*int(b[5])
		if size > len(b) {
			return No
		}
		b = b[size:]
	}
	if len(b) >= group { // some fill the datagram
		return No
	}
	return Match
}
