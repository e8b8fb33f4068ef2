package detect

import "netifyd/core/proto"

// Ports of HSRP over IPv4 (RFC 2281, section 5) and of version 2 over IPv6.
const (
	hsrpPort  = 1985
	hsrpPort6 = 2029
)

// Cisco's Hot Standby Router Protocol, version 1 (RFC 2281) and version 2, whose
// messages are made of type, length and value (Cisco, "HSRP version 2"). Both ends use the port.
var hsrpCard = Protocol{ID: proto.CiscoHSRP, Over: UDP, Ports: []uint16{hsrpPort, hsrpPort6}, First: "\x00\x01\x02", Inspect: inspectHSRP}

func inspectHSRP(in *Input, _ *Result) Verdict {
	if in.ServerPort != in.ClientPort || in.ServerPort != hsrpPort && in.ServerPort != hsrpPort6 {
		return No
	}
	d := in.Newest()
	if soundHSRP1(d) || soundHSRP2(d) {
		return Match
	}
	return No
}

// soundHSRP1 checks version, opcode, state, times and the reserved byte; an
// advertisement (opcode 3) is a type and a length instead.
func soundHSRP1(d []byte) bool {
	if len(d) < 16 || d[0] != 0 || d[1] > 3 {
		return false
	}
	if d[1] == 3 {
		return d[2] == 0 && d[3] == 1
	}
	state := d[2]
	return len(d) >= 20 && state <= 16 && state&(state-1) == 0 && d[3] != 0 && d[4] >= d[3] && d[7] == 0
}

// soundHSRP2 checks that the elements fill the datagram, and the first one:
// group state (1) of version 2, or interface state (2).
func soundHSRP2(d []byte) bool {
	if len(d) < 6 || d[0] == 1 && (d[1] != 40 || d[2] != 2) || d[0] == 2 && d[1] != 4 || d[0] != 1 && d[0] != 2 {
		return false
	}
	for len(d) >= 2 {
		n := 2 + int(d[1])
		if d[0] == 0 || d[0] > 4 || n > len(d) {
			return false
		}
		d = d[n:]
	}
	return len(d) == 0
}
