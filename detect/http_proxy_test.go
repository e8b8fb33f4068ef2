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
	mustNot(t, proto.HTTPProxy, TCP, 3128, c("GET /?to=http://example.org/ HTTP/1.1\r\n"))
}
