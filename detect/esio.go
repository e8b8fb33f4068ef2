package detect

import "netifyd/core/proto"

// SAIA-Burgess' Ether-SIO, the polling of remote inputs and outputs: its name,
// a kind of telegram (data transfer or status), a version, and the length.
var esioCard = Protocol{ID: proto.EtherSIO, Over: UDP, Ports: []uint16{6060}, First: "E", Inspect: inspectEtherSIO}

func inspectEtherSIO(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, maxKind = 12, 2
	if len(d) < header || begins(d, "ESIO") != Match || be16(d[4:]) > maxKind || d[6] != 0 {
		return No
	}
	return Match
}
