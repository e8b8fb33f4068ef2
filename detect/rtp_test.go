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

// Pictures that are sent in another order than they were taken in, a loss of
// many packets, payload types below 64, a source of zero, and what opens a way
// through address translators: none of it makes a flow something else.
func TestRTPOdd(t *testing.T) {
	const id = proto.RTP
	b := func(seq, ts int) said { return cx(rtpPacket(96, seq, ts, 0xcafe0002)) }
	mustMatch(t, id, id, UDP, 20002, b(1, 90000), b(2, 101250), b(3, 93750), b(4, 97500))
	mustMatch(t, id, id, UDP, 20002, b(1, 90000), b(400, 1e6), b(401, 1003750), b(402, 1007500))
	mustNot(t, id, UDP, 20002, b(1, 90000), b(400, 1e6), b(800, 2e6), b(1200, 3e6), b(1201, 3e6+1), b(1202, 3e6+2))
	c := func(seq int) said { return cx(rtpPacket(35, seq, 1600+160*seq, 0)) }
	mustMatch(t, id, id, UDP, 20002, c(1), c(2), c(3), c(4), c(5))
	mustNot(t, id, UDP, 20002, c(1), c(2), c(3))
	punch, hello := cx("cefaedfe"), cx(sealedHex(20))
	mustMatch(t, id, id, UDP, 6970, punch, sx(rtpPacket(96, 1, 1, 7)), sx(rtpPacket(96, 2, 2, 7)), hello, sx(rtpPacket(96, 3, 3, 7)))
	in := Input{Over: UDP, ServerPort: 6970, ClientPort: 40000, ToServer: unhex(sealedHex(100))}
	in.ToServer[0] = 0x40
	if v := inspectRTP(&in, new(Result)); v != No {
		t.Errorf("verdict %d: a long datagram that is no RTP is where nothing is waited for", v)
	}
}
