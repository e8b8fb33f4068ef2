package detect

import "netifyd/core/proto"

// SAIA-Burgess' S-Bus in datagrams: the length, version, protocol 0, a
// sequence number, an attribute (request, response, acknowledgement), and at
// the end the checksum of ITU-T V.41.
var ethersbusCard = Protocol{ID: proto.EtherSBus, Over: UDP, Ports: []uint16{5050}, First: "\x00", Inspect: inspectEtherSBus}

func inspectEtherSBus(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const least, maxVersion, maxAttribute = 11, 1, 2
	if len(d) < least || be32(d) != uint32(len(d)) || d[4] > maxVersion || d[5] > 1 || d[8] > maxAttribute {
		return No
	}
	end := len(d) - 2
	if crcCCITT(0, d[:end]) != uint16(be16(d[end:])) {
		return No
	}
	return Match
}
