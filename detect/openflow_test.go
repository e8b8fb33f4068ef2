package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOpenFlow(t *testing.T) {
	testProtocol(t, proto.OpenFlow)
	const id = proto.OpenFlow
	plain, bitmap := "01 00 0008 00000001", "04 00 0010 00000002 0001 0008 00000010"
	mustMatch(t, id, id, TCP, 6653, cx(plain))
	mustMatch(t, id, id, TCP, 16653, cx(bitmap), sx(plain))
	mustMatch(t, id, id, TCP, 16653, cx(bitmap+"04 05 0008 00000003"))
	mustNot(t, id, TCP, 16653, cx(plain))
	mustNot(t, id, TCP, 6653, cx("07 00 0008 00000001"))
	mustNot(t, id, TCP, 6653, cx("04 00 0010 00000002 0002 0008 00000010"))
	mustNot(t, id, TCP, 16653, cx(bitmap+"04 45 0008 00000003"))
}
