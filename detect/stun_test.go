package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// The sample messages of RFC 5769, sections 2.1 and 2.2.
const stunRequest = `000100582112a442b7e7a701bc34d686fa87dfae
	802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
	000600096576746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf`
const stunResponse = `0101003c2112a442b7e7a701bc34d686fa87dfae
	8022000b7465737420766563746f7220 002000080001a147e112a643
	000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96`

func TestSTUN(t *testing.T) {
	res := mustMatch(t, proto.STUN, proto.STUN, UDP, 3478, cx(stunRequest))
	wantText(t, res, attr.STUNSoftware, "STUN test client")
	res = mustMatch(t, proto.STUN, proto.STUN, UDP, 3478, sx(stunResponse))
	wantText(t, res, attr.STUNSoftware, "test vector")
	wantHex(t, res, attr.STUNMapped, "c0000201"+"8055") // 192.0.2.1:32853
	res = mustMatch(t, proto.STUN, proto.STUN, TCP, 3478, cx(stunRequest), sx(stunResponse))
	wantHex(t, res, attr.STUNMapped, "c00002018055")
	mustMatch(t, proto.STUN, proto.STUN, TCP, 3478, cx("006c"+stunRequest)) // RFC 4571
}

// RFC 3489 knows no cookie.
func TestSTUNClassic(t *testing.T) {
	res := mustMatch(t, proto.STUN, proto.STUN, UDP, 3478,
		cx("00010008 b7e7a70101bc34d686fa87dfae0b9c44 0003000400000006"),
		sx("0101000c b7e7a70101bc34d686fa87dfae0b9c44 00010008 00018055c0000201"))
	wantHex(t, res, attr.STUNMapped, "c00002018055")
}

func TestSTUNNot(t *testing.T) {
	for _, d := range []string{
		"00010004 b7e7a70101bc34d686fa87dfae0b9c44 00030008", // attribute longer than the message
		"00010000 b7e7a70101bc34d686fa87dfae0b9c44 00",       // length does not fit
		"00230000 b7e7a70101bc34d686fa87dfae0b9c44",          // no cookie, no known type
		"80010000 2112a442b7e7a701bc34d686fa87dfae",          // not the two zero bits
		"0001000000010203040506070809",                       // short
	} {
		mustNot(t, proto.STUN, UDP, 3478, cx(d))
	}
	mustNot(t, proto.STUN, TCP, 3478, c("GET / HTTP/1.1\r\n\r\n"))
	mustNot(t, proto.STUN, TCP, 3478, cx("1603010200010001fc0303000000000000"))
}

// What follows in the flow names it.
func TestSTUNMedia(t *testing.T) {
	request := cx("000100002112a442b7e7a701bc34d686fa87dfae")
	a := func(seq, ts int) said { return cx(rtpPacket(111, seq, ts, 0xcafe0001)) }
	mustMatch(t, proto.STUN, proto.RTP, UDP, 40000, request, a(1, 960), a(2, 1920), request, a(3, 2880))
	mustMatch(t, proto.STUN, proto.STUN, UDP, 40000, request, a(1, 960), a(2, 1920))
	mustMatch(t, proto.STUN, proto.DTLS, UDP, 40000, request, cx("16fefd0000000000000000001001000004"))
	mustMatch(t, proto.STUN, proto.SkypeTeamsCall, UDP, 3478, cx("000300082112a442b7e7a701bc34d686fa87dfae 8008000400000006"))
	mustMatch(t, proto.STUN, proto.ZOOM, UDP, 3478, cx("00010018c15dae63585d14392e582c260403bf30 01010014 3132333435363738393031323334353637383900"))
}

// TestCallOfCheck: the user names of the checks of one call stand for the same, whoever asks.
func TestCallOfCheck(t *testing.T) {
	if a, b := callOf([]byte("l/wc:SuU3")), callOf([]byte("SuU3:l/wc")); a == 0 || a != b {
		t.Errorf("%x and %x", a, b)
	}
	if callOf([]byte("l/wc:SuU3")) == callOf([]byte("l/wc:SuU4")) {
		t.Error("two calls are one")
	}
	for _, user := range []string{"", ":", "abcd", "abc:defg", "abcd:efg", "abcd:ef g", "abcd:efgh:ijkl", "ab-d:efgh"} {
		if callOf([]byte(user)) != 0 {
			t.Errorf("%q is a pair of fragments", user)
		}
	}
}
