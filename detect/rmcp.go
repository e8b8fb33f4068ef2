package detect

import "netifyd/core/proto"

// RMCP (DSP0136, Alert Standard Format 2.0, section 3.2.2): version 6, a zero,
// a sequence number, a class. ASF names its enterprise; IPMI (IPMI 2.0,
// section 13.6) has sums over the halves of a message, or a length that ends
// with the datagram.
var rmcpCard = Protocol{ID: proto.RMCP, Over: UDP, Ports: []uint16{623, 664}, First: "\x06", Limit: 256, Inspect: inspectRMCP}

func inspectRMCP(in *Input, _ *Result) Verdict {
	const head, asf, ipmi, ack = 4, 6, 7, 0x80
	d := in.Newest()
	if len(d) < head || d[0] != 6 || d[1] != 0 || d[3]&^ack != asf && d[3]&^ack != ipmi {
		return No
	}
	if d[3]&ack != 0 { // has nothing behind the header
		if len(d) != head {
			return No
		}
		return NeedMore
	}
	if d[3] == asf {
		return asfMessage(d[head:])
	}
	return ipmiSession(d[head:], d[2])
}

// asfMessage wants IANA's number of ASF, and the length of what follows (section 3.2.2.3).
func asfMessage(b []byte) Verdict {
	const head = 8
	if len(b) < head || be32(b) != 4542 || b[6] != 0 || int(b[7]) != len(b)-head {
		return No
	}
	return Match
}

// ipmiSession reads the header of a session of IPMI 1.5, or of 2.0 with its kind of payload.
func ipmiSession(b []byte, sequence byte) Verdict {
	const none, plus, authentication = 0, 6, 16
	if len(b) < 10 {
		return No
	}
	if b[0] == plus {
		// kind of payload, session, number, length
		kind, size := b[1]&0x3f, 0
		if len(b) < 12 {
			return No
		}
		size = le16(b[10:])
		signed := b[1]&0x40 != 0
		if sequence != 0xff || kind > 2 && (kind < 0x10 || kind > 0x15) && (kind < 0x20 || kind > 0x27) || len(b) < 12+size || !signed && len(b) != 12+size {
			return No
		}
		if kind < 0x10 || kind >= 0x20 || !signed && isZero(b[2:10]) {
			return Match
		}
		return No
	}
	if b[0] > 5 || b[0] == 3 {
		return No
	}
	b = b[9:]
	if plain := b; len(plain) > 0 && int(plain[0]) == len(plain)-1 {
		return ipmiMessage(plain[1:])
	}
	if len(b) > authentication && int(b[authentication]) == len(b)-authentication-1 {
		return ipmiMessage(b[authentication+1:])
	}
	return No
}

// ipmiMessage wants both sums to be right: address and function, then the rest (section 13.8).
func ipmiMessage(b []byte) Verdict {
	if len(b) < 7 || b[0]+b[1]+b[2] != 0 {
		return No
	}
	var sum byte
	for _, ch := range b[3:] {
		sum += ch
	}
	if sum != 0 {
		return No
	}
	return Match
}
