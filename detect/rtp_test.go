package detect

import (
	"fmt"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// rtpPacket is an RTP packet of 20 bytes of payload.
func rtpPacket(pt, seq, ts int, ssrc uint32) string {
	return fmt.Sprintf("80%02x%04x%08x%08x", pt, seq, ts, ssrc) + "0102030405060708090a0b0c0d0e0f1011121314"
}

func TestRTP(t *testing.T) {
	a := func(seq, ts int) said { return cx(rtpPacket(0, seq, ts, 0xcafe0001)) }
	res := mustMatch(t, proto.RTP, proto.RTP, UDP, 40002, a(100, 1600), sx(rtpPacket(0, 7, 5, 0xbeef0002)), a(101, 1760), a(103, 2080))
	if n, _ := res.Number(attr.RTPSSRC); n != 0xcafe0001 {
		t.Errorf("ssrc %x", n)
	}
	mustMatch(t, proto.RTP, proto.RTP, UDP, 40002, a(65535, 1600), a(0, 1760), a(1, 1920))
	b := func(seq, ts int) said { return cx(rtpPacket(96, seq, ts, 0xcafe0002)) }
	mustMatch(t, proto.RTP, proto.RTP, UDP, 40002, a(100, 1600), b(7, 90000), a(101, 1760), b(8, 93000), b(9, 96000))
	mustNot(t, proto.RTP, UDP, 40002, a(100, 1600), a(101, 1760))               // two
	mustNot(t, proto.RTP, UDP, 40002, a(100, 1600), a(5000, 1760), a(5001, 99)) // jumps
	mustNot(t, proto.RTP, UDP, 40002, a(100, 1600), a(100, 1600), a(100, 1600)) // nothing moves
	mustNot(t, proto.RTP, UDP, 40002, cx("8048"+"0001000000010000000100"))
	mustNot(t, proto.RTP, UDP, 40002, cx("9000"+"000100000001000000010000ffff"))
}
