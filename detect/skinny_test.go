package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSkinny(t *testing.T) {
	mustMatch(t, proto.CiscoSkinny, proto.CiscoSkinny, TCP, 2222, cx("28000000 00000000 01000000"), c("SEP001122334455\x00"), cx("0000000001000000c0a80001"))
	mustMatch(t, proto.CiscoSkinny, proto.CiscoSkinny, TCP, 2000, cx("04000000 00000000 00000000"), sx("04000000 00000000 00010000"))
	mustNot(t, proto.CiscoSkinny, TCP, 2001, cx("04000000 00000000 00000000"), sx("04000000 00000000 00010000"))
	mustNot(t, proto.CiscoSkinny, TCP, 2000, cx("04000000 00000000 00040000"), sx("04000000 00000000 00010000"))
}
