package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestRoughtime(t *testing.T) {
	const id = proto.Roughtime
	nonce := strings.Repeat("5a", 64)
	request := "02000000 40000000 4e4f4e43 504144ff" + nonce + strings.Repeat("00", 944)
	mustMatch(t, id, id, UDP, 2002, cx(request))
	answer := "05000000 40000000 40000000 a4000000 3c010000 53494700 50415448 53524550 43455254 494e4458" + strings.Repeat("11", 360)
	mustMatch(t, id, id, UDP, 2002, sx(answer))
	mustMatch(t, id, id, UDP, 2003, cx("524f55474854494d 5c000000 03000000 04000000 24000000 56455200 4e4f4e43 5a5a5a5a 0100 0000"+nonce[:64]+strings.Repeat("00", 32)))
	mustNot(t, id, UDP, 2002, cx(strings.Replace(request, "504144ff", "504144fe", 1)))
	mustNot(t, id, UDP, 2002, cx(strings.Replace(request, "40000000", "41000000", 1)))
	mustNot(t, id, UDP, 2002, cx(strings.Replace(answer, "a4000000", "20000000", 1)))
}
