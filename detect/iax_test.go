package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestIAX(t *testing.T) {
	mustMatch(t, proto.IAX, proto.IAX, UDP, 40000, cx("8001 0000 00000007 00 00 06 01 0b020002 0103313030"))
	mustMatch(t, proto.IAX, proto.IAX, UDP, 4569, cx("8001 0002 00000007 01 01 06 04"))
	mustNot(t, proto.IAX, UDP, 40000, cx("8001 0002 00000007 01 01 06 04"))
	mustNot(t, proto.IAX, UDP, 4569, cx("8001 0000 00000007 00 00 06 01 0b020002 01033130"))
	mustNot(t, proto.IAX, UDP, 4569, cx("0001 0000 00000007 00 00 06 01 0b020002"))
}
