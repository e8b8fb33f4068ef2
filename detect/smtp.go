package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

var smtpCard = Protocol{ID: proto.SMTP, Over: TCP, Ports: []uint16{25, 587}, Limit: 8192, Inspect: inspectSMTP}

var smtpHellos = []string{"EHLO ", "HELO ", "LHLO ", "EHLO\r", "HELO\r"}

// Commands after the greeting; seen first where the start of the flow was not.
var smtpLater = []string{"MAIL FROM:", "RCPT TO:"}

// smtpEnds end the time in which STARTTLS could still come.
var smtpEnds = []string{"MAIL ", "AUTH ", "DATA", "RCPT ", "QUIT"}

// inspectSMTP recognises SMTP and LMTP (RFC 5321): a greeting that says SMTP,
// or a greeting and the client's hello. STARTTLS (RFC 3207) makes it SMTP/S.
func inspectSMTP(in *Input, res *Result) Verdict {
	v := smtpShape(in)
	if v != Match {
		return v
	}
	if line, _, found := cutLine(in.ToClient); found {
		if _, v := replyCode(in.ToClient); v == Match && len(line) > 4 {
			res.Put(attr.MailBanner, line[4:])
			// The server's own name comes first (RFC 5321, section 4.2); some put their short one before it.
			name, rest, _ := bytes.Cut(line[4:], []byte(" "))
			if full, _, _ := bytes.Cut(rest, []byte(" ")); !isDomain(name) && isDomain(full) {
				name = full
			}
			if isDomain(name) {
				putHost(res, name)
			}
		}
	}
	noteCredentials(in.ToServer, false, smtpLogins, res)
	mailTLS(in, res, "STARTTLS", false, proto.SMTPS, smtpEnds)
	return Match
}

func smtpShape(in *Input) Verdict {
	code, server := replyCode(in.ToClient)
	if server == No {
		return No
	}
	greets := code == 220 || code == 421 || code == 521 || code == 554
	if server == Match && greets && greetsSMTP(in.ToClient) {
		return Match
	}
	if len(in.ToServer) == 0 && (code == 220 || code == 250) && offersESMTP(in.ToClient) {
		return Match
	}
	client := max(smtpHello(in.ToServer, server == Match), beginsAny(in.ToServer, smtpLater))
	if server == Match && !greets && client != Match {
		return No
	}
	return client
}

// offersESMTP knows a server whose client is not seen by two extensions in its
// answer to EHLO (RFC 5321, section 4.1.1.1).
func offersESMTP(b []byte) bool {
	n := 0
	for line, rest, found := cutLine(b); found; line, rest, found = cutLine(rest) {
		if len(line) > 4 && begins(line, "250") == Match && beginsAny(line[4:], []string{"8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "STARTTLS", "SIZE", "CHUNKING", "DSN", "VRFY", "AUTH ", "SMTPUTF8"}) == Match {
			n++
		}
	}
	return n >= 2
}

// helloMarks may stand in the name of a hello beside letters and digits.
var helloMarks = []byte(".-_[]:")

// smtpHello judges the client's hello. Without a greeting it wants the whole
// line: one name or address, and no second word (RFC 5321, section 4.1.1.1).
// nuttcp begins with "HELO nuttcp v6" too.
func smtpHello(b []byte, greeted bool) Verdict {
	v := beginsAny(b, smtpHellos)
	if v != Match || greeted {
		return v
	}
	line, _, found := cutLine(b)
	_, name := cutWord(line)
	for _, ch := range trimSpace(bytes.TrimSuffix(name, []byte("\r"))) { // whose line feed may be still to come
		if c := ch | 0x20; (c < 'a' || c > 'z') && (ch < '0' || ch > '9') && ch < 0x80 && bytes.IndexByte(helloMarks, ch) < 0 {
			return No
		}
	}
	switch {
	case !found:
		return NeedMore
	case b[len(line)] != '\r': // as nuttcp's
		return No
	}
	return Match
}

// greetingSays looks for a word in the complete lines of a greeting.
func greetingSays(b []byte, word string) bool {
	for {
		line, rest, found := cutLine(b)
		if !found || !isText(line) {
			return false
		}
		if findFold(line, word) >= 0 {
			return true
		}
		b = rest
	}
}

// greetsSMTP is greetingSays of SMTP where the first line may be cut, as in a
// capture of the first bytes of each packet.
func greetsSMTP(b []byte) bool {
	line, _, found := cutLine(b)
	if at := findFold(line, "SMTP"); !found && at >= 0 {
		return isText(line[:at])
	}
	return greetingSays(b, "SMTP")
}

// mailTLS puts whether TLS was asked for, and reads on in it where it was
// accepted: the flow is then secure. ends are the commands after which nobody asks for TLS.
func mailTLS(in *Input, res *Result, command string, tagged bool, secure proto.ID, ends []string) {
	t := findTLS(in, command, tagged)
	if t.asked {
		res.PutUint(attr.MailSTARTTLS, 1)
	}
	if !t.accepted {
		res.More = !hasLine(in.ToServer, tagged, ends)
		return
	}
	t.read(res, secure)
	insideTLS(t.client, t.server, res)
}
