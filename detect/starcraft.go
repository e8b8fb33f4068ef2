package detect

import "netifyd/core/proto"

// Blizzard's older games log in to Battle.net with messages that begin with
// 0xff (https://bnetdocs.org/document/10/battle-net-chat-server-protocol): the
// first says platform and game. StarCraft II opens with constant bytes at the
// port that Blizzard's support names for it.
var starcraftCard = Protocol{ID: proto.Starcraft, Over: TCP, Ports: []uint16{1119, 6112}, Limit: 64, Inspect: inspectStarcraft}

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
