package detect

import "netifyd/core/proto"

// Blizzard's older games log in to Battle.net with messages that begin with
// 0xff (https://bnetdocs.org/document/10/battle-net-chat-server-protocol): the
// first says platform and game. StarCraft II opens with constant bytes at the
// port that Blizzard's support names for it.
func init() {
	register(Protocol{ID: proto.Starcraft, Over: TCP, Ports: []uint16{1119, 6112}, Limit: 64, Inspect: inspectStarcraft})
	register(Protocol{ID: proto.Warcraft3, Over: TCP, Ports: []uint16{6112}, Limit: 128, Inspect: inspectWarcraft3})
}

const starcraft2 = "\x4a\x00\x00\x0a\x66\x02\x0a\xed\x2d\x66"

func inspectStarcraft(in *Input, _ *Result) Verdict {
	return eitherWay(in, starcraftLogin)
}

// starcraftLogin judges a client's first message; what a server says needs no judgement.
func starcraftLogin(b []byte) Verdict {
	if v := begins(b, starcraft2); v != No {
		return v
	}
	return battleNet(b, "RATS", "PXES") // StarCraft, Brood War
}

// inspectWarcraft3 knows the game by its login, and by its own messages
// between players: 0xf7, a kind, and the length (https://bnetdocs.org, "W3GS").
func inspectWarcraft3(in *Input, _ *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) == 0 {
			return NeedMore
		}
		return No
	}
	if b[0] != 0xf7 {
		return battleNet(b, "3RAW", "PX3W") // Reign of Chaos, The Frozen Throne
	}
	// REQJOIN: room counter, key, a zero, the listening port, peer key, and a name.
	const join, answers = 0x1e, "\x04\x05\x06\x09"
	if len(b) > 1 && b[1] != join {
		return No
	}
	if len(b) < 4 {
		return NeedMore
	}
	n := le16(b[2:])
	if n < 24 || n > 128 {
		return No
	}
	if s := in.ToClient; len(s) >= 4 {
		if s[0] != 0xf7 || s[1] != answers[0] && s[1] != answers[1] && s[1] != answers[2] && s[1] != answers[3] || le16(s[2:]) < 7 {
			return No
		}
		if len(b) >= n && b[12] == 0 {
			return Match
		}
	}
	return NeedMore
}

// battleNet judges the first message to a Battle.net server: the byte that
// picks the protocol, then SID_AUTH_INFO with platform "IX86" (or a Macintosh's) and the game.
func battleNet(b []byte, games ...string) Verdict {
	const platform, game = 9, 13
	if v := begins(b, "\x01\xff\x50"); v != Match {
		return v
	}
	if len(b) < game+4 {
		return NeedMore
	}
	if p := string(b[platform:game]); be32(b[5:]) != 0 || p != "68XI" && p != "CAMP" && p != "CAMX" {
		return No
	}
	for _, g := range games {
		if string(b[game:game+4]) == g {
			return Match
		}
	}
	return No
}
