package detect

import "netifyd/core/proto"

// Art-Net 4 (Artistic Licence): "Art-Net" and a zero, then the code of the
// packet (2, least significant first), whose low byte is zero but for few.
var artnetCard = Protocol{ID: proto.ArtNet, Over: UDP, Ports: []uint16{6454}, First: "A", Inspect: inspectArtNet}

func inspectArtNet(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 10 || begins(d, "Art-Net\x00") != Match {
		return No
	}
	return Match
}
