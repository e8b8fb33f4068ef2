package detect

import "netifyd/core/proto"

// Riot Games' servers (League of Legends, Valorant), as their traffic shows:
// a probe that ends in eight constant bytes and comes back; and the opening of
// a game of League of Legends, whose answer repeats the session of the question.
var riotgamesCard = Protocol{ID: proto.RiotGames, Over: UDP, Limit: 1024, Inspect: inspectRiotGames}

func inspectRiotGames(in *Input, _ *Result) Verdict {
	const probe, hello, answer = 36, 53, 33
	d := in.Newest()
	switch {
	case len(d) == probe:
		if be32(d[28:]) == 0xaaaaaaaa && be32(d[32:]) == 0xbbbbbbbb {
			return Match
		}
		return No
	case len(d) == hello && le32(d[8:]) == 1 && isZero(d[12:36]) && !isZero(d[4:8]):
		return NeedMore
	case len(d) != answer || le32(d[4:]) != 1:
		return No
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && len(b) == hello && same(b[4:12], d[:8]) {
			return Match
		}
	}
	return No
}
