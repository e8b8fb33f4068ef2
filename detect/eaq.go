package detect

import "netifyd/core/proto"

// The measurement of Brazil's broadband quality (EAQ): datagrams of 16 bytes,
// number of the probe (4), its time in seconds and microseconds (4 + 4), and a
// word that is 0x9000 on the way out and 0x6000 in the answer, which repeats the rest.
var eaqCard = Protocol{ID: proto.EAQ, Over: UDP, Ports: []uint16{6000}, First: "\x00", Inspect: inspectEAQ}

func inspectEAQ(in *Input, _ *Result) Verdict {
	const maxProbe, microseconds = 1 << 16, 1000000
	d := in.Newest()
	if len(d) != 16 || be32(d) >= maxProbe || be32(d[8:]) >= microseconds {
		return No
	}
	if w := be32(d[12:]); w != 0x9000 && w != 0x6000 {
		return No
	}
	return Match
}
