package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestEtherSIO(t *testing.T) {
	const id = proto.EtherSIO
	mustMatch(t, id, id, UDP, 6060, cx("4553494f 0002 0000 0014 0001 00000001 00000001"))
	mustNot(t, id, UDP, 6060, cx("4553494f 0003 0000 0014 0001 00000001 00000001"))
	mustNot(t, id, UDP, 6060, cx("4553494f 0002 00"))
}
