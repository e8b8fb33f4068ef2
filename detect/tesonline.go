package detect

import "netifyd/core/proto"

// The Elder Scrolls Online, as its traffic shows: the length of the rest, two
// ones, and the length again without them.
var tesonlineCard = Protocol{ID: proto.TESOnline, Over: TCP, Ports: []uint16{24120, 24504}, Limit: 64, Inspect: inspectTESOnline}

func inspectTESOnline(in *Input, _ *Result) Verdict {
	const fixed, longest = 12, 1 << 16
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) == 0 {
			return NeedMore
		}
		return No
	}
	if b[0] != 0 || len(b) > 1 && b[1] != 0 {
		return No
	}
	if len(b) > 4 {
		if v := begins(b[4:], "\x00\x01\x00\x01"); v == No {
			return No
		}
	}
	if len(b) < fixed {
		return NeedMore
	}
	n := be32(b)
	if n < 32 || n >= longest || be32(b[8:]) != n-8 {
		return No
	}
	return Match
}
