package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTimed(t *testing.T) {
	const id = proto.Timed
	mustMatch(t, id, id, UDP, 525, cx("0d01 0001 00000001 00000000 726f757465722d31 00000000"))
	mustNot(t, id, UDP, 525, cx("0d02 0001 00000001 00000000 726f757465722d31 00000000"))
	mustNot(t, id, UDP, 525, cx("7d01 0001 00000001 00000000 726f757465722d31 00000000"))
	mustNot(t, id, UDP, 525, cx("0d01 0001 00000001 00000000 72ff757465722d31 00000000"))
	mustNot(t, id, UDP, 524, cx("0d01 0001 00000001 00000000 726f757465722d31 00000000"))
}
