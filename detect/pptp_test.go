package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestPPTP(t *testing.T) {
	mustMatch(t, proto.PPTP, proto.PPTP, TCP, 1723, cx("009c 0001 1a2b3c4d 0001 0000 01000000"))
	mustNot(t, proto.PPTP, TCP, 1723, cx("009c 0001 1a2b3c4e 0001 0000 01000000"))
	mustNot(t, proto.PPTP, TCP, 1723, cx("009c 0001 1a2b3c4d 0021 0000 01000000"))
}
