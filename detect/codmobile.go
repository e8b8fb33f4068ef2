package detect

import "netifyd/core/proto"

// Call of Duty: Mobile, as its traffic shows: eight bytes and the word "ping",
// which the server sends back as they are.
var codmobileCard = Protocol{ID: proto.CoDMobile, Over: UDP, Ports: []uint16{7500}, Limit: 512, Inspect: inspectCoDMobile}

func inspectCoDMobile(in *Input, _ *Result) Verdict {
	const size, word = 12, 8
	d := in.Newest()
	if len(d) != size || string(d[word:]) != "ping" || isZero(d[:word]) {
		return No
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && same(b, d) {
			return Match
		}
	}
	return NeedMore
}
