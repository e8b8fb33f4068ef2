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
	// The parts that collectd's writer begins with prove it, and what follows may be damaged; without them nothing may.
	const open = "0000 0009 686f737400 0008 000c 14a2b3c4d5e6f708 0009 000c 0000000280000000 "
	for _, rest := range []string{d[len(open):] + "00", "0002 ffff 63707500", "00ff ff00 0863707500", "0006 000f 0002 01 0000000000000000"} {
		res = mustMatch(t, proto.Collectd, proto.Collectd, UDP, 25826, cx(open+rest))
		wantText(t, res, attr.HostName, "host")
		if !res.Partial {
			t.Errorf("%s: certain", rest)
		}
	}
	mustNot(t, proto.Collectd, UDP, 25826, cx("0000 0009 686f737400 0008 000c 14a2b3c4d5e6f708 0007 000c 0000000280000000 00ff ff00"))
	mustNot(t, proto.Collectd, UDP, 25826, cx("0002 0008 63707500 0003 0006 3000 0004 0008 63707500 00ff ff00"))
	mustNot(t, proto.Collectd, UDP, 25826, cx("0000 0009 686f737400 0008 000c 14a2b3c4d5e6f708"))
	mustNot(t, proto.Collectd, UDP, 25826, cx("0000 0009 686f737473 0008 000c 14a2b3c4d5e6f708 0009 000c 0000000280000000"))
}
