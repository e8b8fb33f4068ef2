package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAutoRP(t *testing.T) {
	const id = proto.AutoRP
	const announce = "11 01 00b5 00000000 0a000001 03 01 0004 e0000000"
	mustMatch(t, id, id, UDP, 496, cx(announce))
	mustMatch(t, id, id, UDP, 496, cx("12 02 00b5 00000000 0a000001 03 01 0004 e0000000 0a000002 02 00"))
	mustNot(t, id, UDP, 496, cx("11 02 00b5 00000000 0a000001 03 01 0004 e0000000"))
	mustNot(t, id, UDP, 496, cx("11 01 00b5 00000001 0a000001 03 01 0004 e0000000"))
	mustNot(t, id, UDP, 496, cx("21 01 00b5 00000000 0a000001 03 01 0004 e0000000"))
	mustNot(t, id, UDP, 497, cx(announce))
}
