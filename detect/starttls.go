package detect

import "netifyd/core/proto"

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
