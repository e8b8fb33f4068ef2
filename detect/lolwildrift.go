package detect

import "netifyd/core/proto"

// League of Legends: Wild Rift, as its traffic shows: a fixed probe of its
// relays; and the opening of a session, a message of kind 4 and 69 bytes,
// answered with one of kind 16 and 359 bytes.
var lolwildriftCard = Protocol{ID: proto.LoLWildRift, Over: UDP, First: "\x01\x04", Limit: 1024, Inspect: inspectLoLWildRift}

func inspectLoLWildRift(in *Input, _ *Result) Verdict {
	const (
		probe        = 22
		ask, answer  = 69, 359
		askKind      = 4
		answerKind   = 16
		probeVersion = 0x0102c841
	)
	d := in.Newest()
	switch {
	case len(d) == probe && be32(d) == probeVersion:
		if be32(d[4:]) == 1 && be16(d[8:]) == 1 && string(d[14:]) == "\x00\x04\x00\x04A0B1" {
			return Match
		}
	case len(d) == ask && le32(d) == askKind:
		return NeedMore
	case len(d) == answer && le32(d) == answerKind:
		for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
			if fromServer != in.FromServer && len(b) == ask && le32(b) == askKind {
				return Match
			}
		}
	}
	return No
}
