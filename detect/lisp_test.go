package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestLISP(t *testing.T) {
	const id = proto.LISP
	request := "10 00 00 01 0011223344556677 0001 c0000201 0001 c6336401 00 20 0001 0a000001"
	registration := "30 00 01 01 0000000000000000 0001 0014 " + sealedHex(20) + " 00000005 01 18 1000 0000 0001 0a000000 01 64 ff 00 0005 0001 c6336401"
	mustMatch(t, id, id, UDP, 4342, cx(request))
	mustMatch(t, id, id, UDP, 4342, cx(registration))
	mustMatch(t, id, id, UDP, 4342, cx("80 00 00 00 4500 0018 0000 0000 40 11 0000 0a000001 0a000002 10f610f6"))
	mustMatch(t, id, id, UDP, 4341, cx("c0 001122 00000001 4500 0018 0000 0000 40 01 0000 0a000001 0a000002 08000000"))
	mustMatch(t, id, id, TCP, 4342, cx("0012 0010 00000001 00000000 9facade9"))
	mustNot(t, id, TCP, 4342, cx("0012 0010 00000001 00000000 9facade8"))
	mustNot(t, id, TCP, 4342, cx("0012 000b 00000001 00000000 9facade9"))
	mustNot(t, id, UDP, 4343, cx(request))
	mustNot(t, id, UDP, 4342, cx("10 00 00 01 0011223344556677 0003 c0000201 0001 c6336401 00 20 0001 0a000001"))
	mustNot(t, id, UDP, 4342, cx("10 00 00 01 0011223344556677 0001 c0000201 0001 c6336401 00 81 0001 0a000001"))
	mustNot(t, id, UDP, 4341, cx("c0 001122 00000001 4500 0019 0000 0000 40 01 0000 0a000001 0a000002 08000000"))
}
