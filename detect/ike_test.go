package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestIKE(t *testing.T) {
	v1 := "0102030405060708 0000000000000000 01 10 02 00 00000000 00000028 0000000c 0000000100000001"
	res := mustMatch(t, proto.IPSEC, proto.IPSEC, UDP, 500, cx(v1))
	wantText(t, res, attr.IKEVersion, "1.0")
	v2 := "0102030405060708 0000000000000000 21 20 22 08 00000000 00000024 22000008 00000000"
	res = mustMatch(t, proto.IPSEC, proto.IPSEC, UDP, 500, cx(v2))
	wantText(t, res, attr.IKEVersion, "2.0")
	mustMatch(t, proto.IPSEC, proto.IPSEC, UDP, 4500, cx("00000000"+v2))
	mustNot(t, proto.IPSEC, UDP, 500, cx("0102030405060708 0000000000000000 21 20 22 08 00000000 00000025 22000008 00000000"))
	mustNot(t, proto.IPSEC, UDP, 500, cx("0102030405060708 0000000000000000 21 20 23 08 00000000 00000024 22000008 00000000"))
	mustNot(t, proto.IPSEC, UDP, 500, cx("0102030405060708 0000000000000000 21 20 22 08 00000000 00000024 22000028 00000000"))
	esp := func(n string) string { return "c1c2c3c4 000000" + n + "00112233445566778899aabbccddeeff" }
	mustMatch(t, proto.IPSEC, proto.IPSEC, UDP, 4500, cx(esp("01")), cx("ff"), cx(esp("02")), cx(esp("03")))
	mustMatch(t, proto.IPSEC, proto.IPSEC, UDP, 4501, cx(esp("01")), cx(esp("02")), cx(esp("03")))
	mustMatch(t, proto.IPSEC, proto.CiscoVPN, UDP, 10000, cx(esp("01")), cx(esp("02")), cx(esp("03")))
	mustNot(t, proto.IPSEC, UDP, 10000, cx(esp("01")), cx(esp("02")))
	mustNot(t, proto.IPSEC, UDP, 4502, cx(esp("01")), cx(esp("02")), cx(esp("03")))
	mustNot(t, proto.IPSEC, UDP, 4500, cx(esp("01")), cx(esp("01")), cx(esp("01")))
	mustMatch(t, proto.IPSEC, proto.IPSEC, TCP, 4500, c("IKETCP\x00\x28"))
}
