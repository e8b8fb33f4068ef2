package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestNintendo(t *testing.T) {
	const id = proto.Nintendo
	rest := strings.Repeat("5a", 40)
	mustMatch(t, id, id, UDP, 49432, cx("32ab9864 02 5603cb96 0133"+rest))
	mustMatch(t, id, id, UDP, 49432, sx("32ab9864 8b 10 0102"+rest))
	mustNot(t, id, UDP, 49432, cx("32ab9864 20 5603cb96 0133"+rest))
	mustNot(t, id, UDP, 49432, cx("32ab9865 02 5603cb96 0133"+rest))
	mustNot(t, id, UDP, 49432, cx("32ab9864 02 5603cb96 0133"))
	prudp := "ead0 01 02 0300 af a1 0100 05 00 0700" + rest[:32] + "0a0b c1c2c3"
	mustMatch(t, id, id, UDP, 59900, cx(prudp))
	mustNot(t, id, UDP, 59900, cx(prudp+"00"))
	mustNot(t, id, UDP, 59900, cx(strings.Replace(prudp, "ead001", "ead002", 1)[2:]))
}
