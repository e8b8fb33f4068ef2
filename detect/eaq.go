package detect

import "netifyd/core/proto"

// The measurement of Brazil's broadband quality (EAQ): datagrams of 16 bytes,
// number of the probe (4), its time in seconds and microseconds (4 + 4), and a
// word that is 0x9000 on the way out and 0x6000 in the answer, which repeats
// the rest. Elsewhere than at its port two must belong together: an answer and
// its question, or one probe and the next.
var eaqCard = Protocol{ID: proto.EAQ, Over: UDP, Ports: []uint16{6000}, First: "\x00", Limit: 64, Inspect: inspectEAQ}

func inspectEAQ(in *Input, _ *Result) Verdict {
	d := in.Newest()
	switch {
	case !isEAQ(d):
		return No
	case in.HasPort(6000):
		return Match
	}
	for b, fromServer, at := in.Datagram(0); b != nil && &b[0] != &d[0]; b, fromServer, at = in.Datagram(at) {
		answers := fromServer != in.FromServer && same(b[:12], d[:12]) && b[14] != d[14]
		goesOn := fromServer == in.FromServer && be32(d)-be32(b) == 1 && b[14] == d[14]
		if answers || goesOn {
			return Match
		}
	}
	return NeedMore
}

func isEAQ(d []byte) bool {
	const maxProbe, microseconds, size = 1 << 16, 1000000, 16
	if len(d) != size || be32(d) >= maxProbe || be32(d[8:]) >= microseconds || isZero(d[4:12]) {
		return false
	}
	w := be32(d[12:])
	return w == 0x9000 || w == 0x6000
}
