package detect

import "netifyd/core/proto"

// Epic Games' Unreal Engine opens connections without state on the server
// (class StatelessConnectHandlerComponent, since 5.1): a client's hello names
// the network version and leaves time and cookie empty; the server's challenge
// repeats the version and fills them in.
var epicgamesCard = Protocol{ID: proto.EpicGames, Over: UDP, Limit: 1024, Inspect: inspectEpicGames}

func inspectEpicGames(in *Input, _ *Result) Verdict {
	const (
		least, most = 40, 80
		kind        = 3 // 0 hello, 8 challenge, 16 response, 24 acknowledgement
		empty       = 26
	)
	d := in.Newest()
	if len(d) < least || len(d) > most || d[kind] != 0 && d[kind] != 8 || isZero(d[5:9]) || d[9] > 15 {
		return No
	}
	if d[kind] == 0 {
		if !isZero(d[10 : 10+empty]) {
			return No
		}
		return NeedMore
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && len(b) >= least && b[kind] == 0 && same(b[:3], d[:3]) && same(b[5:10], d[5:10]) && !isZero(d[10:10+empty]) {
			return Match
		}
	}
	return No
}
