package detect

import "netifyd/core/proto"

// Guild Wars, as the authors of server emulators describe it (GWLP:R): the
// client names its version (kind 0x0400, or 0x0500 to a game server) and sends a
// seed of 64 bytes, 0x4200; then it waits for the server's of 20 bytes, 0x1601.
var guildwarsCard = Protocol{ID: proto.Guildwars, Over: TCP, Ports: []uint16{6112}, Limit: 256, Inspect: inspectGuildwars}

func inspectGuildwars(in *Input, _ *Result) Verdict {
	const (
		seed         = 2 + 64
		first, last  = 8, 96 // where the client's seed may begin
		answer       = "\x01\x16"
		answerLength = 2 + 20
	)
	b := in.ToServer
	switch {
	case len(b) == 0 && len(in.ToClient) == 0:
		return NeedMore
	case len(b) == 0, b[0] != 0, len(b) > 1 && b[1] != 4 && b[1] != 5, len(b) > last+seed:
		return No
	case len(in.ToClient) == 0:
		return NeedMore
	case len(b) < first+seed || string(b[len(b)-seed:len(b)-seed+2]) != "\x00\x42":
		return No
	}
	v := begins(in.ToClient, answer)
	if v == Match && len(in.ToClient) < answerLength {
		return NeedMore
	}
	return v
}
