package detect

import "netifyd/core/proto"

// World of Warcraft logs in to a realm list with AUTH_LOGON_CHALLENGE
// (https://wowdev.wiki/CMD_AUTH_LOGON_CHALLENGE_Client): opcode 0, a version,
// the length of the rest, and the game's name.
var wowCard = Protocol{ID: proto.WoW, Over: TCP, Ports: []uint16{3724}, Limit: 128, Inspect: inspectWoW}

func inspectWoW(in *Input, _ *Result) Verdict {
	login, up, down := wowLogin(in.ToServer), wowGreeting(in.ToServer), wowGreeting(in.ToClient)
	switch {
	case login == Match || up == Match || down == Match:
		return Match
	case len(in.ToServer) == 0:
		return down
	}
	return max(login, min(up, down))
}

func wowLogin(b []byte) Verdict {
	const name, least = 4, 34
	if len(b) == 0 {
		return NeedMore
	}
	if b[0] != 0 && b[0] != 2 || len(b) > 1 && b[1] > 8 {
		return No
	}
	if len(b) < name {
		return NeedMore
	}
	v := begins(b[name:], "WoW\x00")
	switch {
	case v == No || len(b) >= name && (le16(b[2:]) < least-4 || le16(b[2:]) > 64):
		return No
	case v == NeedMore || len(b) < least:
		return NeedMore
	case le16(b[2:]) != least-4+int(b[33]):
		return No
	}
	return Match
}

// wowGreeting judges how the game's own servers and clients greet each
// other today, behind two bytes of length in some versions (TrinityCore, WorldSocket).
func wowGreeting(b []byte) Verdict {
	const greeting = "WORLD OF WARCRAFT CONNECTION"
	if len(b) > 0 && b[0] != 'W' {
		if len(b) < 2 {
			return NeedMore
		}
		b = b[2:]
	}
	return begins(b, greeting)
}
