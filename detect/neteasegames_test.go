package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestNetEaseGames(t *testing.T) {
	const id = proto.NetEaseGames
	a := "0708080c 62638618 00000000 0000 0001 0000 03ac f8458b4d 1029"
	mustMatch(t, id, id, UDP, 28203, cx(a), sx(a))
	mustNot(t, id, UDP, 28203, cx(a))
	mustNot(t, id, UDP, 28203, cx(a), sx(strings.Replace(a, "080c", "080d", 1)))
}
