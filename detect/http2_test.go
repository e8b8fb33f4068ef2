package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHTTP2(t *testing.T) {
	testProtocol(t, proto.HTTP2)
	settings := sx("000006 04 00 00000000 0003 00000064")
	mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 80, settings, c(http2Preface))
	mustNot(t, proto.HTTP2, TCP, 80, s("220 hello\r\n"))
	mustNot(t, proto.HTTP2, TCP, 80, c("PRI * HTTP/1.1\r\n"))
}
