package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestBACnet(t *testing.T) {
	const id = proto.BACnet
	mustMatch(t, id, id, UDP, 47808, cx("81 0b 000c 01 20 ffff 00 ff 10 08"))                             // Who-Is to all
	mustMatch(t, id, id, UDP, 40000, cx("81 0a 0011 01 04 0005 01 0c 0c 023fffff 19 4b"))                 // Read-Property
	mustMatch(t, id, id, UDP, 47808, cx("81 04 0018 c0a80001bac0 01 20 ffff 00 ff 10 00 c4 02000001 22")) // forwarded I-Am
	mustMatch(t, id, id, UDP, 47808, cx("81 05 0006 003c"))
	mustNot(t, id, UDP, 47808, cx("81 05 0007 003c"))
	mustNot(t, id, UDP, 47808, cx("81 0b 000c 02 20 ffff 00 ff 10 08"))
	mustNot(t, id, UDP, 47808, cx("81 0b 000c 01 70 ffff 00 ff 10 08"))
	mustNot(t, id, UDP, 47808, cx("82 0b 000c 01 20 ffff 00 ff 10 08"))
	mustNot(t, id, UDP, 47808, cx("81 0a 0008 01 20 ffff"))
}
