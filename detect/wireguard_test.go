package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestWireGuard(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("5a", n) }
	zero := strings.Repeat("00", 16)
	init := "01000000 aabbccdd" + fill(124)
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(init+zero))
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(init+fill(16)), sx("02000000 11223344 aabbccdd"+fill(80)))
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(init+fill(16)), sx("03000000 aabbccdd"+fill(56)))
	data := func(counter string) string { return "04000000 01020304" + counter + "00000000000000" + fill(16) }
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(data("05")), cx(data("06")), cx(data("07")))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(init+fill(16)))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(init+fill(16)), sx("02000000 11223344 aabbccde"+fill(80)))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(init+zero+"00"))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(data("05")), cx(data("05")), cx(data("05")))
}
