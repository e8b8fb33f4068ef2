package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOPCUA(t *testing.T) {
	hello := "48454c46 38000000 00000000 00000100 00000100 00000000 00000000 18000000 6f70632e7463703a2f2f6c6f63616c686f73743a34383430"
	mustMatch(t, proto.OPCUA, proto.OPCUA, TCP, 4840, cx(hello))
	mustMatch(t, proto.OPCUA, proto.OPCUA, TCP, 48400, cx(hello), sx("41434b46 1c000000 00000000 00000100 00000100 00000000 00000000"))
	mustMatch(t, proto.OPCUA, proto.OPCUA, TCP, 4840, sx("4d534743 00200000 01000000 01000000"))
	mustNot(t, proto.OPCUA, TCP, 4840, sx("41434b46 1d000000"))
	mustNot(t, proto.OPCUA, TCP, 4840, cx("48454c43 38000000"))
	mustNot(t, proto.OPCUA, TCP, 4840, c("HELO mail.example.org\r\n"))
	mustNot(t, proto.OPCUA, TCP, 4840, c("MSG 12 A 20\r\n"))
}
