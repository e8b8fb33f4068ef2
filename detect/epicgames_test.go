package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestEpicGames(t *testing.T) {
	const id = proto.EpicGames
	hello := "471a20 00 08 98226574 04" + strings.Repeat("00", 28) + "a13b8878381ff67a1d17"
	challenge := "471a20 08 08 98226574 04 00000000 34b8935301348b0f8ea6ddf2e3e3e080da20316ed5d4128a5a7929cc322c87b9b9e45a"
	mustMatch(t, id, id, UDP, 15011, cx(hello), sx(challenge))
	mustNot(t, id, UDP, 15011, cx(hello), cx(hello))
	mustNot(t, id, UDP, 15011, sx(challenge))
	mustNot(t, id, UDP, 15011, cx(hello), sx(strings.Replace(challenge, "982265", "982266", 1)))
}
