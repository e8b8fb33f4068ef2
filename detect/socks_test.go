package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestSOCKS(t *testing.T) {
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, cx("050100"), sx("0500"), cx("05010003 0b"), c("example.com"), cx("0050"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, cx("05020002"), sx("0502"), cx("0104"), c("user"), cx("04"), c("pass"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, cx("04010050 c0000201"), c("fred\x00"), sx("005a0000 00000000"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 9050, cx("050100"), sx("0500"), cx("05f00003 0b"), c("example.com"), cx("0000"))
	mustNot(t, proto.SOCKS, TCP, 9050, cx("050100"), sx("0500"), cx("05f20003 0b"))
	mustNot(t, proto.SOCKS, TCP, 1080, cx("050100"), sx("0500"))
	mustNot(t, proto.SOCKS, TCP, 1080, cx("050100"), sx("0502"), cx("05010003"))
	mustNot(t, proto.SOCKS, TCP, 1080, cx("04010050 c0000201"), c("fred\x00"), sx("005a0000"))
	mustNot(t, proto.SOCKS, TCP, 135, cx("05000b0310000000"))
}

// What was asked for names the flow, and what the tunnel carries is read.
func TestSOCKSInside(t *testing.T) {
	const get = "GET /x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: curl/8\r\n\r\n"
	ok := "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
	ask := "\x05\x01\x00\x03\x0fwww.example.com\x00\x50"
	for name, what := range map[string][]said{
		"no password": {c("\x05\x01\x00"), s("\x05\x00"), c(ask), s(ok), c(get), s("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")},
		"password":    {c("\x05\x02\x00\x02"), s("\x05\x02"), c("\x01\x01u\x02pw"), s("\x01\x00"), c(ask), s(ok), c(get), s("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")},
		"4a":          {c("\x04\x01\x00\x50\x00\x00\x00\x01me\x00www.example.com\x00"), s("\x00\x5a\x00\x00\x00\x00\x00\x00"), c(get), s("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")},
	} {
		res := mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, what...)
		if got := string(res.Get(attr.HTTPUserAgent)); got != "curl/8" || res.More {
			t.Errorf("%s: user agent %q, more %v", name, got, res.More)
		}
	}
	res := mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, c("\x05\x01\x00"), s("\x05\x00"), c(ask), s(ok))
	wantText(t, res, attr.HostName, "www.example.com")
	res = mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, c("\x05\x01\x00"), s("\x05\x00"), c(ask), s("\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"))
	wantText(t, res, attr.HostName, "www.example.com")
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 4444, c("\x05\x02\x00\x01"), s("\x05\xff"))
}

// Mail inside: the server's own name is not what was asked for. A refusal is SOCKS.
func TestSOCKSMailAndRefusals(t *testing.T) {
	const banner, hello = "220 mx7.example.net ESMTP\r\n", "EHLO me\r\nMAIL FROM:<a@b>\r\n"
	for _, what := range [][]said{
		{c("\x05\x01\x00"), s("\x05\x00"), c("\x05\x01\x00\x03\x10mail.example.com\x00\x19"), s("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"), s(banner), c(hello)},
		{c("\x04\x01\x00\x19\x00\x00\x00\x01\x00mail.example.com\x00"), s("\x00\x5a\x00\x00\x00\x00\x00\x00"), s(banner), c(hello)},
	} {
		res := mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 9050, what...)
		wantText(t, res, attr.HostName, "mail.example.com")
		wantText(t, res, attr.MailBanner, "mx7.example.net ESMTP")
	}
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 9050, cx("05 03 000102"), sx("05ff"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 9050, cx("05 01 00"), sx("0500"), cx("05010001 01020304 01bb"), sx("0505 0001 00000000 0000"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 9050, cx("0401 01bb 08080808 00"), sx("005b 0000 00000000"))
}
