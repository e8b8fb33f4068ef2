package detect

import "netifyd/core/proto"

// Cloudflare's WARP is WireGuard that puts an identity into the three reserved
// bytes of its messages; so do programs that follow it. Handshakes still have
// their exact length and an empty second MAC, or answer the sender's index.
var warpCard = Protocol{ID: proto.WireGuard, Over: UDP, Ports: []uint16{2408}, First: "\x01\x02", Limit: 1024, Inspect: inspectWARP}

func inspectWARP(in *Input, _ *Result) Verdict {
	const initiation, response, mac = 148, 92, 16
	d := in.Newest()
	switch {
	case len(d) == initiation && d[0] == wgInitiation && looksRandom(d[8:40]): // the ephemeral key
	case len(d) == response && d[0] == wgResponse && looksRandom(d[12:44]):
	default:
		return No
	}
	if isZero(d[1:4]) || isZero(d[4:8]) {
		return No
	}
	if isZero(d[len(d)-mac:]) {
		return Match
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && len(b) == initiation && d[0] == wgResponse && same(b[4:8], d[8:12]) {
			return Match
		}
	}
	return NeedMore
}
