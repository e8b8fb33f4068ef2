package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCryNetwork(t *testing.T) {
	const build, version, rest = "00000001 00000001 00000001 00001687", "00000007 00000003", "00000000 00000000 00000001"
	mac := sealedHex(32)
	mustMatch(t, proto.CryNetwork, proto.CryNetwork, UDP, 64087, cx("3c"+build+version+rest))
	mustMatch(t, proto.CryNetwork, proto.CryNetwork, UDP, 64087, cx("3e"+build+version+"01"+rest+mac))
	for _, other := range []string{
		"3d" + build + version + rest,
		"3c" + build + version,
		"3c 00000001 00000001 00010000 00001687" + version + rest,
		"3c 00000000 00000000 00000000 00000000" + version + rest,
		"3c" + build + "00000000 00000003" + rest,
		"3c" + build + "00000007 00000103" + rest,
	} {
		mustNot(t, proto.CryNetwork, UDP, 64087, cx(other))
	}
}
