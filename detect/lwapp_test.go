package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestLWAPP(t *testing.T) {
	const id = proto.LWAPP
	const discovery = "0400 000c 0000 01 00 0004 00000000 3a000100"
	mustMatch(t, id, id, UDP, 12223, cx(discovery))
	mustMatch(t, id, id, UDP, 12223, cx("001122334455"+discovery))
	mustMatch(t, id, id, UDP, 12222, cx("0000 0018 0000 0801 0000 020000000001 020000000002 020000000003 0000"))
	mustNot(t, id, UDP, 12223, cx("0400 000d 0000 01 00 0004 00000000 3a000100"))
	mustNot(t, id, UDP, 12223, cx("0400 000c 0000 7f 00 0004 00000000 3a000100"))
	mustNot(t, id, UDP, 12222, cx("0000 0018 0000 0b03 0000 020000000001 020000000002 020000000003 0000"))
	mustNot(t, id, UDP, 12220, cx(discovery))
}
