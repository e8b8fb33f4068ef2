package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAvast(t *testing.T) {
	const id = proto.AVAST
	mustMatch(t, id, id, TCP, 80, cx("4e4f5341 0060 0101 00000301"))
	mustMatch(t, id, id, TCP, 80, sx("4e4f5341 0010 0102 00000000 01020304"))
	mustNot(t, id, TCP, 80, cx("4e4f5341 0060 0201 00000301"))
	mustNot(t, id, TCP, 80, cx("4e4f5341 6060 0101 00000301"))
	mustNot(t, id, TCP, 80, c("NOSE of a"))
}
