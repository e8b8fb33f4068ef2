package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNOE(t *testing.T) {
	const id = proto.NOE
	mustMatch(t, id, id, UDP, 32512, cx("00 000100 01010f 0202 0578"), sx("01"))
	mustMatch(t, id, id, UDP, 32512, sx("04"), cx("05"))
	mustMatch(t, id, id, UDP, 32640, sx("07 0003 0004 0400 1520 0100"), cx("07 0005 0002"))
	mustNot(t, id, UDP, 32513, sx("04"), cx("05"))
	mustNot(t, id, UDP, 32512, sx("04"), cx("04"))
	mustNot(t, id, UDP, 32512, sx("07 0003 0004 0400 1520 0100"), cx("07 0009 0008"))
	mustNot(t, id, UDP, 32512, cx("00 000100 01050f 0202 0578"), sx("01"))
}
