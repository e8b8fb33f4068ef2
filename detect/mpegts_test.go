package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestMPEGTS(t *testing.T) {
	const id = proto.MPEGTS
	packet := "47010117" + strings.Repeat("ab", 184)
	one := cx(packet)
	mustMatch(t, id, id, UDP, 1234, cx(strings.Repeat(packet, 7)))
	mustMatch(t, id, id, UDP, 1234, one, one, one, one, one)
	mustNot(t, id, UDP, 1234, cx(strings.Repeat(packet, 4)))
	mustNot(t, id, UDP, 1234, cx(strings.Repeat(packet, 7)+"47"))
	mustNot(t, id, UDP, 1234, cx(strings.Repeat(packet, 6)+"48"+packet[2:]))
	mustNot(t, id, UDP, 1234, cx(strings.Repeat("47010107"+packet[8:], 7)))
}
