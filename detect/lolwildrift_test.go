package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestLoLWildRift(t *testing.T) {
	const id = proto.LoLWildRift
	probe := "0102c841 00000001 0001 0000001e 0004 0004 41304231"
	mustMatch(t, id, id, UDP, 18001, cx(probe))
	mustNot(t, id, UDP, 18001, cx(strings.Replace(probe, "4231", "4232", 1)))
	ask, answer := "04000000"+strings.Repeat("a7", 65), "10000000"+strings.Repeat("c3", 355)
	mustMatch(t, id, id, UDP, 15004, cx(ask), sx(answer))
	mustNot(t, id, UDP, 15004, cx(ask), sx(answer+"00"))
	mustNot(t, id, UDP, 15004, cx(ask), cx(answer))
	mustNot(t, id, UDP, 15004, sx(answer))
}
