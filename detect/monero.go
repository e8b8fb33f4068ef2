package detect

import "netifyd/core/proto"

// Monero's nodes speak Levin (monero-project/monero, docs/LEVIN_PROTOCOL.md):
// a signature, the body's length, whether an answer is wanted, the command.
var moneroCard = Protocol{ID: proto.Monero, Over: TCP, Ports: []uint16{18080}, Limit: 64, Inspect: inspectMonero}

func inspectMonero(in *Input, _ *Result) Verdict {
	return eitherWay(in, func(b []byte) Verdict { return begins(b, "\x01\x21\x01\x01\x01\x01\x01\x01") })
}
