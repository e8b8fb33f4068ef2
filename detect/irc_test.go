package detect

import (
	"crypto/tls"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestIRC(t *testing.T) {
	testProtocol(t, proto.IRC)
	for _, x := range [][]said{
		{c("NICK wiz\r\nUSER guest 0 * :Ronnie Reagan\r\n")},
		{c("USER guest tolmoon tolsun :Ronnie\r\n"), s(":irc.example.net NOTICE * :*** Looking up your hostname...\r\n")},
		{c("CAP LS 302\r\nNICK wiz\r\n")},
		{s(":irc.example.net NOTICE AUTH :*** Looking up\r\n"), c("NICK wiz\r\n")},
		{c("NICK wiz\n"), s("PING :12345\r\n")},
	} {
		mustMatch(t, proto.IRC, proto.IRC, TCP, 8000, x...)
	}
	for _, x := range [][]said{
		{s("220 ready\r\n"), c("USER anonymous\r\n")},
		{c("USER bob\r\nPASS x\r\n")},
		{c("PASS secret\r\n"), s("+OK\r\n")},
		{c("NICK two words\r\n")},
		{c("GET / HTTP/1.1\r\n")},
	} {
		mustNot(t, proto.IRC, TCP, 6667, x...)
	}
}

// STARTTLS before the client is registered.
func TestIRCStartTLS(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "irc.example.com", nil)
	res := mustMatch(t, proto.IRC, proto.IRCS, TCP, 6667, c("CAP LS 302\r\n"), s(":srv CAP * LS :tls\r\n"), c("STARTTLS\r\n"), s(":srv 670 me :go\r\n"), c(string(client)), s(string(server)))
	wantText(t, res, attr.TLSSNI, "irc.example.com")
	if !res.Has(attr.TLSFingerprint) || res.More {
		t.Error("the certificate is not read")
	}
}
