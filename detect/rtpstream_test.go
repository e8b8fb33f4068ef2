package detect

import (
	"fmt"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// framed puts the length of RFC 4571 before a packet.
func framed(digits string) string { return fmt.Sprintf("%04x", len(unhex(digits))) + digits }

func TestRTPStream(t *testing.T) {
	rtp := func(seq int) string { return framed(rtpPacket(96, seq&0xffff, seq*160, 0x12345678)) }
	report := framed("80c90001cafe0001")
	for _, what := range [][]said{
		{cx(rtp(1) + rtp(2)), cx(rtp(3))},
		{sx(rtp(1)), cx(report), sx(rtp(2) + rtp(3))},
		{cx(report + rtp(65535) + rtp(65536) + rtp(65537))},
	} {
		if v, res := talk(t, proto.RTP, TCP, 40100, what...); v != Match {
			t.Errorf("verdict %d", v)
		} else if n, _ := res.Number(attr.RTPSSRC); n != 0x12345678 {
			t.Errorf("ssrc %x", n)
		}
	}
	for _, what := range [][]said{
		{cx(rtp(1) + rtp(2))}, {cx(rtp(1) + rtp(1) + rtp(1))}, {cx(rtp(1) + rtp(2) + "0014" + "00")}, {cx("0000" + rtp(1) + rtp(2) + rtp(3))},
		{c("GET / HTTP/1.1\r\n")}, {cx(rtp(1) + rtp(2)), c("hello")},
	} {
		mustNot(t, proto.RTP, TCP, 40100, what...)
	}
	// ICE over TCP: checks first, then media.
	check := framed("00010000 2112a442 0b1c2d3e4f50617283940516")
	mustMatch(t, proto.STUN, proto.RTP, TCP, 40100, cx(check), sx(framed("01010000 2112a442 0b1c2d3e4f50617283940516")), cx(rtp(1)+rtp(2)+rtp(3)))
}
