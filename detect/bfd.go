package detect

import "netifyd/core/proto"

// bfdEcho carries what its sender likes (RFC 5881, section 4): no more than a
// guess, which nothing refutes.
const bfdEcho = 3785

// bfdPorts: one hop, several hops, LAG, seamless (RFC 5881, section 4; RFC 5883, section 5; RFC 7130, section 2.2; RFC 7881, section 2).
var bfdPorts = []uint16{3784, 4784, 6784, 7784}

// Bidirectional Forwarding Detection (RFC 5880, section 4.1). The header has no
// magic: the length must be that of the datagram and the port one of BFD's.
var bfdCard = Protocol{ID: proto.BFD, Over: UDP, Ports: append([]uint16{bfdEcho}, bfdPorts...), First: bytesBetween(0x20, 0x29), Inspect: inspectBFD}

func inspectBFD(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 24 || d[0]>>5 != 1 || d[0]&31 > 9 || int(d[3]) != len(d) || d[2] == 0 {
		return No
	}
	const pollAndFinal, authenticated, multipoint = 0x30, 0x04, 0x01
	hasAuth := d[1]&authenticated != 0
	noDiscriminator := d[4]|d[5]|d[6]|d[7] == 0
	if d[1]&multipoint != 0 || noDiscriminator || hasAuth != (len(d) > 24) || d[1]&pollAndFinal == pollAndFinal {
		return No
	}
	if hasAuth && (len(d) < 27 || d[24] == 0 || d[24] > 5 || int(d[25]) != len(d)-24) { // section 4.2
		return No
	}
	for _, port := range bfdPorts {
		if in.HasPort(port) {
			return Match
		}
	}
	return No
}
