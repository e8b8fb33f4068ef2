package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestNano(t *testing.T) {
	const id = proto.Nano
	ask := "5243 15 15 12 0a 0100" + strings.Repeat("9a", 32)
	mustMatch(t, id, id, TCP, 7075, cx(ask), sx(ask))
	mustMatch(t, id, id, UDP, 7075, cx("5243 11 11 10 02 0000"), sx("5243 11 11 10 02 0000"))
	mustNot(t, id, TCP, 7075, cx(ask))
	mustNot(t, id, TCP, 7075, cx(ask), sx(strings.Replace(ask, "15 15 12", "12 15 15", 1)))
	mustNot(t, id, UDP, 7075, cx("5243 11 11 10 02 0000"), sx("5243 11 11 10 12 0000"))
}
