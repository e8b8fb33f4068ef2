package detect

import "netifyd/core/proto"

const aodvPort = 654

// Ad hoc On-Demand Distance Vector routing (RFC 3561, section 5): four kinds of
// message, of fixed length but for the errors, and extensions behind.
var aodvCard = Protocol{ID: proto.AODV, Over: UDP, Ports: []uint16{aodvPort}, First: "\x01\x02\x03\x04", Inspect: inspectAODV}

func inspectAODV(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if !in.HasPort(aodvPort) || len(d) < 2 {
		return No
	}
	sound := false
	switch d[0] {
	case 1: // route request: flags, reserved bits, hops, identifier, two addresses
		sound = aodvExtended(d, 24) && d[1]&7 == 0 && d[2] == 0 && !isZero(d[8:12]) && !isZero(d[16:20])
	case 2: // reply
		sound = aodvExtended(d, 20) && d[1]&0x3f == 0 && d[2] < 32 && !isZero(d[4:8]) && !isZero(d[12:16])
	case 3: // error: number of destinations
		sound = len(d) >= 12 && d[1]&0x7f == 0 && d[2] == 0 && d[3] > 0 && len(d) == 4+8*int(d[3])
	case 4: // acknowledgement
		sound = len(d) == 2 && d[1] == 0
	}
	if sound {
		return Match
	}
	return No
}

// aodvExtended says that extensions, of type, length and value, fill what
// follows a message of n bytes (RFC 3561, section 9).
func aodvExtended(d []byte, n int) bool {
	for len(d) > n {
		if len(d) < n+2 || d[n] == 0 {
			return false
		}
		n += 2 + int(d[n+1])
	}
	return len(d) == n
}
