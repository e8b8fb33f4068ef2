package detect

import "netifyd/core/proto"

// Tailscale's discovery messages (https://pkg.go.dev/tailscale.com/disco): six
// bytes that spell "TS" and a speech balloon, the sender's key, a nonce, and a sealed box.
var tailscaleCard = Protocol{ID: proto.Tailscale, Over: UDP, Ports: []uint16{41641}, First: "T", Inspect: inspectTailscale}

func inspectTailscale(in *Input, _ *Result) Verdict {
	const magic, least = "TS💬", 6 + 32 + 24 + 16 + 2
	if d := in.Newest(); len(d) < least || string(d[:len(magic)]) != magic {
		return No
	}
	return Match
}
