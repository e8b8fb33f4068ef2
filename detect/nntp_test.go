package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNNTP(t *testing.T) {
	testProtocol(t, proto.NNTP)
	mustMatch(t, proto.NNTP, proto.NNTP, TCP, 119, s("200 reader.example.com ready\r\n"), c("MODE READER\r\n"))
	mustMatch(t, proto.NNTP, proto.NNTP, TCP, 119, s("200 example.com InterNetNews NNRP server INN 2.7 ready\r\n"))
	mustMatch(t, proto.NNTP, proto.NNTPS, TCP, 119, s("201 x\r\n"), c("STARTTLS\r\n"), s("382 go\r\n"), c(hello))
	mustMatch(t, proto.NNTP, proto.NNTP, TCP, 119, s("502 no permission to talk\r\n"), c("MODE READER\r\n"))
	mustNot(t, proto.NNTP, TCP, 119, s("502 no\r\n"), c("HELP\r\n"))
	mustMatch(t, proto.NNTP, proto.NNTP, TCP, 119, s("200 hello\r\n"), c("LIST\r\n"), s("215 list follows\r\n"))
	mustNot(t, proto.NNTP, TCP, 119, s("200\r\n2652\x00"), c("list of names\r\n"))
	mustNot(t, proto.NNTP, TCP, 119, s("200 hello\r\n"))
	mustNot(t, proto.NNTP, TCP, 21, s("220 hello\r\n"), c("LIST\r\n"))
}
