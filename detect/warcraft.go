package detect

import "netifyd/core/proto"

var warcraftCard = Protocol{ID: proto.Warcraft3, Over: TCP, Ports: []uint16{6112}, Limit: 128, Inspect: inspectWarcraft3}

var warcraft3LANCard = Protocol{ID: proto.Warcraft3, Over: UDP, Ports: []uint16{6112}, First: "\xf7", Inspect: inspectWarcraft3LAN}

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

// inspectWarcraft3LAN knows how games are found on the local network: 0xf7, a
// kind, the length and the game's name.
func inspectWarcraft3LAN(in *Input, _ *Result) Verdict {
	const search, created = 0x2f, 0x31
	d := in.Newest()
	if len(d) < 16 || d[0] != 0xf7 || d[1] < search || d[1] > created || le16(d[2:]) != len(d) {
		return No
	}
	if game := string(d[4:8]); game != "PX3W" && game != "3RAW" {
		return No
	}
	return Match
}
