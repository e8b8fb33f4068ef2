package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRedis(t *testing.T) {
	mustMatch(t, proto.Redis, proto.Redis, TCP, 6379, c("*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n"))
	mustMatch(t, proto.Redis, proto.Redis, TCP, 6379, c("PING\r\n"), s("+PONG\r\n"))
	mustMatch(t, proto.Redis, proto.Redis, TCP, 6379, c("INFO\r\n"), s("$2100\r\n# Server\r\n"))
	mustNot(t, proto.Redis, TCP, 6379, c("*2\r\n$4\r\n1234\r\n"))
	mustNot(t, proto.Redis, TCP, 6379, c("*x"))
	mustNot(t, proto.Redis, TCP, 143, s("* OK IMAP\r\n"))
	mustNot(t, proto.Redis, TCP, 4222, c("PING\r\n"), s("PONG\r\n"))
}
