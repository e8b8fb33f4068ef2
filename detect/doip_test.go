package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDoIP(t *testing.T) {
	const id = proto.DoIP
	mustMatch(t, id, id, UDP, 13400, cx("02fd 0001 00000000"))
	mustMatch(t, id, id, TCP, 13400, cx("02fd 0005 00000007 0e00 00 00000000"))
	mustMatch(t, id, id, TCP, 13401, sx("03fc 8001 00000007 0e00 1000 22f190"))
	mustNot(t, id, UDP, 13400, cx("02fd 0001 00000001"))
	mustNot(t, id, UDP, 13400, cx("02fd 0001 00000000 00"))
	mustNot(t, id, TCP, 13400, cx("02fc 0005 00000007"))
	mustNot(t, id, TCP, 13400, cx("02fd 0009 00000000"))
}
