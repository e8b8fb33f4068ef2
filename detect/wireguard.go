package detect

import "netifyd/core/proto"

var wireguardCard = Protocol{ID: proto.WireGuard, Over: UDP, Ports: []uint16{51820}, First: "\x01\x02\x03\x04", Limit: 8192, Inspect: inspectWireGuard}

var wireguardDisguisedWireGuardCard = Protocol{ID: proto.WireGuard, Over: UDP, Limit: 4096, Tier: Heuristic, Inspect: inspectDisguisedWireGuard}

// Messages (https://www.wireguard.com/protocol/).
const (
	wgInitiation = 1
	wgResponse   = 2
	wgCookie     = 3
	wgData       = 4
)

// inspectWireGuard recognises handshakes: type and three zero bytes, exact
// lengths, an empty second MAC or an answer to the sender's index (some
// services pad their handshakes against discovery: the index still tells); and
// in the middle of a session three data of one receiver whose counters are near
// each other. They may come out of order (section 5.4.6 of the paper), and those
// of the session before or after may lie between: neither refutes.
func inspectWireGuard(in *Input, _ *Result) Verdict {
	d := in.Newest()
	kind := wgKind(d, in.size(d))
	switch kind {
	case 0:
		return No
	case wgInitiation:
		const size, mac2 = 148, 132
		if len(d) == size && isZero(d[mac2:]) {
			return Match
		}
	case wgResponse:
		const size, mac2 = 92, 76
		if len(d) == size && isZero(d[mac2:]) {
			return Match
		}
	}
	near := 0
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if &b[0] == &d[0] {
			break
		}
		before := wgKind(b, in.size(b))
		switch {
		case before == 0:
			return No
		case before == wgInitiation && fromServer != in.FromServer && kind == wgResponse && same(b[4:8], d[8:12]) && !isZero(d[8:12]),
			before == wgInitiation && fromServer != in.FromServer && kind == wgCookie && same(b[4:8], d[4:8]):
			return Match
		case before == wgInitiation && kind == wgInitiation && fromServer == in.FromServer && in.size(b) == 148 && in.size(d) == 148:
			return Match // the same side tries again
		case before == wgData && kind == wgData && fromServer == in.FromServer:
			const window = 1 << 13 // RFC 6479; WireGuard's own is about 8000
			step := le32(d[8:]) - le32(b[8:])
			if same(b[4:8], d[4:8]) && step != 0 && step+window <= 2*window {
				near++
			}
			if near == 2 {
				return Match
			}
		}
	}
	return NeedMore
}

// wgKind is the type of a message that is at least as long as it must be; 0: none. Size is its length before it was cut.
func wgKind(d []byte, size int) byte {
	const least = 44 // of one that was cut
	if len(d) < 32 || len(d) < min(size, least) || d[1]|d[2]|d[3] != 0 || isZero(d[4:8]) {
		return 0
	}
	switch {
	case d[0] == wgInitiation && size >= 148 && looksRandom(d[8:40]),
		d[0] == wgResponse && size >= 92 && looksRandom(d[12:44]),
		d[0] == wgCookie && size == 64 && looksRandom(d[8:32]):
		return d[0]
	case d[0] == wgData && size&15 == 0 && isZero(d[13:16]) && looksRandom(d[16:]): // fewer than 2^40 packets under one key
		return wgData
	}
	return 0
}

// inspectDisguisedWireGuard recognises WireGuard as AmneziaWG 1 and 2 disguise
// it (https://docs.amnezia.org/documentation/amnezia-wg): datagrams of noise
// before the handshake, noise in front of its messages, other types. Their
// ends stay what they are: the response repeats the index of the initiation,
// and the initiator's first data are for the index of the response, numbered from zero.
func inspectDisguisedWireGuard(in *Input, _ *Result) Verdict {
	const initiation, response, early = 148, 92, 16
	noise, opener, _ := in.Datagram(0)
	if !isNoise(noise) {
		return No // else every flow that nobody knows would be kept for an answer
	}
	var d, answer []byte
	at := 0
	for fromServer := opener; answer == nil; {
		if d, fromServer, at = in.Datagram(at); d == nil {
			return NeedMore
		}
		if fromServer != opener {
			answer = d
		}
	}
	if len(answer) < response {
		return No
	}
	indexes := answer[len(answer)-response+4:]
	repeated := false
	for b, fromServer, next := in.Datagram(0); fromServer == opener && b != nil; b, fromServer, next = in.Datagram(next) {
		repeated = repeated || len(b) >= initiation && same(b[len(b)-initiation+4:][:4], indexes[4:8])
	}
	if !repeated || isZero(indexes[:8]) {
		return No
	}
	if d, _, _ = in.Datagram(at); d == nil {
		return NeedMore
	}
	if len(d) < 32 || len(d)&15 != 0 || !same(d[4:8], indexes[:4]) || d[8] >= early || !isZero(d[9:16]) {
		return No
	}
	return Match
}

// isNoise says that about half of the bytes have the top bit: every datagram
// that begins a disguised session is made of random bytes and sealed ones.
func isNoise(d []byte) bool {
	const shortest = 24
	high := 0
	for _, b := range d {
		high += int(b >> 7)
	}
	return len(d) >= shortest && 3*high > len(d) && 3*high < 2*len(d)
}
