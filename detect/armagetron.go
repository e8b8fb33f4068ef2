package detect

import "netifyd/core/proto"

// Armagetron Advanced: messages of a kind, a number and a length in words, and
// the sender's identity at the datagram's end. The format is weak: both sides
// must fit it, at the game's ports.
var armagetronCard = Protocol{ID: proto.Armagetron, Over: UDP, Ports: []uint16{4534, 4533}, First: "\x00\x01", Limit: 2048, Inspect: inspectArmagetron}

func inspectArmagetron(in *Input, _ *Result) Verdict {
	if in.ServerPort < 4533 || in.ServerPort > 4540 {
		return No
	}
	return datagramsBothWays(in, isArmagetron)
}

func isArmagetron(b []byte) bool {
	const header, kinds = 6, 400
	if len(b) < header+2 || len(b)%2 != 0 {
		return false
	}
	for b = b[:len(b)-2]; len(b) > 0; {
		if len(b) < header || be16(b) == 0 || be16(b) >= kinds || len(b) < header+2*be16(b[4:]) {
			return false
		}
		b = b[header+2*be16(b[4:]):]
	}
	return true
}
