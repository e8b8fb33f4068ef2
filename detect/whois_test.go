package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestWhois(t *testing.T) {
	testProtocol(t, proto.WhoisDAS)
	res := mustMatch(t, proto.WhoisDAS, proto.WhoisDAS, TCP, 43, c("domain =Example.com\r\n"), s("% IANA WHOIS server\r\n"))
	wantText(t, res, attr.HostName, "example.com")
	mustMatch(t, proto.WhoisDAS, proto.WhoisDAS, TCP, 43, s("   Domain Name: EXAMPLE.COM\r\n"))
	mustNot(t, proto.WhoisDAS, TCP, 44, c("example.com\r\n"), s("% IANA WHOIS server\r\n"))
	mustNot(t, proto.WhoisDAS, TCP, 43, c("example.com\r\nand more\r\n"), s("% IANA\r\n"))
	mustNot(t, proto.WhoisDAS, TCP, 43, c("\x16\x03\x01\x00\x05"))
	mustNot(t, proto.WhoisDAS, TCP, 43, c("example.com\r\n"))
}
