package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestOpenVPN(t *testing.T) {
	const client, server = "0102030405060708", "1112131415161718"
	plain, answer := "38"+client+"00 00000000", "40"+server+"01 00000000"+client+"00000000"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(plain))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, sx(answer))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, TCP, 1194, cx("000e"+plain), sx("001a"+answer))
	auth := "38" + client + strings.Repeat("a5", 20) + "00000001 66000000 00 00000000"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(auth))
	crypt := "38" + client + "00000001 66000000" + strings.Repeat("5a", 32) + "0102030405"
	reply := "40" + server + "00000001 66000002" + strings.Repeat("a5", 32) + "0102030405060708090a0b0c0d0e0f1011"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(crypt), sx(reply))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, TCP, 1194, cx("0036"+crypt), sx("0042"+reply))
	again := "38" + client + "00000002 66000003" + strings.Repeat("5a", 32) + "0102030405"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(crypt), cx(again))
	wrapped := "50" + client + "00000001 66000000" + strings.Repeat("5a", 32) + "0102030405" + strings.Repeat("77", 62) + "0040"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(wrapped))
	mustNot(t, proto.OpenVPN, UDP, 1194, cx(crypt))                                       // alone
	mustNot(t, proto.OpenVPN, UDP, 1194, cx(crypt), cx(crypt))                            // the same again, without a new number
	mustNot(t, proto.OpenVPN, UDP, 1194, cx("39"+client+"00 00000000"))                   // key 1
	mustNot(t, proto.OpenVPN, UDP, 1194, cx("38"+client+"00 00000000 00"))                // too long
	mustNot(t, proto.OpenVPN, UDP, 1194, cx(strings.Replace(wrapped, "0040", "0041", 1))) // length of the key
	mustNot(t, proto.OpenVPN, TCP, 80, c("GET / HTTP/1.1\r\n"))
}
