package detect

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestOpenVPN(t *testing.T) {
	const client, server = "1f9c4be0a37d5862", "c2857e10f94d3ab6"
	plain, answer := "38"+client+"00 00000000", "40"+server+"01 00000000"+client+"00000000"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(plain))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, sx(answer))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, TCP, 1194, cx("000e"+plain), sx("001a"+answer))
	mustNot(t, proto.OpenVPN, UDP, 443, cx(plain)) // alone
	mustNot(t, proto.OpenVPN, UDP, 443, cx(plain), sx(strings.Replace(answer, client, server, 1)))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 443, cx(plain), sx(answer))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 443, cx(plain), cx(plain))
	auth := "38" + client + sealedHex(20) + "00000001 66000000 00 00000000"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(auth))
	crypt := "38" + client + "00000001 66000000" + sealedHex(32) + "0102030405"
	reply := "40" + server + "00000001 66000002" + sealedHex(32) + "0102030405060708090a0b0c0d0e0f1011"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(crypt), sx(reply))
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, TCP, 1194, cx("0036"+crypt), sx("0042"+reply))
	again := "38" + client + "00000002 66000003" + sealedHex(32) + "0102030405"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(crypt), cx(again))
	wrapped := "50" + client + "00000001 66000000" + sealedHex(32) + "0102030405" + strings.Repeat("77", 62) + "0040"
	mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, cx(wrapped))
	mustNot(t, proto.OpenVPN, UDP, 1194, cx(crypt))                                       // alone
	mustNot(t, proto.OpenVPN, UDP, 1194, cx(crypt), cx(crypt))                            // the same again, without a new number
	mustNot(t, proto.OpenVPN, UDP, 1194, cx("39"+client+"00 00000000"))                   // key 1
	mustNot(t, proto.OpenVPN, UDP, 1194, cx("38"+client+"00 00000000 00"))                // too long
	mustNot(t, proto.OpenVPN, UDP, 1194, cx(strings.Replace(wrapped, "0040", "0041", 1))) // length of the key
	mustNot(t, proto.OpenVPN, TCP, 80, c("GET / HTTP/1.1\r\n"))
}

// What the captures of sessions with TLS in the clear tell, and what a hello in pieces out of order does.
func TestOpenVPNTells(t *testing.T) {
	testProtocol(t, proto.OpenVPN)
	res := new(Result)
	for _, fl := range testFlows(t) {
		if fl.want != proto.OpenVPN {
			continue
		}
		fl.replay(openvpnLimit, false, func(in *Input) bool {
			res.Reset(proto.OpenVPN)
			return inspectOpenVPN(in, res) == Match && !res.More
		})
		clear := fl.capture != "openvpn-tls-crypt.pcap"
		version, _ := res.Number(attr.TLSVersion)
		cipher, _ := res.Number(attr.TLSCipher)
		if got := res.Has(attr.TLSJA3) && res.Has(attr.TLSJA3S) && version >= 0x303 && cipher != 0; got != clear || res.Protocol != proto.OpenVPN {
			t.Errorf("%s: %q", fl.capture, told(res))
		}
	}
	hello := ""
	for _, fl := range testFlows(t) {
		if fl.capture == "tls12.pcap" && hello == "" {
			hello = string(fl.said[0].bytes)
		}
	}
	const session, other = "0102030405060708", "1112131415161718"
	piece := func(number string, b string) said {
		return cx("20" + session + "01 00000000" + other + "000000" + number + hex.EncodeToString([]byte(b)))
	}
	reset := cx("38" + session + "00 00000000")
	answer := sx("40" + other + "01 00000000" + session + "00000000")
	want := mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, reset, answer, piece("01", hello)).Get(attr.TLSJA3)
	if len(want) != 16 {
		t.Fatal("no fingerprint of a hello in one piece")
	}
	got := mustMatch(t, proto.OpenVPN, proto.OpenVPN, UDP, 1194, reset, answer, piece("03", hello[60:]), piece("02", hello[30:60]), piece("01", hello[:30]), piece("01", hello[:30]))
	if !bytes.Equal(got.Get(attr.TLSJA3), want) {
		t.Errorf("pieces out of order: %q", told(got))
	}
}
