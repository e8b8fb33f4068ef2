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

// Commands without lengths, answered as only Redis does.
func TestRedisInline(t *testing.T) {
	const id = proto.Redis
	mustMatch(t, id, id, TCP, 6379, c("AUTH noone password\r\nPING\r\n"), s("+OK\r\n+OK\r\n"))
	mustMatch(t, id, id, TCP, 7000, c("SET key \"my value\"\r\n"), s("+OK\r\n"))
	mustMatch(t, id, id, TCP, 7000, c("get key\r\n"), s("$5\r\nhello\r\n"))
	mustMatch(t, id, id, TCP, 7000, c("GET key\r\n"), s("$-1\r\n"))
	mustMatch(t, id, id, TCP, 7000, c("INCR visits\n"), s(":17\r\n"))
	mustNot(t, id, TCP, 7000, c("GET key\r\n"), s("$5\r\nhello, world\r\n"))
	mustNot(t, id, TCP, 7000, c("SET key 0 0 5\r\nhello\r\n"), s("STORED\r\n"))
	mustNot(t, id, TCP, 7000, c("GET / HTTP/1.1\r\n"), s("HTTP/1.1 200 OK\r\n"))
	in := Input{Over: TCP, IPProtocol: 6, Opened: true, ToClient: []byte("+OK\r\n"), FromServer: true}
	if v, _ := inspectBytes(t, id, in); v != No {
		t.Errorf("verdict %d: a server of Redis does not greet", v)
	}
}
