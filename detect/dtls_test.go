package detect

import (
	"crypto/tls"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestDTLS(t *testing.T) { testProtocol(t, proto.DTLS) }

// What a handshake in the captures tells at its end.
func TestDTLSTells(t *testing.T) {
	res := new(Result)
	tested := 0
	for _, fl := range testFlows(t) {
		if fl.want != proto.DTLS {
			continue
		}
		fl.replay(dtlsLimit, false, func(in *Input) bool {
			res.Reset(proto.DTLS)
			return inspectDTLS(in, res) != Match || !res.More
		})
		version, _ := res.Number(attr.TLSVersion)
		cipher, _ := res.Number(attr.TLSCipher)
		if res.Partial {
			continue
		}
		tested++
		if version>>8 != 0xfe || cipher == 0 || len(res.Get(attr.TLSJA3)) != 16 || len(res.Get(attr.TLSJA3S)) != 16 || res.Get(attr.TLSJA4)[0] != 'd' {
			t.Errorf("%s: version %#x, cipher %#x: %q", fl.capture, version, cipher, told(res))
		}
		preShared := cipher >= 0xa8 && cipher <= 0xb9 // RFC 5487: no certificate
		if version >= 0xfefd && !preShared && !res.Has(attr.TLSFingerprint) {
			t.Errorf("%s: no certificate: %q", fl.capture, told(res))
		}
	}
	if tested == 0 {
		t.Error("no capture of DTLS")
	}
}

func dtlsRecord(typ byte, epoch byte, body ...byte) []byte {
	return append([]byte{typ, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1, byte(len(body) >> 8), byte(len(body))}, body...)
}

func TestDTLSShapes(t *testing.T) {
	hello := append([]byte{1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd}, make([]byte, 32)...)
	hello = append(hello, 0, 0, 0, 2, 0xc0, 0x2b, 1, 0)
	first := dtlsRecord(22, 0, hello...)
	data := dtlsRecord(23, 1, make([]byte, 40)...)
	for _, c := range []struct {
		name    string
		b       []byte
		want    Verdict
		partial bool
	}{
		{"hello", first, Match, false},
		{"hello, cut", first[:len(first)-1], No, false},
		{"hello and a byte", append(first[:len(first):len(first)], 0), No, false},
		{"data", data, Match, true},
		{"two records", append(data[:len(data):len(data)], data...), Match, true},
		{"data that is not protected", dtlsRecord(23, 0, make([]byte, 40)...), No, false},
		{"late epoch", dtlsRecord(23, 200, make([]byte, 40)...), No, false},
		{"alert", dtlsRecord(21, 0, 2, 40), Match, true},
		{"alert of no level", dtlsRecord(21, 0, 7, 40), No, false},
		{"a fragment outside of its message", dtlsRecord(22, 0, 1, 0, 0, 5, 0, 0, 0, 0, 4, 0, 0, 2, 1, 2), No, false},
		{"empty record", dtlsRecord(22, 0), No, false},
	} {
		v, res := inspectBytes(t, proto.DTLS, Input{Over: UDP, ServerPort: 4433, ClientPort: 40000, ToServer: c.b})
		if v != c.want || v == Match && res.Partial != c.partial {
			t.Errorf("%s: verdict %d, partial %v", c.name, v, res.Partial)
		}
		version, told := res.Number(attr.TLSVersion)
		if want := c.name == "data" || c.name == "two records"; c.partial && (told != want || want && version != 0xfefd) {
			t.Errorf("%s: version %#x, told %v", c.name, version, told)
		}
	}
}

// DTLS 1.3: protected records with the unified header follow the hello in one
// datagram (RFC 9147, section 4), and may be all that is seen.
func TestDTLS13(t *testing.T) {
	const id = proto.DTLS
	body := "fefd" + sealedHex(32) + "00 1301 00 0006 002b0002fefc"
	server := fmt.Sprintf("02 %06x 0000 000000 %06[1]x", len(unhex(body))) + body
	hello := fmt.Sprintf("16 fefd 0000 000000000000 %04x", len(unhex(server))) + server
	sealed := "2e a1b2 0020" + sealedHex(32)
	for _, rest := range []string{sealed, sealed + sealed, sealed + "2a c3d4" + sealedHex(40), "3e" + sealedHex(60)} {
		res := mustMatch(t, id, id, UDP, 4444, sx(hello+rest))
		version, _ := res.Number(attr.TLSVersion)
		if cipher, _ := res.Number(attr.TLSCipher); version != 0xfefc || cipher != 0x1301 {
			t.Errorf("%s: version %#x, cipher %#x", rest, version, cipher)
		}
	}
	mustNot(t, id, UDP, 4444, sx(hello+"2e a1b2 0040"+sealedHex(32))) // longer than the datagram
	mustNot(t, id, UDP, 4444, sx(hello+"2c a1b2 0020"+sealedHex(32))) // epoch 0
	mustNot(t, id, UDP, 4444, sx(sealed))                             // proves nothing alone
}

// Of a capture that shows the server alone, the request for a cookie tells
// little, and the hello after it all.
func TestDTLSServerAlone(t *testing.T) {
	cookie := dtlsRecord(22, 0, 3, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0xfe, 0xff, 2, 7, 8)
	hello := append([]byte{2, 0, 0, 38, 0, 1, 0, 0, 0, 0, 0, 38, 0xfe, 0xfd}, make([]byte, 32)...)
	hello = append(hello, 0, 0xc0, 0x2b, 0)
	res := mustMatch(t, proto.DTLS, proto.DTLS, UDP, 9999, said{true, cookie})
	if !res.Partial || !res.More {
		t.Errorf("after the cookie: partial %v, more %v", res.Partial, res.More)
	}
	res = mustMatch(t, proto.DTLS, proto.DTLS, UDP, 9999, said{true, cookie}, said{true, dtlsRecord(22, 0, hello...)})
	if n, _ := res.Number(attr.TLSCipher); n != 0xc02b || res.Partial {
		t.Errorf("cipher %#x, partial %v", n, res.Partial)
	}
}

// dtlsHello makes a hello of DTLS 1.2 out of one of TLS: the version, and room
// for a cookie behind the session (RFC 6347, section 4.2.1).
func dtlsHello(t *testing.T, message []byte, cookie string) []byte {
	t.Helper()
	body := append([]byte{0xfe, 0xfd}, message[4+2:]...)
	at := 2 + 32 + 1 + int(body[2+32])
	return slices.Concat(body[:at], []byte{byte(len(cookie))}, []byte(cookie), body[at:])
}

// dtlsPieces are records with fragments of a message, each at most n bytes, with
// overlaps where the sender tries a smaller size.
func dtlsPieces(kind byte, seq byte, body []byte, n, overlap int) (all [][]byte) {
	for at := 0; at < len(body); at += n {
		from := max(0, at-overlap)
		part := body[from:min(at+n, len(body))]
		head := []byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body)), 0, seq, byte(from >> 16), byte(from >> 8), byte(from), 0, byte(len(part) >> 8), byte(len(part))}
		all = append(all, dtlsRecord(22, 0, append(head, part...)...))
	}
	return all
}

