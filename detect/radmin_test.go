package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRadmin(t *testing.T) {
	const id = proto.Radmin
	const ask = "01 00000001 00000008 08"
	mustMatch(t, id, id, TCP, 4899, cx(ask), sx("01 00000006 00000212 08020000 0a00"))
	mustNot(t, id, TCP, 4899, cx(ask))
	mustNot(t, id, TCP, 4899, cx(ask), sx("01 00000006 00000213 08020000 0a00"))
	mustNot(t, id, TCP, 4899, cx("02 00000001 00000008 08"), sx("01 00000006 00000212 08020000 0a00"))
	mustNot(t, id, TCP, 4899, cx("01 00000101 00000008 08"), sx("01 00000006 00000212 08020000 0a00"))
}
