package detect

import "netifyd/core/proto"

// Alcatel's telephones speak NOE inside UA/UDP (as Wireshark's display filter
// reference for "uaudp" lists it): an opcode (0 connect, 1 its answer, 4 keep
// alive, 5 its answer, 7 data), then for data the number that is expected and
// the number sent (2 each), for connect fields of type, length and value.
var noeCard = Protocol{ID: proto.NOE, Over: UDP, Ports: []uint16{32512, 32000, 32640}, First: "\x00\x01\x04\x05\x07", Limit: 512, Inspect: inspectNOE}

const (
	noeConnect   = 0
	noeConnected = 1
	noeAlive     = 4
	noeAliveToo  = 5
	noeData      = 7
)

// inspectNOE wants, at a port of telephones, an answer that fits the question:
// the format alone is too weak.
func inspectNOE(in *Input, _ *Result) Verdict {
	up, down := in.ToServer, in.ToClient
	if !in.HasPort(32512) && !in.HasPort(32000) && !in.HasPort(32640) || !isNOE(in.Newest()) {
		return No
	}
	if !isNOE(up) || !isNOE(down) {
		return NeedMore
	}
	for range 2 {
		switch {
		case up[0] == noeConnect && down[0] == noeConnected && len(up) > 6, up[0] == noeAlive && down[0] == noeAliveToo:
			return Match
		case up[0] == noeData && down[0] == noeData && be16(up[1:]) == be16(down[3:])+1 && len(up)+len(down) > 10:
			return Match // one acknowledges what the other sent
		}
		up, down = down, up
	}
	return NeedMore
}

func isNOE(d []byte) bool {
	if len(d) == 0 {
		return false
	}
	switch d[0] {
	case noeConnected, noeAlive, noeAliveToo:
		return len(d) == 1
	case noeData:
		return len(d) >= 5
	case noeConnect:
		const lastField = 9
		d = d[1:]
		for len(d) >= 2 {
			if d[0] > lastField || d[1] == 0 || d[1] > 4 || int(d[1]) > len(d)-2 {
				return false
			}
			d = d[2+int(d[1]):]
		}
		return len(d) == 0
	}
	return false
}
