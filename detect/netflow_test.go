package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestNetFlow(t *testing.T) {
	testProtocol(t, proto.NetFlow)
	const id = proto.NetFlow
	v5 := "0005 0001 00002710 65a00000 00000000 00000001 00 00 0000" + strings.Repeat("00", 48)
	v9 := "0009 0001 00002710 65a00000 00000001 00000000 0000 000c 0100 0001 0008 0004"
	ipfix := "000a 001c 65a00000 00000001 00000000 0002 000c 0100 0001 0008 0004"
	mustMatch(t, id, id, UDP, 2055, cx(v5))
	mustMatch(t, id, id, UDP, 2055, cx(strings.Replace(v5, "0005 0001", "0007 0001", 1)+"00000000"))
	mustMatch(t, id, id, UDP, 9996, cx(v9))
	mustMatch(t, id, id, UDP, 4739, cx(ipfix))
	mustMatch(t, id, id, TCP, 4739, cx(ipfix))
	mustMatch(t, id, id, TCP, 4739, cx("000a 0018 65a00000 00000001 00000000 0100 0008 0a000001"))
	mustNot(t, id, TCP, 4739, cx("000a 001a 65a00000 00000001 00000000 0100 0008 0a000001 0000"))
	mustNot(t, id, UDP, 2055, cx(v5+"00"))
	mustNot(t, id, UDP, 2057, cx(strings.Replace(v5, "65a00000", "15a00000", 1)))
	mustMatch(t, id, id, UDP, 2055, cx(strings.Replace(v5, "65a00000", "15a00000", 1)))
	mustNot(t, id, UDP, 2055, cx(strings.Replace(v9, "0000 000c", "0000 000d", 1)))
	mustNot(t, id, UDP, 2055, cx(strings.Replace(v9, "0000 000c", "0007 000c", 1)))
	mustNot(t, id, UDP, 4739, cx(strings.Replace(ipfix, "001c", "001d", 1)))
	mustNot(t, id, TCP, 4739, cx(strings.Replace(ipfix, "0002 000c", "0002 000d", 1)))
}
