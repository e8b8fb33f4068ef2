package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHTTPConnect(t *testing.T) {
	testProtocol(t, proto.HTTPConnect)
	res := mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 8888, c("CONNECT Example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nUser-Agent: probe/1\r\n\r\n"))
	wantText(t, res, attr.HostName, "example.org")
	wantText(t, res, attr.HTTPURL, "Example.org:443")
	wantText(t, res, attr.HTTPUserAgent, "probe/1")
	res = mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 8888, c("CONNECT alice:secret@example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"))
	wantText(t, res, attr.HostName, "example.org")
	wantText(t, res, attr.HTTPURL, "example.org:443")
	mustNot(t, proto.HTTPConnect, TCP, 8888, c("GET / HTTP/1.1\r\n"))
}
