package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAFP(t *testing.T) {
	mustMatch(t, proto.AFP, proto.AFP, TCP, 548, cx("0004 0001 00000000 00000006 00000000 0104 00002a4c"))
	mustMatch(t, proto.AFP, proto.AFP, TCP, 548, cx("0003 0001 00000000 00000000 00000000"), sx("0103 0001 00000000 000000fe 00000000"))
	mustNot(t, proto.AFP, TCP, 548, cx("0003 0001 00000000 00000000 00000000"), sx("0103 0002 00000000 000000fe 00000000"))
	mustNot(t, proto.AFP, TCP, 548, cx("0003 0001 00000000 00000000 00000001"))
}
