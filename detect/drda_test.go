package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDRDA(t *testing.T) {
	mustMatch(t, proto.DRDA, proto.DRDA, TCP, 50000, cx("0072 d0 41 0001 006c 1041 0021115e"))
	mustNot(t, proto.DRDA, TCP, 50000, cx("0072 d0 41 0001 006d 1041 0021115e"))
	mustNot(t, proto.DRDA, TCP, 50000, cx("0072 d1 41 0001 006c 1041 0021115e"))
}
