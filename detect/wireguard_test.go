package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestWireGuard(t *testing.T) {
	fill := sealedHex
	zero := strings.Repeat("00", 16)
	init := "01000000 aabbccdd" + fill(124)
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(init+zero))
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(init+fill(16)), sx("02000000 11223344 aabbccdd"+fill(80)))
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(init+fill(16)), sx("03000000 aabbccdd"+fill(56)))
	data := func(counter string) string { return "04000000 01020304" + counter + "00000000000000" + fill(16) }
	mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 51820, cx(data("05")), cx(data("06")), cx(data("07")))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(init+fill(16)))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(init+fill(16)), sx("02000000 11223344 aabbccde"+fill(80)))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(init+zero+"00"))
	mustNot(t, proto.WireGuard, UDP, 51820, cx(data("05")), cx(data("05")), cx(data("05")))
}

func TestDisguisedWireGuard(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("5ac3", n)[:2*n] }
	junk := cx(fill(40))
	initiation := cx(fill(37) + "9d3a51c7 aabbccdd" + fill(140))
	response := func(index string) said { return sx(fill(61) + "17d20b64 11223344" + index + fill(80)) }
	data := func(index, counter string) said {
		return cx("c4e09215" + index + counter + "00000000000000" + fill(16))
	}
	is := func(what ...said) { t.Helper(); mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 30001, what...) }
	no := func(what ...said) { t.Helper(); mustNot(t, proto.WireGuard, UDP, 30001, what...) }
	is(junk, junk, junk, initiation, response("aabbccdd"), data("11223344", "00"))
	is(initiation, initiation, response("aabbccdd"), data("11223344", "01"))
	no(junk, junk, initiation, response("aabbccde"), data("11223344", "00"))
	no(junk, initiation, response("aabbccdd"), data("11223345", "00"))
	no(junk, initiation, response("aabbccdd"), data("11223344", "40"))
	no(junk, initiation, response("aabbccdd"))
	no(junk, initiation, sx(fill(91)))
	no(cx(fill(300)), sx(fill(300)), cx(fill(32)))
	if v, _ := inspectBytes(t, proto.WireGuard, Input{Over: UDP, ServerPort: 30001, ToServer: []byte("text of which nothing is known")}); v != No {
		t.Errorf("verdict %d: text must not wait for an answer", v)
	}
}

// TestDisguisedSession puts the disguise on what two wireguard-go said.
func TestDisguisedSession(t *testing.T) {
	noise := []byte(strings.Repeat("\x93\x1c\xe7\x2d", 15))
	for _, fl := range testFlows(t) {
		if fl.capture != "wireguard.pcap" {
			continue
		}
		what := []said{{false, noise}, {false, noise[:31]}}
		for _, w := range fl.said {
			b := append([]byte{}, w.bytes...)
			kind := b[0]
			b[0], b[1], b[2], b[3] = 0x71^kind, 0x2e, 0xb8, 0x05
			if kind == wgInitiation || kind == wgResponse {
				b = append(append([]byte{}, noise[:40+7*int(kind)]...), b...)
			}
			what = append(what, said{w.fromServer, b})
		}
		mustMatch(t, proto.WireGuard, proto.WireGuard, UDP, 40443, what...)
		return
	}
	t.Error("no capture of WireGuard in testdata")
}

// Joined midway, out of order, and with data of the session before among those of the next.
func TestWireGuardReordered(t *testing.T) {
	const id = proto.WireGuard
	data := func(receiver, counter string) said {
		return cx("04000000" + receiver + counter + "00000000000000" + sealedHex(32))
	}
	a, b := "7f3c91d2", "50c2e81b"
	mustMatch(t, id, id, UDP, 7000, data(a, "07"), data(a, "05"), data(a, "06"))
	mustMatch(t, id, id, UDP, 7000, data(a, "07"), data(b, "00"), data(a, "08"), data(b, "01"), data(b, "02"))
	mustNot(t, id, UDP, 7000, data(a, "07"), data(b, "07"), data("00112233", "07"))
	mustNot(t, id, UDP, 7000, data(a, "07"), data(a, "07"), data(a, "07"))
	records := func(n string) said {
		return cx("04000000 01000000" + n + "00000000000000" + strings.Repeat("05000000", 4))
	}
	mustNot(t, id, UDP, 7000, records("01"), records("02"), records("03"))
}
