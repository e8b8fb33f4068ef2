package detect

import "netifyd/core/proto"

// Financial Information eXchange (FIX session protocol, tag=value encoding):
// every message begins with BeginString (8=FIX.4.2, 8=FIXT.1.1), BodyLength (9)
// and MsgType (35), each ended by SOH. Exchanges put names of their own there
// that begin with O; a compressed session begins with 8=FIXCOMP.
var fixCard = Protocol{ID: proto.FIX, Over: TCP, Limit: 128, Inspect: inspectFIX}

func inspectFIX(in *Input, _ *Result) Verdict {
	return eitherWay(in, fixMessage)
}

func fixMessage(b []byte) Verdict {
	const start, longest = "8=", 16
	const soh = 1
	v := begins(b, start)
	if v != Match {
		return v
	}
	version := b[len(start):]
	n := 0
	for n < len(version) && version[n] != soh {
		if c := version[n]; c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') || n >= longest {
			return No
		}
		n++
	}
	known, own := begins(version[:n], "FIX"), n == 0 || version[0] == 'O'
	if known == No && !own {
		return No
	}
	if n == len(version) {
		return NeedMore
	}
	switch {
	case own && n > 0:
		return fixFields(version[n:])
	case string(version[:n]) == "FIXCOMP":
		return Match
	case known != Match || n > len("FIXT.1.1"):
		return No
	}
	for _, c := range version[len("FIX"):n] {
		if c != '.' && c != 'T' && (c < '0' || c > '9') {
			return No
		}
	}
	return begins(version[n:], "\x019=")
}

// fixFields wants the length of the body in digits and the kind of the message,
// where the name of the version is no proof.
func fixFields(b []byte) Verdict {
	v := begins(b, "\x019=")
	if v != Match {
		return v
	}
	n := len("\x019=")
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	if n == len("\x019=") && n < len(b) || n > len("\x019=")+6 {
		return No
	}
	return begins(b[n:], "\x0135=")
}
