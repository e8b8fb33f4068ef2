package detect

import "netifyd/core/proto"

// Spotify: players look for each other on the local network with datagrams
// that begin "SpotUdp0" (UDP port 57621), and speak to an access point with
// two bytes of version (0, 4), length of the whole (4) and a ClientHello in
// protocol buffers whose first field (10) is the build, of which the first (10) is the product.
var spotifyCard = Protocol{ID: proto.Spotify, Over: TCP | UDP, Ports: []uint16{57621, 4070}, First: "S", Limit: 64, Inspect: inspectSpotify}

func inspectSpotify(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		if begins(in.Newest(), "SpotUdp0") == Match {
			return Match
		}
		return No
	}
	const header, minHello, maxHello = 6, 32, 4096
	b := in.ToServer
	v := begins(b, "\x00\x04\x00\x00")
	if v != Match {
		if len(b) == 0 && len(in.ToClient) > 0 {
			return No
		}
		return v
	}
	if len(b) >= header && (be32(b[2:]) < minHello || be32(b[2:]) > maxHello) {
		return No
	}
	const build, product = 10<<3 | 2, 10 << 3 // field 10: a message; a number
	switch rest := b[min(len(b), header):]; {
	case len(rest) > 0 && rest[0] != build, len(rest) > 1 && rest[1] > 0x40, len(rest) > 2 && rest[2] != product:
		return No
	case len(rest) > 2:
		return Match
	}
	return NeedMore
}
