package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHNCP(t *testing.T) {
	const id = proto.HNCP
	const endpoint = "0003 0008 01020304 00000001"
	mustMatch(t, id, id, UDP, 8231, cx(endpoint+"0004 0008 0102030405060708"))
	mustMatch(t, id, id, UDP, 8231, cx(endpoint+"0020 0005 0102030405 000000"))
	mustMatch(t, id, id, UDP, 8231, cx("0001 0000"))
	mustNot(t, id, UDP, 8231, cx("0003 0009 01020304 00000001 00"))
	mustNot(t, id, UDP, 8231, cx(endpoint+"0004 0009 0102030405060708"))
	mustNot(t, id, UDP, 8231, cx("0009 0000"))
	mustNot(t, id, UDP, 8230, cx(endpoint))
}
