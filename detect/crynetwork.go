package detect

import "netifyd/core/proto"

// A client of CRYENGINE asks to be let in (Crytek's published source of the
// engine, CryNetwork, pending connections of the nub): a letter, four numbers
// of the build, the version of the protocol, what the socket can do; an
// account and what else there is follow.
var crynetworkCard = Protocol{ID: proto.CryNetwork, Over: UDP, First: "<>", Inspect: inspectCryNetwork}

func inspectCryNetwork(in *Input, _ *Result) Verdict {
	const least, most, developer = 29, 600, '>'
	d := in.Newest()
	if len(d) < least || len(d) > most || d[0] != '<' && d[0] != developer {
		return No
	}
	var build uint32
	for at := 1; at < 17; at += 4 {
		if be32(d[at:]) >= 1<<16 {
			return No
		}
		build |= be32(d[at:])
	}
	if version := be32(d[17:]); build == 0 || version == 0 || version > 32 || be32(d[21:]) > 255 {
		return No
	}
	return Match
}
