package detect

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"netifyd/core/proto"
)

// shortSay gives datagrams one way to the card and says what it said last.
func shortSay(port uint16, datagrams [][]byte) (v Verdict, partial bool) {
	res := new(Result)
	fl := testFlow{in: Input{Over: UDP, IPProtocol: 17, ServerPort: port, ClientPort: 40000}}
	for _, d := range datagrams {
		fl.said = append(fl.said, said{false, d})
	}
	fl.replay(quicLimit, false, func(in *Input) bool {
		res.Reset(proto.QUIC)
		v = inspectQUIC(in, res)
		return v != NeedMore
	})
	return v, res.Partial
}

func TestQUICShortHeaders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	several := func(n int, one func(i int, d []byte)) (all [][]byte) {
		for i := range n {
			d := random(60)
			d[0] = d[0]&0x3f | 0x40
			one(i, d)
			all = append(all, d)
		}
		return all
	}
	quic := func(_ int, d []byte) { copy(d[1:], "\xda\x37\x46\x3b") }
	for _, c := range []struct {
		what      string
		port      uint16
		datagrams [][]byte
		want      Verdict
	}{
		{"a connection", 443, several(4, quic), Match},
		{"at another port", 4433, several(4, quic), No},
		{"too little of it", 443, several(2, quic), NeedMore},
		{"without an identifier", 443, several(8, func(int, []byte) {}), NeedMore},
		{"channel data of TURN (RFC 8656, section 12.4)", 443, several(6, func(_ int, d []byte) { copy(d, "\x40\x01\x00\x38\x80") }), NeedMore},
		{"data of OpenVPN", 443, several(6, func(i int, d []byte) { copy(d, "\x48\x00\x00\x01\x00\x00\x00"); d[7] = byte(i) }), NeedMore},
		{"a count", 443, several(6, func(i int, d []byte) {
			clear(d)
			d[0] = 0x40 + byte(i)
			binary.LittleEndian.PutUint32(d[40:], uint32(i))
		}), NeedMore},
		{"text", 443, several(6, func(i int, d []byte) {
			copy(d, "Axyz: a line of text with a number at the end of the line 000")
			d[0] += byte(i)
		}), NeedMore},
		{"another form between", 443, several(6, func(i int, d []byte) {
			if quic(i, d); i == 1 {
				d[0] = 0x04
			}
		}), No},
	} {
		v, partial := shortSay(c.port, c.datagrams)
		if v != c.want || v == Match && !partial {
			t.Errorf("%s: verdict %d, partial %v, want %d", c.what, v, partial, c.want)
		}
	}
	for range 5000 { // random bytes that begin as QUIC does
		if v, _ := shortSay(443, several(3, func(int, []byte) {})); v == Match {
			t.Fatal("random bytes are QUIC")
		}
	}
}
