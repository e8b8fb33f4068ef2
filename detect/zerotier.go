package detect

import "netifyd/core/proto"

// ZeroTier's hello (https://docs.zerotier.com/protocol; node/Packet.hpp), the
// one packet that is not encrypted: it names its sender in the packet's head
// and again in the identity it brings.
var zerotierCard = Protocol{ID: proto.ZeroTier, Over: UDP, Ports: []uint16{9993}, Inspect: inspectZeroTier}

func inspectZeroTier(in *Input, _ *Result) Verdict {
	const (
		source, flags, verb, version, identity, kind = 13, 18, 27, 28, 41, 46
		least                                        = kind + 1 + 64
		hello, cipher                                = 1, 0x38
	)
	d := in.Newest()
	if len(d) < least || d[verb]&0x1f != hello || d[flags]&cipher != 0 || d[version] < 4 || d[version] > 32 || d[kind] > 1 {
		return No
	}
	if !looksRandom(d[:8]) || !looksRandom(d[kind+1:]) { // the packet's number, the public key
		return No
	}
	if s := d[source : source+5]; isZero(s) || !same(s, d[identity:identity+5]) {
		return No
	}
	return Match
}
