package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestIdent(t *testing.T) {
	const id = proto.Ident
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 113, c("6193, 23\r\n"), s("6193, 23 : USERID : UNIX : stjohns\r\n"))
	mustMatch(t, id, id, TCP, 40113, c("6195,23\r\n"), s("6195,23:ERROR:NO-USER\r\n"))
	mustNot(t, id, TCP, 113, c("6193, 70000\r\n"), s("6193, 23 : USERID"))
	mustNot(t, id, TCP, 113, c("6193, 23\r\n"), s("6193, 23 : ANYTHING"))
	mustNot(t, id, TCP, 113, c("6193 23\r\n"))
}
