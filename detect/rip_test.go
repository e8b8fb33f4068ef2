package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRIP(t *testing.T) {
	testProtocol(t, proto.RIP)
	const id = proto.RIP
	mustMatch(t, id, id, UDP, 520, cx("01 01 0000 0000 0000 00000000 00000000 00000000 00000010"))
	mustMatch(t, id, id, UDP, 520, cx("02 02 0000 0002 0000 0a000000 ff000000 00000000 00000001"))
	mustMatch(t, id, id, UDP, 521, cx("02 01 0000 20010db8000000000000000000000000 0000 20 01"))
	mustNot(t, id, UDP, 519, cx("02 02 0000 0002 0000 0a000000 ff000000 00000000 00000001"))
	mustNot(t, id, UDP, 520, cx("02 02 0000 0002 0000 0a000000 ff000000 00000000 00000011"))
	mustNot(t, id, UDP, 520, cx("02 02 0000 0002 0000 0a000000 ff000000 00000000 000001"))
	mustNot(t, id, UDP, 520, cx("02 01 0000 0002 0000 0a000000 ff000000 00000000 00000001"))
	mustNot(t, id, UDP, 521, cx("02 01 0000 20010db8000000000000000000000000 0000 81 01"))
}