// A hello with keys that no quantum computer finds takes several datagrams,
// which come in any order and again, before and after the cookie.
func TestDTLSLongHello(t *testing.T) {
	stream, _ := tlsStreams(t, tls.VersionTLS13, "www.Example.com", []string{"h2"})
	message := stream[5:recordEnd(stream)]
	if len(message) < 1400 {
		t.Fatalf("a hello of %d bytes", len(message))
	}
	body, again := dtlsHello(t, message, ""), dtlsHello(t, message, "0123456789abcdefghij")
	_, want := inspectBytes(t, proto.DTLS, Input{Over: UDP, ServerPort: 4433, ClientPort: 40000, ToServer: dtlsPieces(1, 0, body, len(body), 0)[0]})
	if string(want.Get(attr.TLSSNI)) != "www.Example.com" || len(want.Get(attr.TLSJA4)) != 36 {
		t.Fatalf("%q", told(want))
	}
	cookie := said{true, dtlsRecord(22, 0, append([]byte{3, 0, 0, 23, 0, 0, 0, 0, 0, 0, 0, 23, 0xfe, 0xff, 20}, "0123456789abcdefghij"...)...)}
	rng := rand.New(rand.NewSource(1))
	for range 60 {
		n, overlap := 100+rng.Intn(1200), rng.Intn(2)*rng.Intn(60)
		pieces := dtlsPieces(1, 0, body, n, overlap)
		pieces = append(pieces, pieces[rng.Intn(len(pieces))])
		rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		var say []said
		for _, p := range pieces {
			say = append(say, said{false, p})
		}
		if rng.Intn(2) == 0 { // and the hello again, with the cookie
			say = append(say, cookie)
			second := dtlsPieces(1, 1, again, n, 0)
			rng.Shuffle(len(second), func(i, j int) { second[i], second[j] = second[j], second[i] })
			for _, p := range append(second, pieces[0]) {
				say = append(say, said{false, p})
			}
		}
		res := mustMatch(t, proto.DTLS, proto.DTLS, UDP, 9999, say...)
		if !slices.Equal(told(res), told(want)) {
			t.Fatalf("pieces of %d, overlap %d, %d datagrams: %q, want %q", n, overlap, len(say), told(res), told(want))
		}
	}
}
