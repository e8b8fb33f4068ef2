package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestCollectd(t *testing.T) {
	d := "0000 0009 686f737400 0008 000c 14a2b3c4d5e6f708 0009 000c 0000000280000000 0002 0008 63707500 0006 000f 0001 01 0000000000000000"
	res := mustMatch(t, proto.Collectd, proto.Collectd, UDP, 25826, cx(d))
	wantText(t, res, attr.HostName, "host")
	mustNot(t, proto.Collectd, UDP, 25826, cx(d+"00"))
	mustNot(t, proto.Collectd, UDP, 25826, cx("0000 0009 686f737400 0008 000c 14a2b3c4d5e6f708"))
	mustNot(t, proto.Collectd, UDP, 25826, cx("0000 0009 686f737473 0008 000c 14a2b3c4d5e6f708 0009 000c 0000000280000000"))
}
