package detect

import "netifyd/core/proto"

// sFlow version 5 (sflow.org, "sFlow Version 5", section 5) and versions 2 and
// 4 (RFC 3176): version, kind of address, the agent's address, counters, and
// samples of known kinds.
var sflowCard = Protocol{ID: proto.SFlow, Over: UDP, Ports: []uint16{6343}, First: "\x00", Inspect: inspectSFlow}

func inspectSFlow(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const ipv4, ipv6 = 1, 2
	if len(d) < 28 || d[0]|d[1]|d[2] != 0 || d[3] != 5 && d[3] != 4 && d[3] != 2 {
		return No
	}
	at := 8
	if d[8] == 0 { // no address begins so
		return No
	}
	switch be32(d[4:]) {
	case ipv4:
		at += 4
	case ipv6:
		at += 16
	default:
		return No
	}
	if d[3] == 5 {
		at += 4 // the agent's part
	}
	at += 8 // sequence number, time since start
	if len(d) < at+4 {
		return No
	}
	count := be32(d[at:])
	if at += 4; count == 0 || count > 256 || len(d) < at+8 {
		return No
	}
	if d[3] == 5 && !sflowSamples(d[at:], in.Lost, count) {
		return No
	}
	kind, size := be32(d[at:]), be32(d[at+4:])
	if d[3] != 5 {
		if !in.HasPort(6343) || kind != 1 && kind != 2 {
			return No
		}
		return Match
	}
	// Kinds of the standard are below 6; others have a number of their enterprise.
	if kind == 0 || kind > 5 && kind>>12 == 0 || size < 8 || size > uint32(in.size(d)-at-8) || size%4 != 0 {
		return No
	}
	return Match
}

// sflowSamples says that so many samples end where the datagram does, or lie behind where it was cut.
func sflowSamples(b []byte, lost int, count uint32) bool {
	for ; count > 0; count-- {
		if len(b) < 8 {
			return lost > 0
		}
		n := be32(b[4:])
		if n > uint32(len(b)-8) {
			return n <= uint32(len(b)-8+lost)
		}
		b = b[8+n:]
	}
	return len(b) == 0
}
