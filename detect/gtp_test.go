package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGTPControl(t *testing.T) {
	testProtocol(t, proto.GTPC)
	const id = proto.GTPC
	echo := "32 01 0004 00000000 0001 00 00"
	remove := "32 14 0008 00000001 0002 00 00 13 ff 14 05"
	session := "48 20 0019 00000000 000001 00 01 0008 00 0900010000000010 52 0001 00 06"
	mustMatch(t, id, id, UDP, 2123, cx(echo))
	mustMatch(t, id, id, UDP, 2124, cx(remove))
	mustMatch(t, id, id, UDP, 2124, cx(session))
	mustMatch(t, id, id, UDP, 2123, cx("40 01 0009 000001 00 03 0001 00 05"))
	mustNot(t, id, UDP, 2124, cx(echo))
	mustNot(t, id, UDP, 2123, cx("32 14 0009 00000001 0002 00 00 13 ff 14 05"))
	mustNot(t, id, UDP, 2123, cx("32 14 0008 00000001 0002 00 00 14 ff 13 05"))
	mustNot(t, id, UDP, 2123, cx("3a 14 0008 00000001 0002 00 00 13 ff 14 05"))
	mustNot(t, id, UDP, 2123, cx("40 01 0009 000001 01 03 0001 00 05"))
}

func TestGTPUser(t *testing.T) {
	const id = proto.GTPU
	mustMatch(t, id, id, UDP, 2152, cx("32 01 0004 00000000 0001 00 00"))
	mustMatch(t, id, id, UDP, 2152, cx("30 fe 0000 00000001"))
	mustNot(t, id, UDP, 2153, cx("30 fe 0000 00000001"))
	mustNot(t, id, UDP, 2152, cx("30 fe 0001 00000001"))
	mustNot(t, id, UDP, 2152, cx("32 14 0008 00000001 0002 00 00 13 ff 14 05"))
}

func TestGTPPrime(t *testing.T) {
	const id = proto.GTPP
	mustMatch(t, id, id, UDP, 3386, cx("4f 01 0000 0001"))
	mustMatch(t, id, id, TCP, 3386, cx("4f f0 0002 0001 7e 01"), sx("4f f1 0002 0001 01 80"))
	mustNot(t, id, UDP, 3386, cx("4f 01 0001 0001"))
	mustNot(t, id, UDP, 3387, cx("4f 01 0000 0001"))
	mustMatch(t, id, id, UDP, 3386, cx("40 01 0000 0001"))
	mustNot(t, id, UDP, 3386, cx("51 01 0000 0001"))
	mustNot(t, id, TCP, 3386, cx("4f f0 0002 0001 7e 01"))
}
