package detect

import "netifyd/core/proto"

// Nano's nodes (https://docs.nano.org/node-implementation/networking): 'R', a
// letter for the network, three versions in falling order, a kind and
// extensions; the first thing a node says is a handshake or its list of peers.
var nanoCard = Protocol{ID: proto.Nano, Over: TCP | UDP, Ports: []uint16{7075, 7175, 54000}, First: "R", Limit: 512, Inspect: inspectNano}

const (
	nanoHeader    = 8
	nanoKeepalive = 2
	nanoHandshake = 10
)

func inspectNano(in *Input, _ *Result) Verdict {
	if in.Over == TCP {
		return bothWays(in, nanoMessage)
	}
	return datagramsBothWays(in, isNano)
}

func nanoMessage(b []byte) Verdict {
	const oldest, newest = 7, 40
	if v := begins(b, "R"); v != Match {
		return v
	}
	if len(b) > 1 && (b[1] < 'A' || b[1] > 'C') && b[1] != 'X' {
		return No
	}
	if len(b) < nanoHeader {
		return NeedMore
	}
	if most, using, least := b[2], b[3], b[4]; most > newest || most < using || using < least || least < oldest {
		return No
	}
	if b[5] != nanoKeepalive && b[5] != nanoHandshake {
		return No
	}
	return Match
}

func isNano(b []byte) bool { return nanoMessage(b) == Match }
