package detect

import "netifyd/core/proto"

// Activision's games measure the way to a server from port 3074 (the port that
// its support names) with a question of kind 13 and 29 bytes, whose answer of
// kind 12 repeats all but the kind.
// An answer alone is nothing.
var activisionCard = Protocol{ID: proto.Activision, Over: UDP, Ports: []uint16{3074}, First: "\x0d", Limit: 512, Inspect: inspectActivision}

func inspectActivision(in *Input, _ *Result) Verdict {
	const ask, answer, size = 13, 12, 29
	d := in.Newest()
	if len(d) != size || d[0] != ask && d[0] != answer || d[1] != 2 {
		return No
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && len(b) == size && b[0] == ask && d[0] == answer && same(b[1:], d[1:]) {
			return Match
		}
	}
	if d[0] == answer {
		return No
	}
	return NeedMore
}
