package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDLEP(t *testing.T) {
	const id = proto.DLEP
	mustMatch(t, id, id, UDP, 854, cx("444c4550 0001 0008 0004 0004 00 727472"))
	mustMatch(t, id, id, TCP, 854, cx("0001 0010 0005 0004 0000ea60 0006 0004 fff1fff4"))
	mustMatch(t, id, id, TCP, 854, sx("0002 000d 0001 0001 00 0005 0004 0000ea60"))
	mustNot(t, id, UDP, 854, cx("444c4550 0003 0008 0004 0004 00 727472"))
	mustNot(t, id, UDP, 854, cx("444c4550 0001 0009 0004 0004 00 727472"))
	mustNot(t, id, TCP, 854, cx("0001 0008 0006 0004 fff1fff4"))
	mustNot(t, id, TCP, 854, cx("0001 0009 0005 0004 0000ea60 00"))
}
