package detect

import "netifyd/core/proto"

// Syncthing: announcements on the local network
// (https://docs.syncthing.net/specs/localdisco-v4.html) and the relay protocol
// (https://docs.syncthing.net/specs/relay-v1.html), where it is not inside TLS.
var syncthingCard = Protocol{ID: proto.Syncthing, Over: TCP | UDP, Ports: []uint16{22000, 22067, 21027}, First: "\x2e\x7d\x9d", Limit: 64, Inspect: inspectSyncthing}

func inspectSyncthing(in *Input, _ *Result) Verdict {
	if in.Over == TCP {
		return eitherWay(in, syncthingRelay)
	}
	const identity = 32 // bytes
	d := in.Newest()
	if len(d) < 6+identity {
		return No
	}
	switch be32(d) {
	case 0x2ea7d90b: // protobuf: field 1, bytes
		if d[4] == 0x0a && d[5] == identity {
			return Match
		}
	case 0x9d79bc39, 0x9d79bc40, 0x7d79bc40: // XDR, until version 0.13
		if be32(d[4:]) == identity {
			return Match
		}
	}
	return No
}

// syncthingRelay judges a magic number, a kind and a length.
func syncthingRelay(b []byte) Verdict {
	const header, kinds, longest = 12, 8, 1024
	if v := begins(b, "\x9e\x79\xbc\x40"); v != Match {
		return v
	}
	if len(b) < header {
		return NeedMore
	}
	if be32(b[4:]) >= kinds || be32(b[8:]) > longest {
		return No
	}
	return Match
}
