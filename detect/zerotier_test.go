package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestZeroTier(t *testing.T) {
	const id = proto.ZeroTier
	hello := "1122334455667788 8056c2e21c 89e92ceee5 00 aabbccddeeff0011 01 0d 01 0c 0002 0000018f00112233 89e92ceee5 00" + sealedHex(64)
	mustMatch(t, id, id, UDP, 9993, cx(hello))
	mustNot(t, id, UDP, 9993, cx(strings.Replace(hello, "ee5 00 aa", "ee6 00 aa", 1)))
	mustNot(t, id, UDP, 9993, cx(strings.Replace(hello, " 01 0d", " 02 0d", 1)))
	mustNot(t, id, UDP, 9993, cx(strings.Replace(hello, "ee5 00 aa", "ee5 08 aa", 1)))
}
