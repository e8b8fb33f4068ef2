package detect

import "netifyd/core/proto"

// VXLAN (RFC 7348, section 5) that carries something other than IP; inner IP
// packets are looked into elsewhere. One flag of eight bits, reserved bytes
// zero, and an Ethernet frame behind them.
func init() {
	register(Protocol{ID: proto.VXLAN, Over: UDP, Ports: []uint16{4789, 8472}, Inspect: inspectVXLAN})
}

func inspectVXLAN(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, ethernet = 8, 14
	if len(d) < header+ethernet || be32(d) != 0x08000000 || d[7] != 0 {
		return No
	}
	// The sender of a frame is one station (no group bit); its type or length is sane.
	frame := d[header:]
	kind := be16(frame[12:])
	if frame[6]&1 != 0 || kind >= 1501 && kind < 0x0600 || kind < 0x0600 && kind > len(frame)-ethernet {
		return No
	}
	return Match
}
