package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHTTPProxy(t *testing.T) {
	testProtocol(t, proto.HTTPProxy)
	res := mustMatch(t, proto.HTTPProxy, proto.HTTPProxy, TCP, 80, c("GET http://example.org:8080/a?b HTTP/1.1\r\n\r\n"))
	wantText(t, res, attr.HostName, "example.org")
	wantText(t, res, attr.HTTPURL, "example.org:8080/a?b")
	query := c("QUERY HTTP://alice:secret@example.org/a HTTP/1.1\r\nHost: example.org\r\n\r\n") // a method that is not in the list
	res = mustMatch(t, proto.HTTPProxy, proto.HTTPProxy, TCP, 8081, query, s("HTTP/1.1 200 OK\r\n\r\n"))
	wantText(t, res, attr.HTTPMethod, "QUERY")
	wantText(t, res, attr.HTTPURL, "example.org/a")
	mustNot(t, proto.HTTPProxy, TCP, 8081, query, s("220 mail\r\n"))
	mustNot(t, proto.HTTPProxy, TCP, 3128, c("GET /?to=http://example.org/ HTTP/1.1\r\n"))
}
