package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTuya(t *testing.T) {
	const id = proto.TuyaLP
	const old = "000055aa 00000001 0000000a 0000000c 01020304 deadbeef 0000aa55"
	const v35 = "00006699 0000 00000001 00000012 00000004 01020304 00009966"
	mustMatch(t, id, id, UDP, 6667, cx(old))
	mustMatch(t, id, id, UDP, 7000, cx(v35))
	mustMatch(t, id, id, TCP, 6668, cx(old))
	mustMatch(t, id, id, TCP, 6668, cx(v35))
	mustMatch(t, id, id, TCP, 6668, sx(old))
	mustNot(t, id, UDP, 6667, cx("000055aa 00000001 0000000a 0000000c 01020304 deadbeef 0000aa56"))
	mustNot(t, id, UDP, 6667, cx("000055aa 00000001 0000000a 0000000c 01020304 deadbeef"))
	mustNot(t, id, TCP, 6668, cx("000055aa 00000001 0000010a 0000000c 01020304 deadbeef 0000aa55"))
}
