package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTeredo(t *testing.T) {
	solicit := "6000000000083aff fe80000000000000 0000ffffffffffff ff02000000000000 0000000000000002 85007d3800000000"
	bubble := "6000000000003b15 20010000cb007101 0000f227 3ffffdf5 20010000cb007101 0000f227 3ffffdf6"
	mustMatch(t, proto.Teredo, proto.Teredo, UDP, 3544, cx("00010000 b11b3fea46a9afe9 00"+solicit))
	mustMatch(t, proto.Teredo, proto.Teredo, UDP, 40001, cx(bubble))
	mustMatch(t, proto.Teredo, proto.Teredo, UDP, 40001, sx("0000 f227 3ffffdf6"+bubble))
	mustNot(t, proto.Teredo, UDP, 3544, cx(solicit))
	mustNot(t, proto.Teredo, UDP, 3544, cx(bubble+"00"))
	mustNot(t, proto.Teredo, UDP, 3544, cx("00010000 b11b3fea46a9afe9"))
}
