package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMSN(t *testing.T) {
	const id = proto.MSN
	mustMatch(t, id, id, TCP, 1863, c("VER 1 MSNP15 CVR0\r\n"))
	mustMatch(t, id, id, TCP, 40001, c("VER 0 MSNP9 MSNP8 CVR0\r\n"), s("VER 0 MSNP8\r\n"))
	mustMatch(t, id, id, TCP, 1863, c("USR 1 alice@example.org 1216709.8463\r\n"))
	mustMatch(t, id, id, TCP, 1863, c("ANS 1 bob@example.org 1216709.8463 11\r\n"))
	mustNot(t, id, TCP, 40001, c("USR 1 alice@example.org 1216709.8463\r\n"))
	mustNot(t, id, TCP, 1863, c("VER x MSNP15\r\n"))
	mustNot(t, id, TCP, 1863, c("USR 1 OK bob\r\n"))
}
