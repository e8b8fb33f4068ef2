package detect

import "netifyd/core/proto"

// The Session Announcement Protocol (RFC 2974, section 3): version 1 in the
// highest three bits, length of what authenticates (in words), hash (2),
// source (4, or 16 where bit 0x10 is set), type of the payload, payload, which is SDP.
var sapCard = Protocol{ID: proto.SAP, Over: UDP, Ports: []uint16{9875}, First: "\x20\x22\x24\x26\x28\x2a\x2c\x2e\x30\x32\x34\x36\x38\x3a\x3c\x3e", Inspect: inspectSAP}

func inspectSAP(in *Input, _ *Result) Verdict {
	const ipv6, compressed = 0x10, 0x01
	d := in.Newest()
	if len(d) < 16 || d[0]>>5 != 1 || d[0]&compressed != 0 {
		return No
	}
	header := 8 + 4*int(d[1])
	if d[0]&ipv6 != 0 {
		header += 12
	}
	if len(d) < header+8 {
		return No
	}
	d = d[header:]
	if begins(d, "application/sdp\x00") == Match || begins(d, "v=0\r\no=") == Match || begins(d, "v=0\no=") == Match {
		return Match
	}
	return No
}
