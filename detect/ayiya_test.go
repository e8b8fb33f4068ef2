package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAYIYA(t *testing.T) {
	const id = proto.Ayiya
	const beat = "4152003b 53000000 20010db8000000000000000000000002 0000000000000000000000000000000000000000"
	mustMatch(t, id, id, UDP, 5072, cx(beat))
	mustNot(t, id, UDP, 5072, cx(beat+"00"))
	mustNot(t, id, UDP, 5072, cx("5152003b"+beat[8:]))
	mustNot(t, id, UDP, 5072, cx("4152003c"+beat[8:]))
	mustNot(t, id, UDP, 5073, cx(beat))
}
