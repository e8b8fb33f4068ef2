package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestKNXnetIP(t *testing.T) {
	testProtocol(t, proto.KNXnetIP)
	const id = proto.KNXnetIP
	mustMatch(t, id, id, UDP, 3671, cx("0610 0201 000e 0801 c0a80002 0e57"))
	mustMatch(t, id, id, UDP, 3672, cx("0610 0420 0015 04490000 1100bce000000901010081"))
	mustMatch(t, id, id, UDP, 3671, cx("0610 0530 0011 2900bcd011010901010081"))
	mustMatch(t, id, id, TCP, 3671, cx("0610 0205 001a 0802 00000000 0000 0802 00000000 0000 04040200"))
	mustNot(t, id, UDP, 3671, cx("0610 0201 000f 0801 c0a80002 0e57"))
	mustNot(t, id, UDP, 3671, cx("0610 0201 000e 0803 c0a80002 0e57"))
	mustNot(t, id, UDP, 3671, cx("0610 0299 000e 0801 c0a80002 0e57"))
	mustNot(t, id, UDP, 3671, cx("0611 0201 000e 0801 c0a80002 0e57"))
}
