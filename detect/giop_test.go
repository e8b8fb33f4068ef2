package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGIOP(t *testing.T) {
	testProtocol(t, proto.Corba)
	const id = proto.Corba
	mustMatch(t, id, id, TCP, 2809, cx("47494f50 0102 01 00 24000000 00000000"))
	mustMatch(t, id, id, TCP, 2810, sx("47494f50 0100 00 01 00000010 00000000"))
	mustMatch(t, id, id, UDP, 5000, cx("4d494f50 10 02 0040 00000000 00000001 0000000c 000000000000000000000001"))
	mustNot(t, id, UDP, 5000, cx("4d494f50 20 02 0040 00000000 00000001 0000000c"))
	mustNot(t, id, TCP, 2809, cx("47494f50 0104 01 00 24000000"))
	mustNot(t, id, TCP, 2809, cx("47494f50 0102 01 09 24000000"))
	mustNot(t, id, TCP, 2809, cx("47494f50 0102 00 00 24000000"))
}
