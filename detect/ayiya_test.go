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
	mustNot(t, id, UDP, 5072, cx("4352"+beat[4:]))            // no such kind of identity
	mustNot(t, id, UDP, 5072, cx("4142"+beat[4:len(beat)-8])) // SHA-1 of four words
	mustNot(t, id, UDP, 5072, cx("41523"+beat[5:]))           // no such authentication
}
