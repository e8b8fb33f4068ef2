package detect

import "netifyd/core/proto"

// A client of CRYENGINE asks to be let in (Crytek's published source of the
// engine, CryNetwork, pending connections of the nub): a letter, four numbers
// of the build, the version of the protocol, what the socket can do; an
// account and what else there is follow.
var crynetworkCard = Protocol{ID: proto.CryNetwork, Over: UDP, First: "<>", Inspect: inspectCryNetwork}

func inspectCryNetwork(in *Input, _ *Result) Verdict {
	const least, most, developer = 37, 600, '>'
	d := in.Newest()
	if len(d) < least || len(d) > most || d[0] != '<' && d[0] != developer {
		return No
	}
	const firstBuild, sealed = 100, 32
	for at := 1; at < 17; at += 4 {
		if n := be32(d[at:]); n >= 1<<16 || n == 0 {
			return No
		}
	}
	// Nothing but numbers of four bytes follows, or a developer's proof does.
	if len(d)%4 != 1 && !(d[0] == developer && len(d) >= least+sealed && looksRandom(d[len(d)-sealed:])) || be32(d[13:]) < firstBuild {
		return No
	}
	if version := be32(d[17:]); version == 0 || version > 32 || be32(d[21:]) > 255 {
		return No
	}
	return Match
}
