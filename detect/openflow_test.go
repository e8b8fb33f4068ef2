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

// TestOpenFlowMidway: a message and its answer, or two messages, at the port.
func TestOpenFlowMidway(t *testing.T) {
	const id = proto.OpenFlow
	ask, answer := cx("04 02 0008 0000019a"), sx("04 03 0008 0000019a")
	mustMatch(t, id, id, TCP, 6633, ask, answer)
	mustMatch(t, id, id, TCP, 6653, sx("04 0e 0010 00000012 0000000000000000"), cx("04 01 000c 00000012 00010002"))
	mustMatch(t, id, id, TCP, 6633, cx("01 04 000c 00000018 005c16c7 01 12 0008 0000001a"))
	mustNot(t, id, TCP, 6633, ask, sx("04 03 0008 0000019b"))
	mustNot(t, id, TCP, 6633, ask, sx("01 03 0008 0000019a"))
	mustNot(t, id, TCP, 6633, cx("04 02 0008 00000000"), sx("04 03 0008 00000000"))
	mustNot(t, id, TCP, 6633, cx("04 02 0008 0000019a 07 12 0008 0000001a"))
	mustNot(t, id, TCP, 20123, ask, answer)
}
