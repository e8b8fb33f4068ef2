package detect

import "netifyd/core/proto"

// Threema's chat connection (Threema, "Cryptography Whitepaper", "Chat
// protocol"): the client sends a key (32) and a cookie (16), the server a
// cookie (16) and a box (64), the client a box of 144 bytes at least. All of it
// looks random, so nothing but the lengths of these turns tells, at its ports.
var threemaCard = Protocol{ID: proto.Threema, Over: TCP, Ports: []uint16{5222}, Limit: 512, Tier: Heuristic, Inspect: inspectThreema}

func inspectThreema(in *Input, _ *Result) Verdict {
	const hello, answer, login = 48, 80, 144
	up, down := len(in.ToServer), len(in.ToClient)
	switch {
	case in.ServerPort != 5222 && in.ServerPort != 443, up < hello && down > 0, up > hello && down < answer, down > answer && up < hello+login:
		return No
	case up >= hello && (isText(in.ToServer[:hello]) || isZero(in.ToServer[hello-16:hello])):
		return No
	case up >= hello+login:
		return Match
	}
	return NeedMore
}
