package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSOCKS(t *testing.T) {
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, cx("050100"), sx("0500"), cx("05010003 0b"), c("example.com"), cx("0050"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, cx("05020002"), sx("0502"), cx("0104"), c("user"), cx("04"), c("pass"))
	mustMatch(t, proto.SOCKS, proto.SOCKS, TCP, 1080, cx("04010050 c0000201"), c("fred\x00"), sx("005a0000 00000000"))
	mustNot(t, proto.SOCKS, TCP, 1080, cx("050100"), sx("0500"))
	mustNot(t, proto.SOCKS, TCP, 1080, cx("050100"), sx("0502"), cx("05010003"))
	mustNot(t, proto.SOCKS, TCP, 1080, cx("04010050 c0000201"), c("fred\x00"), sx("005a0000"))
	mustNot(t, proto.SOCKS, TCP, 135, cx("05000b0310000000"))
}
