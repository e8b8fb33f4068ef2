package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOracle(t *testing.T) {
	mustMatch(t, proto.Oracle, proto.Oracle, TCP, 1521, cx("00d4000001000000 0139012c 0000 0800 7fff 8608"))
	mustNot(t, proto.Oracle, TCP, 1521, cx("00d4000001000000 0239012c 0000 0800 7fff 8608"))
	mustNot(t, proto.Oracle, TCP, 1521, cx("00d4000006000000 0139012c 0000 0800 7fff 8608"))
	mustNot(t, proto.Oracle, TCP, 445, cx("0000004cff534d4272000000"))
}
