package detect

import "netifyd/core/attr"

// Commands that give a name or a password in the clear (RFC 1939, section 7;
// RFC 9051, section 6.2.3; RFC 4954, section 4; RFC 959, section 4.1.1).
var (
	pop3Logins   = []string{"PASS ", "AUTH PLAIN", "AUTH LOGIN", "USER "}
	imapLogins   = []string{"LOGIN ", "AUTHENTICATE PLAIN", "AUTHENTICATE LOGIN"}
	smtpLogins   = []string{"AUTH PLAIN", "AUTH LOGIN"}
	ftpLogins    = []string{"PASS "}
	ftpAnonymous = []string{"USER ANONYMOUS", "USER FTP\r", "USER FTP "} // a name for everybody (RFC 1635)
)

// noteCredentials notes that one of the commands is a line of b. What comes
// behind TLS is no line.
func noteCredentials(b []byte, tagged bool, logins []string, res *Result) {
	if hasLine(b, tagged, logins) {
		res.Facts |= attr.Credentials
	}
}
