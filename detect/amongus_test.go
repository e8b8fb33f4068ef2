package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAmongUs(t *testing.T) {
	const id = proto.AmongUs
	mustMatch(t, id, id, UDP, 22023, cx("08 0001 00 80d90203 06 416c69636531"))
	mustNot(t, id, UDP, 22023, cx("08 0001 00 80d90204 06 416c69636531"))
	mustNot(t, id, UDP, 22023, cx("08 0001 00 80d90203 07 416c69636531"))
	mustNot(t, id, UDP, 22023, cx("08 0001 05 80d90203 06 416c69636531"))
}
