package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestRiotGames(t *testing.T) {
	const id = proto.RiotGames
	probe := "7374f60c 72324204 ab597f81 1fcc0087 6bbc0000 16e37c40 14000000 aaaaaaaabbbbbbbb"
	mustMatch(t, id, id, UDP, 8181, cx(probe))
	mustNot(t, id, UDP, 8181, cx(probe+"00"))
	mustNot(t, id, UDP, 8181, cx(strings.Replace(probe, "aaaabb", "aaaaba", 1)))
	hello := "a49f9c31 a0324204 01000000" + strings.Repeat("00", 24) + strings.Repeat("9b", 17)
	answer := "a0324204 01000000" + strings.Repeat("77", 25)
	mustMatch(t, id, id, UDP, 7194, cx(hello), sx(answer))
	mustNot(t, id, UDP, 7194, cx(hello), sx(strings.Replace(answer, "a032", "a033", 1)))
	mustNot(t, id, UDP, 7194, cx(hello), cx(hello))
	mustNot(t, id, UDP, 7194, sx(answer))
}
