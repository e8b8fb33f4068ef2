package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCNPIP(t *testing.T) {
	const id = proto.CNPIP
	mustMatch(t, id, id, UDP, 1628, cx("001c 01 01 00 00 0000 0000abcd 00000001 00010203 0011223344556677"))
	mustNot(t, id, UDP, 1628, cx("001d 01 01 00 00 0000 0000abcd 00000001 00010203 0011223344556677"))
	mustNot(t, id, UDP, 1628, cx("001c 02 01 00 00 0000 0000abcd 00000001 00010203 0011223344556677"))
	mustNot(t, id, UDP, 1628, cx("001c 01 02 00 00 0000 0000abcd 00000001 00010203 0011223344556677"))
	mustNot(t, id, UDP, 1628, cx("001c 01 01 03 00 0000 0000abcd 00000001 00010203 0011223344556677"))
}
