package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var pop3Card = Protocol{ID: proto.POP3, Over: TCP, Ports: []uint16{110}, Limit: 8192, Inspect: inspectPOP3}

var pop3Verbs = []string{"USER ", "CAPA\r", "CAPA\n", "AUTH\r", "AUTH ", "APOP ", "STLS\r", "STLS\n", "QUIT\r", "QUIT\n", "PASS ",
	"STAT\r", "LIST\r", "UIDL\r", "RETR ", "NOOP\r", "TOP ", "DELE ", "UTF8\r"}

// pop3Ends end the time in which STLS could still come.
var pop3Ends = []string{"USER ", "AUTH ", "APOP ", "PASS ", "STAT", "QUIT"}

// inspectPOP3 recognises POP3 (RFC 1939): "+OK" from the server, who speaks
// first, and a command of the protocol, or a greeting that says POP. STLS (RFC 2595, section 4) makes it POP3/S.
func inspectPOP3(in *Input, res *Result) Verdict {
	server := max(begins(in.ToClient, "+OK"), begins(in.ToClient, "-ERR"))
	client := beginsAny(in.ToServer, pop3Verbs)
	if in.ClientFirst() && (len(in.ToServer) > pop3Longest || beginsAny(in.ToServer, []string{"USER ", "CAPA\r\n"}) == No) || server == No || client == No || !in.Opened && isRedisAuth(in.ToServer) {
		return No
	}
	line, _, found := cutLine(in.ToClient)
	if !isText(line) {
		return No
	}
	if len(in.ToClient) == 0 && pop3Alone(in.ToServer) {
		return Match
	}
	if server != Match || !found {
		return NeedMore
	}
	if client != Match && (findFold(line, "POP") < 0 || line[0] != '+') {
		return NeedMore
	}
	if len(line) > 4 {
		res.Put(attr.MailBanner, trimSpace(line[3:]))
	}
	noteCredentials(in.ToServer, false, pop3Logins, res)
	mailTLS(in, res, "STLS", false, proto.POP3S, pop3Ends)
	return Match
}

// pop3Longest is how much a client may say before it shows to be one of POP3, where its server is not seen.
const pop3Longest = 512

// pop3Own are commands of RFC 1939 and 2595; FTP has some of them too, with other arguments.
var pop3Own = []string{"STAT \r", "UIDL \r#", "LIST \r#", "RETR #", "TOP #", "DELE #", "STLS \r"}

// pop3Alone knows such a client by its name and password, or its question what
// the server can, and a command that only POP3 has.
func pop3Alone(b []byte) bool {
	asks := beginsAny(b, []string{"CAPA\r\n"}) == Match
	return (asks || hasLine(b, false, []string{"USER "}) && hasLine(b, false, []string{"PASS "})) &&
		commands(b, pop3Own) && !commands(b, ftpOwn) && beginsAny(b, pop3Verbs) == Match
}

// isRedisAuth says that what follows AUTH is no mechanism of SASL, which are
// named in capitals (RFC 4422, section 3.1), but a password, as Redis wants it.
func isRedisAuth(b []byte) bool {
	const verb = "AUTH "
	if begins(b, verb) != Match {
		return false
	}
	for _, c := range b[len(verb):] {
		switch {
		case c == ' ' || c == '\r' || c == '\n':
			return false
		case c != '-' && c != '_' && (c < '0' || c > '9' && c < 'A' || c > 'Z'):
			return true
		}
	}
	return false
}
