package detect

import (
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

const (
	rdpSyn    = "ffffffff 0400 1001 8a1f0e2c 04d0 04d0 0001 0101"
	rdpSynAck = "8a1f0e2c 0400 1005 11223344 04d0 04d0 0001 0101"
)

// source puts the head of version 1 before data; with a vector of acknowledgements.
func rdpSource(number int, data string) string {
	return fmt.Sprintf("8a1f0e2c 0400 000c 0001 05 00 %08x %08x", number, number) + hex.EncodeToString([]byte(data))
}

// source2 makes a packet of version 3: header, acknowledgement, number, number in the channel.
func rdpSource2(number int, data string, ack bool) string {
	flags, more := 0x4, ""
	if ack {
		flags, more = 0x5, "0700 112233 04 01 99"
	}
	b := unhex(fmt.Sprintf("e0 %02x c0 %s %02x %02x 0100", flags, more, number&255, number>>8))
	b = append(b, data...)
	b[0], b[7] = b[7], b[0]
	return hex.EncodeToString(b)
}

func cutInto(b []byte, n int) (list []string) {
	for ; len(b) > 0; b = b[min(n, len(b)):] {
		list = append(list, string(b[:min(n, len(b))]))
	}
	return list
}

func TestRDPOverUDP(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "rdp.example.com", nil)
	for name, pack := range map[string]func(n int, data string) string{
		"version 1":       rdpSource,
		"version 3":       func(n int, data string) string { return rdpSource2(n, data, true) },
		"version 3, bare": func(n int, data string) string { return rdpSource2(n, data, false) },
	} {
		for _, turned := range []bool{false, true} {
			what := []said{cx(rdpSyn), sx(rdpSynAck)}
			var pieces []said
			for i, p := range cutInto(client, 100) {
				pieces = append(pieces, cx(pack(0xff7f+i, p)))
			}
			for i, p := range cutInto(server, 700) {
				pieces = append(pieces, sx(pack(7+i, p)))
			}
			if turned {
				pieces[1], pieces[2] = pieces[2], pieces[1]
			}
			res := mustMatch(t, proto.RDP, proto.RDP, UDP, 3389, append(what, pieces...)...)
			wantText(t, res, attr.TLSSNI, "rdp.example.com")
			if len(res.Get(attr.TLSJA3)) != 16 || len(res.Get(attr.TLSJA3S)) != 16 || !res.Has(attr.TLSFingerprint) {
				t.Errorf("%s, turned %v: %q", name, turned, told(res))
			}
		}
	}
}

// dtlsHello is a ClientHello for www.example.org as a handshake message without its head.
const dtlsHelloBody = "fefd" + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" + "00" + "00" + "0004c02bc02f" + "0100" +
	"001e" + "00000014001200000f7777772e6578616d706c652e6f7267" + "000d0002ab00"

// dtlsFragments cuts a handshake message into records of n bytes of it.
func dtlsFragments(kind byte, seq int, body []byte, n int) (list []string) {
	for at := 0; at < len(body); at += n {
		part := body[at:min(len(body), at+n)]
		list = append(list, fmt.Sprintf("16fefd0000 0000000000%02x %04x %02x %06x %04x %06x %06x %x", len(list), 12+len(part), kind, len(body), seq, at, len(part), part))
	}
	return list
}

const dtlsServerHelloBody = "fefd" + "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100" + "00" + "c02b" + "00"

func TestDTLSInsideOthers(t *testing.T) {
	client, server := unhex(dtlsHelloBody), unhex(dtlsServerHelloBody)
	for name, c := range map[string]struct {
		id    proto.ID
		port  uint16
		open  []said
		wraps func(n int, record string) string
	}{
		"RDP":    {proto.RDP, 3389, []said{cx("ffffffff 0400 0201 8a1f0e2c 04d0 04d0"), sx("8a1f0e2c 0400 0205 11223344 04d0 04d0")}, func(n int, r string) string { return rdpSource(n, string(unhex(r))) }},
		"CAPWAP": {proto.CAPWAP, 5246, nil, func(_ int, r string) string { return "01000000" + r }},
		"DTLS":   {proto.DTLS, 4433, nil, func(_ int, r string) string { return r }},
	} {
		var ja3 string
		for _, size := range []int{4096, 60, 17} {
			for _, turned := range []bool{false, true} {
				what := append([]said{}, c.open...)
				from := len(what)
				for i, r := range dtlsFragments(1, 0, client, size) {
					what = append(what, cx(c.wraps(i+1, r)))
				}
				if turned { // the last first
					for i, j := from, len(what)-1; i < j; i, j = i+1, j-1 {
						what[i], what[j] = what[j], what[i]
					}
				}
				for i, r := range dtlsFragments(2, 0, server, size) {
					what = append(what, sx(c.wraps(i+1, r)))
				}
				res := mustMatch(t, c.id, c.id, UDP, c.port, what...)
				wantText(t, res, attr.TLSSNI, "www.example.org")
				if v, _ := res.Number(attr.TLSVersion); v != 0xfefd || res.Partial {
					t.Errorf("%s, %d bytes: version %x, partial %v", name, size, v, res.Partial)
				}
				if got := hex.EncodeToString(res.Get(attr.TLSJA3)); ja3 == "" {
					ja3 = got
				} else if got != ja3 {
					t.Errorf("%s, %d bytes: JA3 %s, not %s", name, size, got, ja3)
				}
				if len(res.Get(attr.TLSJA3S)) != 16 || string(res.Get(attr.TLSJA4)) == "" || res.Get(attr.TLSJA4)[0] != 'd' {
					t.Errorf("%s, %d bytes, turned %v: %q", name, size, turned, told(res))
				}
			}
		}
	}
}
