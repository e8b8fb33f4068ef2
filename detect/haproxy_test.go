package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHAProxy(t *testing.T) {
	testProtocol(t, proto.HAProxy)
	const id = proto.HAProxy
	mustMatch(t, id, proto.HTTP, TCP, 443, c("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET / HTTP/1.1\r\n"))
	mustMatch(t, id, id, TCP, 443, c("PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n"))
	mustMatch(t, id, id, TCP, 443, c("PROXY UNKNOWN\r\n"))
	mustMatch(t, id, id, TCP, 443, cx("0d0a0d0a000d0a515549540a 21 11 000c c0000201 c6336401 dc04 01bb"))
	mustNot(t, id, TCP, 443, c("PROXY TCP5 192.0.2.1 198.51.100.1 56324 443\r\n"))
	mustNot(t, id, TCP, 443, c("PROXY TCP4 host.example 198.51.100.1 56324 443\r\n"))
	mustNot(t, id, TCP, 443, cx("0d0a0d0a000d0a515549540a 11 11 000c"))
}

// The flow is what the connection carries (for one that carries nothing yet it is the PROXY protocol).
func TestProxyCarries(t *testing.T) {
	const get = "GET /x HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
	v2 := "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x01\xc3\x50\x01\xbb"
	for _, head := range []string{"PROXY TCP4 192.0.2.1 198.51.100.1 50000 80\r\n", v2} {
		res := mustMatch(t, proto.HAProxy, proto.HTTP, TCP, 8080, c(head+get))
		wantText(t, res, attr.HostName, "www.example.org")
		wantText(t, res, attr.ProxyClient, "192.0.2.1:50000")
		mustMatch(t, proto.HAProxy, proto.HTTP, TCP, 8080, c(head), c(get))
		mustMatch(t, proto.HAProxy, proto.SMTP, TCP, 25, c(head), s("220 mx.example.org ESMTP\r\n"), c("EHLO a.example.org\r\n"))
	}
	mustMatch(t, proto.HAProxy, proto.HAProxy, TCP, 8080, c(v2), c("\x99\x98 something of its own"))
}
