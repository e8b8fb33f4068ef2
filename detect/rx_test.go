package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestRX(t *testing.T) {
	const id = proto.RX
	call := "ce9a8b01 2f3c1d00 00000001 00000001 00000001 01 05 00 00 0000 0034 000001f9"
	mustMatch(t, id, id, UDP, 7003, cx(call))
	mustNot(t, id, UDP, 17003, cx(call))
	mustMatch(t, id, id, UDP, 17003, cx(call), sx("ce9a8b01 2f3c1d00 00000001 00000000 00000002 04 00 00 00 0000 0034 0000 0000 00000001 00000001 00000001 02 00 000000"))
	mustMatch(t, id, id, UDP, 7003, sx("ce9a8b01 2f3c1d00 00000001 00000000 00000002 03 00 00 00 0000 0034 ffffffff"))
	mustNot(t, id, UDP, 7003, cx(strings.Replace(call, "01 05 00", "0e 05 00", 1)))
	mustNot(t, id, UDP, 7003, cx(strings.Replace(call, "00000001 00000001 00000001", "00000001 00000000 00000001", 1)))
	mustNot(t, id, UDP, 7003, cx(strings.Replace(call, "2f3c1d00 00000001", "2f3c1d00 10000001", 1)))
	mustNot(t, id, UDP, 7003, sx("ce9a8b01 2f3c1d00 00000001 00000000 00000002 03 00 00 00 0000 0034 ffffffff00"))
}
