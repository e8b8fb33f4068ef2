package detect

import "netifyd/core/proto"

// Ports of OLSR: of version 1 (RFC 3626, section 3.1), and of all protocols for
// ad hoc networks, version 2 among them (RFC 5498, section 5).
const (
	olsrPort  = 698
	manetPort = 269
)

// The Optimized Link State Routing protocol: version 1 (RFC 3626, section 3.3)
// and version 2 with its neighbourhood discovery (RFC 7181, RFC 6130) in packets
// of RFC 5444.
var olsrCard = Protocol{ID: proto.OLSR, Over: UDP, Ports: []uint16{olsrPort, manetPort}, Inspect: inspectOLSR}

func inspectOLSR(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if in.HasPort(olsrPort) && (soundOLSR(d, 4) || soundOLSR(d, 16)) || in.HasPort(manetPort) && soundMANET(d) {
		return Match
	}
	return No
}

// soundOLSR checks that the packet's length is the datagram's and that messages
// fill it, whose originator has the given length. Types of plug-ins are kept.
func soundOLSR(d []byte, address int) bool {
	const header = 4
	message := 8 + address
	if len(d) < header+message || be16(d) != len(d) {
		return false
	}
	for b := d[header:]; len(b) > 0; {
		if len(b) < message || b[0] == 0 {
			return false
		}
		size := be16(b[2:])
		if size < message || size > len(b) || isZero(b[4:4+address]) {
			return false
		}
		b = b[size:]
	}
	return true
}

// soundMANET checks version 0 and that messages of known types fill the packet
// (RFC 5444, sections 5.1 to 5.3): HELLO and TC, with lengths of addresses that exist.
func soundMANET(d []byte) bool {
	const sequence, block = 8, 4
	if len(d) < 1 || d[0]>>4 != 0 || d[0]&3 != 0 {
		return false
	}
	at := 1
	if d[0]&sequence != 0 {
		at += 2
	}
	if d[0]&block != 0 {
		if len(d) < at+2 {
			return false
		}
		at += 2 + be16(d[at:])
	}
	if at >= len(d) {
		return false
	}
	for b := d[at:]; len(b) > 0; {
		if len(b) < 6 || b[0] > 1 || b[1]&15 != 3 && b[1]&15 != 15 {
			return false
		}
		size := be16(b[2:])
		if size < 6 || size > len(b) {
			return false
		}
		b = b[size:]
	}
	return true
}
