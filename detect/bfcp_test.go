package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestBFCP(t *testing.T) {
	const id = proto.BFCP
	for _, over := range []Transport{TCP, UDP} {
		mustMatch(t, id, id, over, 5070, cx("200b0000 00000001 0002 0504"), sx("200c0004 00000001 0002 0504 01020304"))
		mustMatch(t, id, id, over, 5070, cx("40010001 00000007 1234 0004 05040001"), sx("40040003 00000007 1234 0004 01020304"))
		mustNot(t, id, over, 5070, cx("200b0000 00000001 0002 0504"), sx("200c0004 00000001 0003 0504"))
		mustNot(t, id, over, 5070, cx("200b0000 00000001 0002 0504"), sx("20080004 00000001 0002 0504"))
		mustNot(t, id, over, 5070, cx("600b0000 00000001 0002 0504"), sx("600c0004 00000001 0002 0504"))
		mustNot(t, id, over, 5070, cx("20130000 00000001 0002 0504"), sx("200c0004 00000001 0002 0504"))
	}
}
