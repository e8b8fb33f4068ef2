package detect

import "netifyd/core/proto"

// A transport of NetEase's games, as its traffic shows: both sides begin every
// datagram with the same four bytes and a checksum.
func init() {
	register(Protocol{ID: proto.NetEaseGames, Over: UDP, Limit: 1024, Inspect: inspectNetEase})
}

func inspectNetEase(in *Input, _ *Result) Verdict {
	const magic, least = "\x07\x08\x08\x0c", 24
	ways := [2]bool{}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if len(b) < least || string(b[:4]) != magic {
			return No
		}
		if fromServer {
			ways[1] = true
		} else {
			ways[0] = true
		}
	}
	if ways[0] && ways[1] {
		return Match
	}
	return NeedMore
}
