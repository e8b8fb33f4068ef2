package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestMySQL(t *testing.T) {
	greeting := s("\x4a\x00\x00\x00\x0a8.0.36-0ubuntu\x00\x08\x00\x00\x00abcdefgh\x00\xff\xff\xff\x02\x00\xff\xdf\x15")
	res := mustMatch(t, proto.MYSQL, proto.MYSQL, TCP, 3306, greeting)
	wantText(t, res, attr.Banner, "8.0.36-0ubuntu")
	refusal := "\x00\x00\x00\xff\x6a\x04Host '10.0.0.1' is not allowed to connect to this MySQL server"
	mustMatch(t, proto.MYSQL, proto.MYSQL, TCP, 3306, s(string(rune(len(refusal)-3))+refusal))
	mustNot(t, proto.MYSQL, TCP, 3306, s("\x4a\x00\x00\x01\x0a8.0.36\x00\x08\x00\x00\x00abcdefgh\x00"))
	mustNot(t, proto.MYSQL, TCP, 3306, s("\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00abcdefghi"))
	mustNot(t, proto.MYSQL, TCP, 3306, c("GET / HTTP/1.1\r\n"))
}
