package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSTOMP(t *testing.T) {
	mustMatch(t, proto.STOMP, proto.STOMP, TCP, 61613, c("CONNECT\naccept-version:1.2\nhost:x\n\n\x00"))
	mustMatch(t, proto.STOMP, proto.STOMP, TCP, 61613, c("STOMP\r\nhost:x\r\n\r\n\x00"))
	mustMatch(t, proto.STOMP, proto.STOMP, TCP, 61613, s("CONNECTED\nversion:1.2\n\n\x00"))
	mustNot(t, proto.STOMP, TCP, 80, c("CONNECT x:443 HTTP/1.1\r\n"))
	mustNot(t, proto.STOMP, TCP, 4222, c("CONNECT {}\r\n"))
}
