package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAODV(t *testing.T) {
	const id = proto.AODV
	const request = "01080001 00000007 0a000002 00000000 0a000001 00000003"
	mustMatch(t, id, id, UDP, 654, cx(request))
	mustMatch(t, id, id, UDP, 654, cx("02000001 0a000002 00000004 0a000001 00001770"))
	mustMatch(t, id, id, UDP, 654, cx("03000001 0a000002 00000005"))
	mustMatch(t, id, id, UDP, 654, cx("0400"))
	mustNot(t, id, UDP, 654, cx("01080101 00000007 0a000002 00000000 0a000001 00000003"))
	mustNot(t, id, UDP, 654, cx("03000002 0a000002 00000005"))
	mustNot(t, id, UDP, 654, cx("05000001 0a000002 00000005"))
	mustMatch(t, id, id, UDP, 654, cx(request+"0102 0007"))
	mustNot(t, id, UDP, 654, cx(request+"0103 0007"))
	mustNot(t, id, UDP, 653, cx(request))
}
