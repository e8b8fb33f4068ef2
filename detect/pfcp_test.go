package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestPFCP(t *testing.T) {
	const id = proto.PFCP
	heartbeat := "20 01 000c 000001 00 0060 0004 e7a1b2c3"
	mustMatch(t, id, id, UDP, 8805, cx(heartbeat))
	mustMatch(t, id, id, UDP, 8806, cx(heartbeat))
	mustMatch(t, id, id, UDP, 8805, cx("21 36 000c 0000000000000001 000002 00")) // session deletion
	mustNot(t, id, UDP, 8806, cx("21 36 000c 0000000000000001 000002 00"))
	mustNot(t, id, UDP, 8805, cx("20 01 000d 000001 00 0060 0004 e7a1b2c3"))
	mustNot(t, id, UDP, 8805, cx("20 01 000c 000001 00 0060 0005 e7a1b2c3"))
	mustNot(t, id, UDP, 8805, cx("20 32 000c 000001 00 0060 0004 e7a1b2c3"))
	mustNot(t, id, UDP, 8805, cx("30 01 000c 000001 00 0060 0004 e7a1b2c3"))
}
