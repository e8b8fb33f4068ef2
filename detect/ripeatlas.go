package detect

import "netifyd/core/proto"

// RIPE Atlas fills the datagrams of its traceroutes with its address (its
// source, "eperd/traceroute.c"), mostly from the first byte on, or behind a
// short header.
var ripeatlasCard = Protocol{ID: proto.RipeAtlas, Over: UDP, Inspect: inspectRIPEAtlas}

func inspectRIPEAtlas(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const text, farthest = "http://atlas.ripe.net", 64
	for at := 0; at <= farthest && at+len(text) <= len(d); at++ {
		if d[at] == 'h' && string(d[at:at+len(text)]) == text {
			return Match
		}
	}
	return No
}
