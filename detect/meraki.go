package detect

import "netifyd/core/proto"

// The tunnel of Meraki's devices to their cloud (UDP port 7351): a mark of four
// bytes, two bytes, length of the datagram (2). (Read off its traffic.)
var merakiCard = Protocol{ID: proto.MerakiCloud, Over: UDP, Ports: []uint16{7351}, First: "\xfe", Inspect: inspectMeraki}

func inspectMeraki(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 24 || begins(d, "\xfe\xf7\x28\x91") != Match || be16(d[6:]) != len(d) {
		return No
	}
	return Match
}
