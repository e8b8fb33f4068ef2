package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestWARP(t *testing.T) {
	const id = proto.WireGuard
	zero, noise := strings.Repeat("00", 16), sealedHex(108)
	ask := "01 a1b2c3 11223344" + noise + strings.Repeat("d7", 16)
	mustMatch(t, id, id, UDP, 2408, cx(ask+zero))
	answer := "02 a1b2c3 55667788 11223344" + sealedHex(64)
	mustMatch(t, id, id, UDP, 2408, cx(ask+strings.Repeat("99", 16)), sx(answer+strings.Repeat("77", 16)))
	mustNot(t, id, UDP, 2408, cx(ask+strings.Repeat("99", 16)))
	mustNot(t, id, UDP, 2408, cx(ask+strings.Repeat("99", 16)), sx(strings.Replace(answer, "11223344", "11223345", 1)+strings.Repeat("77", 16)))
}
