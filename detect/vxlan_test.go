package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestVXLAN(t *testing.T) {
	testProtocol(t, proto.VXLAN)
	const id = proto.VXLAN
	arp := "ffffffffffff 020000000001 0806 0001080006040001 020000000001 0a000001 000000000000 0a000002"
	mustMatch(t, id, id, UDP, 4789, cx("08000000 00002a00"+arp))
	mustMatch(t, id, id, UDP, 4789, cx("08000000 00002a00 0180c2000000 020000000001 0007 424203 00000000"))
	mustNot(t, id, UDP, 4789, cx("08000000 00002a00 0180c2000000 020000000001 0007 424303 00000000"))
	mustNot(t, id, UDP, 4789, cx("0c000000 00002a00"+arp))
	mustNot(t, id, UDP, 4789, cx("08000000 00002a01"+arp))
	mustNot(t, id, UDP, 4789, cx("08000000 00002a00 ffffffffffff 030000000001 0806 0001"))
	mustNot(t, id, UDP, 4789, cx("08000000 00002a00 ffffffffffff 020000000001 05f0 0001"))
}
