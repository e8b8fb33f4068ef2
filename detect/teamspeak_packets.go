package detect

// The packets of a TeamSpeak 3 connection whose beginning was not seen
// (https://github.com/ReSpeak/tsdeclarations, ts3protocol.md, section 1): eight bytes
// of authentication, a number, from the client its identity, and a kind with
// flags. Those that are not encrypted, as voice is by default and pings are
// always, have the same eight bytes all the time.
const (
	tsPing, tsPong = 0x84, 0x85
	tsClient       = 13 // bytes of a client's head
	tsServer       = 11 // of a server's
)

// teamspeakMidway wants an answer to a ping that has its number, or two packets
// of one direction with the same eight bytes and numbers that rise.
func teamspeakMidway(in *Input) Verdict {
	d := in.Newest()
	if !teamspeakOpen(d, tsClient) && !teamspeakOpen(d, tsServer) {
		return No
	}
	const near = 16
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if &b[0] == &d[0] {
			break
		}
		if fromServer != in.FromServer {
			if isTeamSpeakPing(b, tsClient) && isTeamSpeakPong(d, tsServer, be16(b[8:])) || isTeamSpeakPing(b, tsServer) && isTeamSpeakPong(d, tsClient, be16(b[8:])) {
				return Match
			}
			continue
		}
		for _, head := range [2]int{tsClient, tsServer} {
			step := 0
			if teamspeakOpen(b, head) && teamspeakOpen(d, head) {
				step = be16(d[8:]) - be16(b[8:])
			}
			if step > 0 && step <= near && same(b[:8], d[:8]) && b[head-1] == d[head-1] && (head == tsServer || same(b[10:12], d[10:12])) {
				return Match
			}
		}
	}
	return NeedMore
}

// teamspeakOpen says that d may be a packet that is not encrypted: voice, ping or its answer.
func teamspeakOpen(d []byte, head int) bool {
	const longest, voice, whisper = 500, 0x80, 0x81
	if len(d) < head || len(d) > longest || !looksRandom(d[:8]) {
		return false
	}
	switch d[head-1] {
	case tsPing:
		return len(d) == head
	case tsPong:
		return len(d) == head+2
	case voice, whisper:
		return len(d) >= head+3
	}
	return false
}

func isTeamSpeakPing(d []byte, head int) bool { return teamspeakOpen(d, head) && d[head-1] == tsPing }

func isTeamSpeakPong(d []byte, head, number int) bool {
	return teamspeakOpen(d, head) && d[head-1] == tsPong && be16(d[head:]) == number
}

// isTeamSpeak2 recognises the login of TeamSpeak 2 and its answer
// (http://www.fiasko-nw.net/~thomas/2006/TeamTapper/protocol): class, function, and the
// session, which neither has yet.
func isTeamSpeak2(d []byte) bool {
	const login, answer, size, sizeOfAnswer = 3, 4, 180, 436
	if len(d) < 20 || be16(d) != 0xf4be || d[3] != 0 || be32(d[4:]) != 0 {
		return false
	}
	return d[2] == login && len(d) == size && be32(d[8:]) == 0 || d[2] == answer && len(d) == sizeOfAnswer
}
