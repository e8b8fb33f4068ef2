package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestFastCGI(t *testing.T) {
	testProtocol(t, proto.FastCGI)
	const id = proto.FastCGI
	mustMatch(t, id, id, TCP, 9000, cx("01 01 0001 0008 00 00 0001 01 0000000000 01 04 0001 0010 00 00"))
	mustNot(t, id, TCP, 9000, cx("01 01 0001 0009 00 00 0001 01 0000000000"))
	mustNot(t, id, TCP, 9000, cx("01 01 0001 0008 00 00 0004 01 0000000000"))
	mustNot(t, id, TCP, 9000, cx("01 01 0001 0008 00 00 0001 01 0000000001"))
}
