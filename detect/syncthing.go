package detect

import "netifyd/core/proto"

// Syncthing: announcements on the local network
// (https://docs.syncthing.net/specs/localdisco-v4.html) and the relay protocol
// (https://docs.syncthing.net/specs/relay-v1.html), where it is not inside TLS.
func init() {
	register(Protocol{ID: proto.Syncthing, Over: TCP | UDP, Ports: []uint16{22000, 22067, 21027}, Limit: 64, Inspect: inspectSyncthing})
}

func inspectSyncthing(in *Input, _ *Result) Verdict {
	if in.Over == TCP {
		return eitherWay(in, syncthingRelay)
	}
	const announcement, identity = "\x2e\xa7\xd9\x0b", "\x0a\x20" // protobuf field 1 of 32 bytes
	if d := in.Newest(); len(d) < 38 || string(d[:4]) != announcement || string(d[4:6]) != identity {
		return No
	}
	return Match
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
