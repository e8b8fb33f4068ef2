package detect

import "netifyd/core/proto"

// Mumble's ping over UDP (port 64738), in its old form: a question of 12 bytes
// (0, identifier (8)) and an answer of 24 (version, the identifier, users, most
// users, bandwidth (4 each)). Voice is enciphered, and the control connection is TLS.
var mumbleCard = Protocol{ID: proto.Mumble, Over: UDP, Ports: []uint16{64738}, First: "\x00", Limit: 128, Inspect: inspectMumble}

func inspectMumble(in *Input, _ *Result) Verdict {
	const ask, answer = 12, 24
	up, down := in.ToServer, in.ToClient
	switch d := in.Newest(); {
	case !in.FromServer && (len(d) != ask || be32(d) != 0), in.FromServer && len(d) != answer:
		return No
	case len(up) == ask && len(down) == answer && same(up[4:], down[4:12]):
		// The version is a major one that exists, and there are no more users than may be.
		if down[0] == 0 && down[1] > 0 && down[1] < 10 && be32(down[12:]) <= be32(down[16:]) {
			return Match
		}
		return No
	case len(down) > 0:
		return No
	}
	return NeedMore
}
