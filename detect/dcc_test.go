package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDCC(t *testing.T) {
	const id = proto.DCC
	const nop = "0028 06 01 00008000 00000001 00000002 00000003 00000004 00000000000000000000000000000000"
	mustMatch(t, id, id, UDP, 6277, cx(nop))
	mustNot(t, id, UDP, 6277, cx("0029"+nop[4:]))
	mustNot(t, id, UDP, 6277, cx("0028 06 00"+nop[10:]))
	mustNot(t, id, UDP, 6277, cx("0028 02 01"+nop[10:]))
	mustNot(t, id, UDP, 6278, cx(nop))
}
