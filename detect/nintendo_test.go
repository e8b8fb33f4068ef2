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
}
