package detect

import "netifyd/core/proto"

// netcode, which yojimbo sends its packets with
// (https://github.com/networkprotocol/netcode/blob/master/STANDARD.md): a
// connection request is a zero, the version as text, and a sealed token.
var yojimboCard = Protocol{ID: proto.Yojimbo, Over: UDP, Ports: []uint16{40000}, First: "\x00", Inspect: inspectYojimbo}

func inspectYojimbo(in *Input, _ *Result) Verdict {
	const version, size, sizeOld = "\x00NETCODE 1.0", 1078, 1062
	d := in.Newest()
	if len(d) != size && len(d) != sizeOld || string(d[:len(version)]) != version || d[len(version)+1] != 0 {
		return No
	}
	return Match
}
