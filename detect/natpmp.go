package detect

import "netifyd/core/proto"

// Ports of NAT-PMP and PCP: the gateway's and the hosts' (RFC 6886, section 3; RFC 6887, section 19).
const (
	natpmpPort     = 5351
	natpmpHostPort = 5350
)

// NAT-PMP (RFC 6886) and its successor, the Port Control Protocol (RFC 6887).
// Requests are as short as two zero bytes, so the port must agree with the length that each opcode asks for.
var natpmpCard = Protocol{ID: proto.NATPMP, Over: UDP, Ports: []uint16{natpmpPort}, First: "\x00\x02", Inspect: inspectNATPMP}

func inspectNATPMP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if !in.HasPort(natpmpPort) && !in.HasPort(natpmpHostPort) || len(d) < 2 {
		return No
	}
	if d[0] == 0 && soundNATPMP(d) || d[0] == 2 && soundPCP(d) {
		return Match
	}
	return No
}

// soundNATPMP checks the length and the reserved bytes or the result (RFC 6886, sections 3.2 to 3.5).
func soundNATPMP(d []byte) bool {
	switch d[1] {
	case 0:
		return len(d) == 2
	case 1, 2:
		return len(d) == 12 && d[2] == 0 && d[3] == 0
	case 128:
		return len(d) == 12 && d[2] == 0 && d[3] <= 5
	case 129, 130:
		return len(d) == 16 && d[2] == 0 && d[3] <= 5
	}
	return len(d) == 8 && d[1] > 128 && d[2] == 0 && d[3] <= 5
}

// soundPCP checks length, opcode, reserved bytes and the result (RFC 6887, section 7).
func soundPCP(d []byte) bool {
	if len(d) < 24 || len(d)%4 != 0 || len(d) > 1100 || d[1]&0x7f > 3 || d[2] != 0 {
		return false
	}
	// A request names the client, an answer has twelve reserved bytes.
	const mapped = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"
	if d[1]&0x80 == 0 {
		return d[3] == 0 && (string(d[8:20]) == mapped || d[8] >= 0x20)
	}
	return d[3] <= 14 && isZero(d[12:24])
}
