package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestNTP(t *testing.T) {
	testProtocol(t, proto.NTP)
	ask := "23000620" + strings.Repeat("00", 36) + "66225d41c1eb14ee"
	tell := "240806e6 00000010 00000020 7f7f0101 eeac662b3c9b8f5f 66225d41c1eb14ee eeac662ce4f669e1 eeac662ce4fee0d8"
	for _, port := range []uint16{123, 4123} {
		res := mustMatch(t, proto.NTP, proto.NTP, UDP, port, cx(ask), sx(tell))
		if n, _ := res.Number(attr.NTPVersion); n != 4 {
			t.Errorf("version %d", n)
		}
	}
	mustMatch(t, proto.NTP, proto.NTP, UDP, 123, cx("1602 0001 0000 0000 0000 0000"), sx("1682 0001 0000 0000 0000 0004 61626364"))
	mustNot(t, proto.NTP, UDP, 4123, cx(strings.Replace(ask, "23000620", "23110620", 1)))
	mustNot(t, proto.NTP, UDP, 4123, sx(strings.Replace(tell, "00000010", "00400010", 1)))
	mustNot(t, proto.NTP, UDP, 123, cx("1602 0001 0000 0000 0000 ff00"))
	mustNot(t, proto.NTP, UDP, 123, cx("23000620"))
	// ntpdc: the monitor list, and an answer with two items of four bytes.
	mustMatch(t, proto.NTP, proto.NTP, UDP, 123, cx("1700032a 00000000"))
	mustMatch(t, proto.NTP, proto.NTP, UDP, 123, sx("9701032a 00020004 0102030405060708"))
	mustNot(t, proto.NTP, UDP, 123, cx("1701032a 00000000"))
	mustNot(t, proto.NTP, UDP, 123, sx("9701032a 00020004 01020304050607"))
	mustNot(t, proto.NTP, UDP, 123, cx("1602 0001 0100 0000 0000 0000")) // a question with a state
	// RFC 9769: a question of interleaved mode, whose time of receipt is random, as chrony sends it.
	interleaved := "23000620" + strings.Repeat("00", 20) + "eeb94428f4cae6fb 37dc54a6d2600fa6 3a40b6e5b2f55c32"
	for _, port := range []uint16{123, 4123} {
		mustMatch(t, proto.NTP, proto.NTP, UDP, port, cx(interleaved))
	}
	mustNot(t, proto.NTP, UDP, 123, cx(strings.Replace(interleaved, "eeb94428f4cae6fb", "37b94428f4cae6fb", 1)))
	// RFC 7822: an extension field; RFC 5905: a key and its digest.
	mustMatch(t, proto.NTP, proto.NTP, UDP, 123, cx(ask+"01040010 000102030405060708090a0b"))
	mustMatch(t, proto.NTP, proto.NTP, UDP, 123, cx(ask+"00000001 000102030405060708090a0b0c0d0e0f"))
	mustNot(t, proto.NTP, UDP, 123, cx(ask+"01040014 000102030405060708090a0b"))
	mustNot(t, proto.NTP, UDP, 123, cx(ask+"00000001 00010203"))
}
