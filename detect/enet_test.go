package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestENet(t *testing.T) {
	const id = proto.ENet
	testProtocol(t, id)
	connect := "8fff 0001 82ff 0001 0000 ff ff 000004b0 00010000 00000001 00000000 00000000 00001388 00000002 00000002 96990a44 00000000"
	verify := "8000 0093 83ff 0001 0000 00 00 000004b0 00010000 00000001 00000000 00000000 00001388 00000002 00000002 96990a44"
	mustMatch(t, id, id, UDP, 7777, cx(connect))
	mustMatch(t, id, id, UDP, 7777, sx(verify))
	mustMatch(t, id, id, UDP, 7777, cx(strings.Replace(connect, " 82ff", " a1b2c3d4 82ff", 1)))
	mustMatch(t, id, proto.GaijinEntertainment, UDP, 20021, cx(connect))
	mustNot(t, id, UDP, 7777, cx(strings.Replace(connect, "000004b0", "000014b0", 1)))
	mustNot(t, id, UDP, 7777, cx(connect+"00"))
	mustNot(t, id, UDP, 7777, cx(strings.Replace(connect, "82ff", "84ff", 1)))
}
