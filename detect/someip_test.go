package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSOMEIP(t *testing.T) {
	const id = proto.SOMEIP
	call := "1234 0008 00000011 00000001 01 01 00 00 000000 05 ababababab"
	discovery := "ffff 8100 00000020 00000001 01 01 02 00 c0000000 00000010 01000000 1001 00eb 00010000 1e000000"
	mustMatch(t, id, id, UDP, 30501, cx(call))
	mustMatch(t, id, id, UDP, 49200, cx(call+call))
	mustMatch(t, id, id, TCP, 30501, cx(call), sx("1234 0008 00000011 00000001 01 01 80 00 000000 05 ababababab"))
	mustMatch(t, id, id, TCP, 30501, cx("ffff 0000 00000008 dead beef 01 01 01 00"))
	mustMatch(t, id, id, UDP, 30490, cx(discovery))
	mustNot(t, id, UDP, 30490, cx(discovery+"00000000"))
	mustNot(t, id, UDP, 30501, cx(call+"00"))
	mustNot(t, id, UDP, 30501, cx("1234 0008 00000011 00000001 02 01 00 00 000000 05 ababababab"))
	mustMatch(t, id, id, TCP, 40000, cx(call+call))
	mustMatch(t, id, id, TCP, 40000, cx(call), sx("1234 0008 00000011 00000001 01 01 80 00 000000 05 ababababab"))
	mustNot(t, id, TCP, 40000, cx(call))
	mustNot(t, id, TCP, 30501, cx("1234 0008 00000011 00000001 01 01 00 07 000000 05 ababababab"))
	mustNot(t, id, TCP, 30501, cx("1234 0008 00000011 00000001 01 01 13 00 000000 05 ababababab"))
}
