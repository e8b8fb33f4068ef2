package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTACACS(t *testing.T) {
	const id = proto.TACACSPlus
	const ask = "c0 01 01 00 a1b2c3d4 0000001c 9988"
	mustMatch(t, id, id, TCP, 49, cx(ask), sx("c0 01 02 00 a1b2c3d4 00000006 1122"))
	mustNot(t, id, TCP, 49, cx(ask), sx("c0 01 02 00 a1b2c3d5 00000006 1122"))
	mustNot(t, id, TCP, 49, cx(ask), sx("c0 01 01 00 a1b2c3d4 00000006 1122"))
	mustNot(t, id, TCP, 49, cx("c0 04 01 00 a1b2c3d4 0000001c"), sx("c0 04 02 00 a1b2c3d4 00000006 1122"))
}
