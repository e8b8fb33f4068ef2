package detect

import "netifyd/core/proto"

const hncpPort = 8231

// The Home Networking Control Protocol (RFC 7788) over DNCP (RFC 7787, section
// 7): elements of type, length and value, filled to words, make a datagram. The
// first names the sender, or asks: lengths are HNCP's.
var hncpCard = Protocol{ID: proto.HNCP, Over: UDP, Ports: []uint16{hncpPort}, First: "\x00", Inspect: inspectHNCP}

func inspectHNCP(in *Input, _ *Result) Verdict {
	const requestNetwork, requestNode, nodeEndpoint, networkState = 1, 2, 3, 4
	d := in.Newest()
	if !in.HasPort(hncpPort) || len(d) < 4 {
		return No
	}
	switch n := be16(d[2:]); be16(d) {
	case requestNetwork:
		if n != 0 {
			return No
		}
	case requestNode:
		if n != 4 {
			return No
		}
	case nodeEndpoint, networkState:
		if n != 8 {
			return No
		}
	default:
		return No
	}
	for len(d) > 0 {
		if len(d) < 4 || d[0] != 0 {
			return No
		}
		size := (4 + be16(d[2:]) + 3) &^ 3
		if size > len(d) {
			return No
		}
		d = d[size:]
	}
	return Match
}
