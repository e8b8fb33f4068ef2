package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestLMP(t *testing.T) {
	const id = proto.LMP
	const config = "10000001 00180000 0101 0008 c0a80001 0106 0008 03e80bb8"
	mustMatch(t, id, id, UDP, 701, cx(config))
	mustNot(t, id, UDP, 701, cx("10000001 00190000 0101 0008 c0a80001 0106 0008 03e80bb8"))
	mustNot(t, id, UDP, 701, cx("10000001 00180000 0101 000c c0a80001 0106 0008 03e80bb8"))
	mustNot(t, id, UDP, 701, cx("20000001 00180000 0101 0008 c0a80001 0106 0008 03e80bb8"))
	mustNot(t, id, UDP, 702, cx(config))
}
