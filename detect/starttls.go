package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// textTLS looks for the change to TLS in a conversation of lines: a client's
// line that is the command (behind a tag in IMAP), and TLS records after it.
type textTLS struct {
	asked          bool   // the command was given
	accepted       bool   // and the client went on with TLS
	client, server []byte // the TLS bytes of each direction, where accepted
}

// findTLS reads both directions; command is in upper-case ASCII.
func findTLS(in *Input, command string, tagged bool) (t textTLS) {
	for b := in.ToServer; len(b) > 0; {
		line, rest, found := cutLine(b)
		if !found || !isText(line) {
			break
		}
		if tagged {
			_, line = cutWord(line)
		}
		b = rest
		if beginsFold(line, command) != Match {
			continue
		}
		t.asked = true
		if isTLSRecord(rest) {
			t.accepted, t.client = true, rest
			break
		}
	}
	for b := in.ToClient; t.accepted && len(b) > 0; {
		if isTLSRecord(b) {
			t.server = b
			break
		}
		line, rest, found := cutLine(b)
		if !found || !isText(line) {
			break
		}
		b = rest
	}
	return t
}

// read fills in what TLS tells and names the flow. Limits of the cards leave
// room for a hello each way behind the lines.
func (t *textTLS) read(res *Result, secure proto.ID) {
	res.More = true
	inspectTLS(t.client, t.server, res)
	res.Partial = false
	res.Protocol = secure
}

// isTLSRecord wants the first bytes of a handshake record (RFC 8446, section 5.1).
func isTLSRecord(b []byte) bool {
	return len(b) >= 3 && b[0] == 22 && b[1] == 3 && b[2] <= 4
}

// cutWord splits a line behind its first space.
func cutWord(line []byte) (word, rest []byte) {
	for i, ch := range line {
		if ch == ' ' {
			return line[:i], line[i+1:]
		}
	}
	return line, nil
}

// hasLine says that one of the complete lines of b begins with one of the
// words in upper-case ASCII (behind a tag where tagged).
func hasLine(b []byte, tagged bool, words []string) bool {
	for {
		line, rest, found := cutLine(b)
		if !found {
			return false
		}
		if tagged {
			_, line = cutWord(line)
		}
		if beginsAny(line, words) == Match {
			return true
		}
		b = rest
	}
}

// commands says that one of the complete lines of b is one of the commands. Each
// is a word in upper-case ASCII and, behind a space, what its argument may be: a
// letter for itself alone, | for what begins so, # for a number, a comma for
// numbers with commas, * for anything, CR for none.
func commands(b []byte, own []string) bool {
	for line, rest, found := cutLine(b); found; line, rest, found = cutLine(rest) {
		word, arg := cutWord(line)
		for _, c := range own {
			if n := len(word); n < len(c) && c[n] == ' ' && beginsFold(word, c[:n]) == Match && takes(c[n+1:], arg) {
				return true
			}
		}
	}
	return false
}

// takes says that a command takes an argument.
func takes(kinds string, arg []byte) bool {
	if len(arg) == 0 {
		return kinds[0] == '\r'
	}
	digit := '0' <= arg[0] && arg[0] <= '9'
	for i := range len(kinds) {
		switch k := kinds[i]; {
		case k == '*', k == '#' && digit, k == '|' && arg[0] == k,
			k == ',' && digit && bytes.IndexByte(arg, k) > 0,
			k == upper(arg[0]) && (len(arg) == 1 || arg[1] == ' '):
			return true
		}
	}
	return false
}

// replyCode reads the three digits and the space or minus that begin an answer
// of SMTP or FTP (RFC 5321, section 4.2; RFC 959, section 4.2). Match: code is set.
func replyCode(b []byte) (code int, v Verdict) {
	for i, ch := range b[:min(4, len(b))] {
		switch {
		case i == 3 && (ch == ' ' || ch == '-' || ch == '\r' || ch == '\n'):
		case i < 3 && '0' <= ch && ch <= '9' && (i > 0 || '1' <= ch && ch <= '5'):
			code = code*10 + int(ch-'0')
		default:
			return 0, No
		}
	}
	if len(b) < 4 {
		return 0, NeedMore
	}
	return code, Match
}
