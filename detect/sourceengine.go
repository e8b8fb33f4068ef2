package detect

import "netifyd/core/proto"

var sourceengineCard = Protocol{ID: proto.SourceEngine, Over: UDP, Ports: []uint16{27015, 27016}, First: "\xff", Limit: 2048, Inspect: inspectSourceEngine}

var sourceengineHalfLife2Card = Protocol{ID: proto.HalfLife2, Over: UDP, First: "\xff", Limit: 512, Inspect: inspectHalfLife2}

// connectionless begins every packet of Quake's descendants that belongs to no connection.
const connectionless = "\xff\xff\xff\xff"

const a2sInfo = connectionless + "TSource Engine Query\x00"

// inspectSourceEngine recognises Valve's server queries
// (https://developer.valvesoftware.com/wiki/Server_queries): the question for
// the server's state spells its name; the answer to it is a structure of text
// and numbers; the short questions for players and rules count with their answer.
func inspectSourceEngine(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 9 || string(d[:4]) != connectionless {
		return No
	}
	switch d[4] {
	case 'T':
		return begins(d, a2sInfo)
	case 'I':
		if isSourceInfo(d[5:]) {
			return Match
		}
		return No
	case 'U', 'V', 'W': // players, rules, challenge: the token or -1
		if len(d) != 9 {
			return No
		}
	case 'A', 'D', 'E':
		return sourceAnswer(in, d)
	default:
		return No
	}
	return NeedMore
}

// sourceAnswer wants the question before an answer.
func sourceAnswer(in *Input, d []byte) Verdict {
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer == in.FromServer || len(b) != 9 || string(b[:4]) != connectionless {
			continue
		}
		switch ask := b[4]; {
		case d[4] == 'A' && len(d) == 9 && (ask == 'U' || ask == 'V' || ask == 'W'),
			d[4] == 'D' && ask == 'U', d[4] == 'E' && ask == 'V':
			return Match
		}
	}
	return NeedMore
}

// isSourceInfo reads the answer to the question for the state: a version, four
// texts, the application, three counts, and letters for the kind of the server and its system.
func isSourceInfo(b []byte) bool {
	b = b[1:]
	for range 4 {
		n := 0
		for n < len(b) && b[n] >= ' ' && b[n] != 0x7f {
			n++
		}
		if n == len(b) || b[n] != 0 {
			return false
		}
		b = b[n+1:]
	}
	if len(b) < 9 {
		return false
	}
	kind, system := b[5]|0x20, b[6]|0x20
	return (kind == 'd' || kind == 'l' || kind == 'p') && (system == 'l' || system == 'w' || system == 'm' || system == 'o') && b[7] <= 1 && b[8] <= 1
}

// inspectHalfLife2 recognises how a client of the Source engine enters a
// server: it asks for a challenge and pads the question with text zeros, as
// the server pads its answer, so that neither is the larger (Source SDK 2013).
func inspectHalfLife2(in *Input, _ *Result) Verdict {
	const least = 16
	padded := [2]bool{}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if len(b) < least || string(b[:4]) != connectionless || string(b[len(b)-4:]) != "000\x00" {
			return No
		}
		if fromServer {
			padded[1] = true
		} else {
			padded[0] = true
		}
	}
	if padded[0] && padded[1] {
		return Match
	}
	return NeedMore
}
