package detect

import "netifyd/core/proto"

// iQIYI shares its films between peers as PPStream did: datagrams with their
// own length (2, least significant first) at 2, that name "PPStream" in the first hundred bytes.
var iqiyiCard = Protocol{ID: proto.IQIYI, Over: UDP, Ports: []uint16{16600}, Inspect: inspectIQIYI}

func inspectIQIYI(in *Input, _ *Result) Verdict {
	const header = 16
	d := in.Newest()
	if len(d) < header || le16(d[2:]) != len(d) || following(d[header:min(len(d), 128)], "PPStream") == nil {
		return No
	}
	return Match
}
