package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var imapCard = Protocol{ID: proto.IMAP, Over: TCP, Ports: []uint16{143}, Limit: 8192, Inspect: inspectIMAP}

var imapVerbs = []string{"CAPABILITY", "LOGIN ", "AUTHENTICATE ", "STARTTLS", "ID ", "ID\r", "NOOP", "LOGOUT", "SELECT ", "EXAMINE ", "LIST ",
	"LSUB ", "STATUS ", "NAMESPACE", "ENABLE ", "IDLE", "FETCH ", "UID ", "COMPRESS ", "EXPUNGE", "CLOSE", "APPEND ", "XLIST ", "CREATE ", "CHECK"}

// imapEnds end the time in which STARTTLS could still come.
var imapEnds = []string{"LOGIN ", "AUTHENTICATE ", "SELECT ", "LOGOUT", "LIST "}

// inspectIMAP recognises IMAP (RFC 9051): the server's untagged greeting and a
// tagged command of the client, or a greeting that says IMAP. STARTTLS makes it IMAP/S.
func inspectIMAP(in *Input, res *Result) Verdict {
	client := imapCommand(in.ToServer)
	server := beginsAny(in.ToClient, []string{"* OK", "* PREAUTH", "* BYE"})
	if server == No && client == Match {
		server = imapAnswer(in.ToServer, in.ToClient)
	}
	if len(in.ToClient) == 0 && imapAlone(in.ToServer) {
		noteCredentials(in.ToServer, true, imapLogins, res)
		return Match
	}
	if server == No || client == No {
		return No
	}
	line, _, found := cutLine(in.ToClient)
	says := findFold(line, "IMAP") >= 0 || findFold(line, "[CAPABILITY") >= 0
	if server != Match || !found && (!says || !isText(line)) || client != Match && !says {
		return NeedMore
	}
	if found && line[0] == '*' && len(line) > 5 {
		_, text := cutWord(line[2:])
		res.Put(attr.MailBanner, text)
	}
	noteCredentials(in.ToServer, true, imapLogins, res)
	mailTLS(in, res, "STARTTLS", true, proto.IMAPS, imapEnds)
	return Match
}

// imapCommand wants a tag (RFC 9051, section 9: no wildcard, quote, brace or plus), a space and a command.
func imapCommand(b []byte) Verdict {
	for i, ch := range b {
		switch {
		case ch == ' ' && i > 0:
			return beginsAny(b[i+1:], imapVerbs)
		case ch <= ' ' || ch >= 0x7f || i >= 32:
			return No
		case ch == '(' || ch == ')' || ch == '{' || ch == '%' || ch == '*' || ch == '"' || ch == '\\' || ch == '+':
			return No
		}
	}
	return NeedMore
}

// imapAlone knows a client whose server is not seen by two commands that are
// whole and whose tags are two numbers, as all programs have them.
func imapAlone(b []byte) bool {
	var first []byte
	for line, rest, found := cutLine(b); found; line, rest, found = cutLine(b) {
		tag, text := cutWord(line)
		switch {
		case imapCommand(line) != Match || !endsInDigit(tag) || !isWholeIMAP(text) || len(b)-len(rest) != len(line)+2:
			if first == nil {
				return false
			}
		case first == nil:
			first = tag
		case !same(first, tag):
			return true
		}
		b = rest
	}
	return false
}

// isWholeIMAP says that nothing follows a command that takes no argument.
func isWholeIMAP(text []byte) bool {
	for _, verb := range imapVerbs {
		if beginsFold(text, verb) == Match && (verb[len(verb)-1] == ' ' || len(text) == len(verb)) {
			return true
		}
	}
	return false
}

func endsInDigit(b []byte) bool {
	const longest = 12
	return len(b) > 0 && len(b) <= longest && b[len(b)-1] >= '0' && b[len(b)-1] <= '9'
}

// imapAnswer wants data or the tagged answer to the client's first command:
// what the server says where the greeting was not seen.
func imapAnswer(command, answer []byte) Verdict {
	if v := begins(answer, "* "); v != No {
		if v == Match && len(answer) < 5 {
			return NeedMore
		}
		return max(v, NeedMore)
	}
	tag, _ := cutWord(command)
	for i, ch := range answer {
		switch {
		case i < len(tag) && ch != tag[i], i == len(tag) && ch != ' ':
			return No
		case i == len(tag):
			return beginsAny(answer[i+1:], []string{"OK ", "NO ", "BAD "})
		}
	}
	return NeedMore
}
