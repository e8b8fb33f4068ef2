package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCAN(t *testing.T) {
	const id = proto.CAN
	mustMatch(t, id, id, UDP, 11898, cx("49534f3131383938 01 01 00000001 08 0011223344556677"))
	mustMatch(t, id, id, UDP, 20000, cx("02 00 07 0002 00000123 02 aabb 98765432 08 0011223344556677"))
	mustMatch(t, id, id, UDP, 20000, cx("02 00 07 0001 00000123 8c 01 00112233445566778899aabb"))
	mustNot(t, id, UDP, 20000, cx("02 00 07 0001 00000123 02 aabbcc"))
	mustNot(t, id, UDP, 20000, cx("02 00 07 0001 00000823 02 aabb"))
	mustNot(t, id, UDP, 20000, cx("02 00 07 0001 00000123 09 001122334455667788"))
	mustNot(t, id, UDP, 11898, cx("49534f3131383939 01 01 00000001 08 0011223344556677"))
}
