package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// IRC (RFC 2812): the client gives its nickname and its user with four
// parameters, or negotiates capabilities first (IRCv3); the server's messages begin with
// its name behind a colon. Two such lines, of one or both sides, are the evidence.
var ircCard = Protocol{ID: proto.IRC, Over: TCP, Ports: []uint16{6667, 6666, 6668, 6669}, Limit: 8192, Inspect: inspectIRC}

func inspectIRC(in *Input, res *Result) Verdict {
	asked, more := ircLines(in.ToServer, isIRCCommand)
	if len(in.ToServer) > 0 && asked == 0 && !more {
		return No
	}
	answered, alsoMore := ircLines(in.ToClient, isIRCMessage)
	switch {
	case len(in.ToClient) > 0 && answered == 0 && !alsoMore:
		return No
	case asked+answered >= 2 && (asked > 0 || answered >= 2):
		ircTLS(in, res)
		return Match
	}
	return NeedMore
}

// ircTLS reads TLS behind STARTTLS (ircv3.net/specs/extensions/tls), which a
// client asks for before it is registered.
func ircTLS(in *Input, res *Result) {
	t := findTLS(in, "STARTTLS", false)
	if t.accepted {
		t.read(res, proto.IRCS)
		insideTLS(t.client, t.server, res)
		return
	}
	early := !hasLine(in.ToServer, false, []string{"NICK ", "USER "}) ||
		hasLine(in.ToServer, false, []string{"CAP LS"}) && !hasLine(in.ToServer, false, []string{"CAP END"}) // registration waits (IRCv3, capability negotiation)
	res.More = (t.asked || early) && len(in.ToServer) < 1024
}

// ircLines counts the lines at the beginning of b that are of the protocol, up
// to two; more says that the line after them is not complete.
func ircLines(b []byte, is func(line []byte, whole bool) bool) (n int, more bool) {
	for n < 2 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return n, len(b) < 510 && is(b, false)
		}
		if !is(bytes.TrimSuffix(b[:end], []byte{'\r'}), true) {
			return n, false
		}
		n++
		b = b[end+1:]
	}
	return n, true
}

// isIRCCommand knows what a client may send before it is registered
// (RFC 2812, section 3.1). FTP and POP3 have USER and PASS too, but not with these parameters.
func isIRCCommand(line []byte, whole bool) bool {
	if !whole {
		return beginsOneOf(line, []string{"NICK ", "USER ", "PASS ", "CAP ", "PING ", "STARTTLS\r"}) != No && isLines(line)
	}
	switch {
	case !isLines(line):
	case bytes.HasPrefix(line, []byte("NICK ")):
		return len(line) > 5 && bytes.IndexByte(line[5:], ' ') < 0
	case bytes.HasPrefix(line, []byte("USER ")):
		return bytes.Count(line, []byte{' '}) >= 4
	case bytes.HasPrefix(line, []byte("CAP LS")), bytes.HasPrefix(line, []byte("CAP REQ ")), bytes.HasPrefix(line, []byte("PASS ")), string(line) == "STARTTLS":
		return true
	}
	return false
}

// isIRCMessage knows a server's first messages: ":name NOTICE …", ":name 001 …", "NOTICE AUTH :…", "PING …".
func isIRCMessage(line []byte, whole bool) bool {
	if !isLines(line) {
		return false
	}
	if len(line) > 0 && line[0] == ':' {
		at := bytes.IndexByte(line, ' ')
		if at < 0 {
			return !whole
		}
		rest := line[at+1:]
		digits := 0
		for digits < min(len(rest), 3) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == len(rest) && !whole || digits == 3 {
			return true
		}
		v := beginsOneOf(rest, []string{"NOTICE ", "CAP ", "NICK ", "MODE ", "JOIN ", "PING ", "PRIVMSG "})
		return v == Match || v == NeedMore && !whole
	}
	v := beginsOneOf(line, []string{"NOTICE ", "PING :", "ERROR :"})
	return v == Match || v == NeedMore && !whole
}
