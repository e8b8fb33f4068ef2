package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestC1222(t *testing.T) {
	const id = proto.C1222
	// Identification: called and calling titles, invocation, EPSEM of one service.
	rest := "a2 05 80 03 7b 85 20 a6 05 80 03 7b 85 21 a8 03 02 01 05 be 08 28 06 81 04 80 01 20 00"
	mustMatch(t, id, id, UDP, 1153, cx("60 1d"+rest))
	mustMatch(t, id, id, TCP, 1153, cx("60 1d"+rest))
	mustMatch(t, id, id, TCP, 1153, sx("60 811d"+rest))
	mustNot(t, id, UDP, 1153, cx("60 1e"+rest+"00"))
	mustNot(t, id, UDP, 1153, cx("60 13 a2 05 80 03 7b 85 20 a6 05 80 03 7b 85 21 a8 03 02 01 05"))
	mustNot(t, id, UDP, 1153, cx("60 1d a6 05 80 03 7b 85 20 a2 05 80 03 7b 85 21 a8 03 02 01 05 be 08 28 06 81 04 80 01 20 00"))
}
