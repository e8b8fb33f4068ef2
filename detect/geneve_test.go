package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGENEVE(t *testing.T) {
	const id = proto.GENEVE
	const arp = "ffffffffffff 020000000001 0806 0001080006040001"
	mustMatch(t, id, id, UDP, 6081, cx("00006558 00109200"+arp))
	mustMatch(t, id, id, UDP, 6081, cx("01406558 00109200 01028000"+arp))
	mustMatch(t, id, id, UDP, 6081, cx("00800800 00109200"))
	mustNot(t, id, UDP, 6081, cx("40006558 00109200"+arp))
	mustNot(t, id, UDP, 6081, cx("00006558 00109201"+arp))
	mustNot(t, id, UDP, 6081, cx("3f006558 00109200"+arp))
	mustNot(t, id, UDP, 6080, cx("00006558 00109200"+arp))
}
