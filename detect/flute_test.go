package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestFLUTE(t *testing.T) {
	const id = proto.FLUTE
	// Session and object of 16 bits each, EXT_FDT and EXT_FTI.
	table := "10 10 08 00 00000000 0001 0000 c0200001 4004 000000000200 0000 0578 00000040 00000000 3c46 4454"
	mustMatch(t, id, id, UDP, 4000, cx(table))
	mustNot(t, id, UDP, 4000, cx("10 10 03 00 00000000 0001 0001 3c464454"))
	mustNot(t, id, UDP, 4000, cx("10 10 40 00 00000000 0001 0000 c0200001 3c464454"))
	mustNot(t, id, UDP, 4000, cx("10 10 03 00 00000000 0001 0000 00000000 3c464454"))
	mustNot(t, id, UDP, 4000, cx("10 10 04 00 00000000 0001 0000 c0300001 3c464454"))
}
