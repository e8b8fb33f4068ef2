package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestEAQ(t *testing.T) {
	const id = proto.EAQ
	mustMatch(t, id, id, UDP, 6000, cx("00000000 00001122 0000abcd 00009000"))
	mustMatch(t, id, id, UDP, 7000, cx("00000007 00001122 000f423f 00009000"), sx("00000007 00001122 000f423f 00006000"))
	mustMatch(t, id, id, UDP, 7000, cx("00000007 00001122 000f423f 00009000"), cx("00000008 00001123 00000040 00009000"))
	mustNot(t, id, UDP, 7000, sx("00000007 00001122 000f423f 00006000"))
	mustNot(t, id, UDP, 6000, cx("00000000 00001122 000f4240 00009000")) // a second and more
	mustNot(t, id, UDP, 6000, cx("00000000 00001122 0000abcd 00009001"))
	mustNot(t, id, UDP, 6000, cx("00010000 00001122 0000abcd 00009000"))
	mustNot(t, id, UDP, 6000, cx("00000000 00001122 0000abcd 00009000 00"))
}
