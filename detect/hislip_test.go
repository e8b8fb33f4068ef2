package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHiSLIP(t *testing.T) {
	const id = proto.HiSLIP
	initialize := "4853 00 00 01005858 0000000000000007 686973 6c697030"
	mustMatch(t, id, id, TCP, 4880, cx(initialize), sx("4853 01 00 01000001 0000000000000000"))
	mustMatch(t, id, id, TCP, 4881, cx(initialize))
	mustNot(t, id, TCP, 4880, cx("4853 00 00 01005858 0000000100000007"))
	mustNot(t, id, TCP, 4880, c("HSET key field 1234567890\r\n"))
}
