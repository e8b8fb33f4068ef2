package detect

import "netifyd/core/proto"

// Threema's chat connection (Threema, "Cryptography Whitepaper", "Chat
// protocol"): the client sends a key (32) and a cookie (16), the server a
// cookie (16) and a box (64), the client a box of 144 bytes at least, the server
// one of 32. All of it looks random, so nothing but the lengths of these turns
// tells, at its ports.
var threemaCard = Protocol{ID: proto.Threema, Over: TCP, Ports: []uint16{5222}, Limit: 512, Tier: Heuristic, Inspect: inspectThreema}

func inspectThreema(in *Input, _ *Result) Verdict {
	const hello, answer, login, loggedIn = 48, 80, 144, 32
	up, down := len(in.ToServer), len(in.ToClient)
	switch {
	case in.ServerPort != 5222 && in.ServerPort != 443, up < hello && down > 0, up > hello && down < answer, down > answer && up < hello+login:
		return No
	case up >= hello && !looksRandom(in.ToServer[:hello]), down >= answer && !looksRandom(in.ToClient[16:answer]):
		return No
	case up >= hello+login && down >= answer+loggedIn:
		return Match
	}
	return NeedMore
}
