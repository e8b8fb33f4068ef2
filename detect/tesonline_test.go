package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTESOnline(t *testing.T) {
	const id = proto.TESOnline
	mustMatch(t, id, id, TCP, 24120, cx("00000356 0001 0001 0000034e 0110 0014"))
	mustNot(t, id, TCP, 24120, cx("00000356 0001 0001 0000034f 0110 0014"))
	mustNot(t, id, TCP, 24120, cx("00000356 0001 0002 0000034e 0110 0014"))
}
