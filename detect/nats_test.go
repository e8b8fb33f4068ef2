package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNATS(t *testing.T) {
	mustMatch(t, proto.NATS, proto.NATS, TCP, 4222, s("INFO {\"server_id\":\"x\"}\r\n"))
	mustMatch(t, proto.NATS, proto.NATS, TCP, 4222, c("CONNECT {\"verbose\":false}\r\n"))
	mustNot(t, proto.NATS, TCP, 80, c("CONNECT host:443 HTTP/1.1\r\n"))
	mustNot(t, proto.NATS, TCP, 6379, c("INFO\r\n"))
}
