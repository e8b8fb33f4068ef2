package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDiameter(t *testing.T) {
	testProtocol(t, proto.Diameter)
	const id = proto.Diameter
	capabilities := "01 000024 80 000101 00000000 0000002a 000013ff 00000108 40 000010 6e6f6465 2e657861"
	mustMatch(t, id, id, TCP, 3868, cx(capabilities))
	mustMatch(t, id, id, TCP, 3869, sx("01 000020 00 000118 00000000 0000002a 000013ff 0000010c 40 00000c 000007d1"))
	mustNot(t, id, TCP, 3868, cx("01 000024 81 000101 00000000 0000002a 000013ff 00000108 40 000010"))
	mustNot(t, id, TCP, 3868, cx("01 000024 80 000001 00000000 0000002a 000013ff 00000108 40 000010"))
	mustNot(t, id, TCP, 3868, cx("01 000024 80 000101 00000000 0000002a 000013ff 00000108 41 000010"))
	mustNot(t, id, TCP, 3868, cx("01 000024 80 000101 00000000 0000002a 000013ff 00000108 40 000011"))
}
