package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestKCP(t *testing.T) {
	const id = proto.KCP
	push := "0a000000 51 00 8000 14000000 00000000 00000000 04000000 00010203"
	ack := "0a000000 52 00 7f00 14000000 00000000 01000000 00000000"
	mustMatch(t, id, id, UDP, 8000, cx(push))
	mustMatch(t, id, id, UDP, 8000, cx(push+ack))
	mustMatch(t, id, id, UDP, 8000, cx(ack), sx(ack))
	mustMatch(t, id, id, UDP, 8000, cx(ack), cx(ack), cx(ack))
	mustNot(t, id, UDP, 8000, cx(ack))
	mustNot(t, id, UDP, 8000, cx(push+"00"))
	mustNot(t, id, UDP, 8000, cx(strings.Replace(push, " 51 ", " 55 ", 1)))
	mustNot(t, id, UDP, 8000, cx(push+strings.Replace(ack, "0a00", "0b00", 1)))
	mustNot(t, id, UDP, 8000, cx(strings.Replace(push, "04000000", "05000000", 1)))
}
