package detect

import "netifyd/core/proto"

// Dofus 1.29 (Retro): the server speaks first and hands out a key of 32
// letters; the client answers with its version.
var dofusCard = Protocol{ID: proto.Dofus, Over: TCP, Ports: []uint16{5555}, Limit: 64, Inspect: inspectDofus}

func inspectDofus(in *Input, _ *Result) Verdict {
	const key = 32
	b := in.ToClient
	if len(b) == 0 && len(in.ToServer) == 0 {
		return NeedMore
	}
	if v := begins(b, "HC"); v != Match {
		return v
	}
	b = b[2:]
	for _, c := range b[:min(len(b), key)] {
		if c < 'a' || c > 'z' {
			return No
		}
	}
	if len(b) <= key {
		return NeedMore
	}
	if b[key] != 0 {
		return No
	}
	return Match
}
