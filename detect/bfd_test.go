package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestBFD(t *testing.T) {
	testProtocol(t, proto.BFD)
	up := "20c00318 00000001 00000002 000f4240 000f4240 0007a120"
	mustMatch(t, proto.BFD, proto.BFD, UDP, 3784, cx(up))
	mustMatch(t, proto.BFD, proto.BFD, UDP, 4784, cx("20c4031c"+up[8:]+"01040161"))
	mustNot(t, proto.BFD, UDP, 3000, cx(up))
	mustNot(t, proto.BFD, UDP, 4784, cx("20c4031c"+up[8:]+"07040161")) // no such way to authenticate
	mustNot(t, proto.BFD, UDP, 4784, cx("20c4031c"+up[8:]+"01050161"))
	mustNot(t, proto.BFD, UDP, 3784, cx("20f00318"+up[8:])) // poll and final
	mustNot(t, proto.BFD, UDP, 3784, cx("20c00319"+up[8:]))
	mustNot(t, proto.BFD, UDP, 3784, cx("40c00318"+up[8:]))
	mustNot(t, proto.BFD, UDP, 3784, cx("20c00318 00000000"+up[17:]))
}
