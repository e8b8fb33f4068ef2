package detect

import "netifyd/core/proto"

// A transport of NetEase's games, as its traffic shows: both sides begin every
// datagram with the same four bytes and a checksum.
var neteasegamesCard = Protocol{ID: proto.NetEaseGames, Over: UDP, First: "\x07", Limit: 1024, Inspect: inspectNetEase}

func inspectNetEase(in *Input, _ *Result) Verdict {
	return datagramsBothWays(in, isNetEase)
}

func isNetEase(b []byte) bool {
	const magic, least = "\x07\x08\x08\x0c", 24
	return len(b) >= least && string(b[:4]) == magic
}
