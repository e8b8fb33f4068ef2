package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestPANA(t *testing.T) {
	const id = proto.PANA
	const request = "0000 001c c000 0002 00000001 00000002 0008 0000 0004 0000 00000001"
	mustMatch(t, id, id, UDP, 716, cx(request))
	mustMatch(t, id, id, UDP, 716, cx("0000 0010 0000 0001 00000000 00000000"))
	mustNot(t, id, UDP, 716, cx("0000 001d c000 0002 00000001 00000002 0008 0000 0004 0000 00000001"))
	mustNot(t, id, UDP, 716, cx("0000 001c c000 0005 00000001 00000002 0008 0000 0004 0000 00000001"))
	mustNot(t, id, UDP, 716, cx("0000 001c c000 0002 00000001 00000002 0008 0000 0008 0000 00000001"))
	mustNot(t, id, UDP, 717, cx(request))
}
