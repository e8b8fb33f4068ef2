package tlsmsg

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"netifyd/detect/internal/digest"
)

// ext is one extension of a hello under construction.
type ext struct {
	typ  uint16
	body []byte
}

func vec16(values ...uint16) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func long(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

// clientHello is a whole handshake message; exts nil leaves the block out.
func clientHello(version uint16, ciphers []uint16, exts []ext) []byte {
	b := vec16(version)
	b = append(b, make([]byte, 33)...) // random, no session
	b = append(b, long(vec16(ciphers...))...)
	b = append(b, 1, 0)
	if exts != nil {
		b = append(b, long(extensions(exts))...)
	}
	return append([]byte{ClientHelloType, 0, byte(len(b) >> 8), byte(len(b))}, b...)
}

func extensions(exts []ext) (b []byte) {
	for _, e := range exts {
		b = append(b, vec16(e.typ)...)
		b = append(b, long(e.body)...)
	}
	return b
}

func serverName(name string) ext {
	return ext{extServerName, long(append([]byte{0}, long([]byte(name))...))}
}

func protocols(names ...string) ext {
	var b []byte
	for _, n := range names {
		b = append(append(b, byte(len(n))), n...)
	}
	return ext{extALPN, long(b)}
}

func parse(t testing.TB, message []byte) ClientHello {
	m, _, ok := Next(message)
	if !ok {
		t.Fatal("no message")
	}
	h, ok := ParseClientHello(m, false)
	if !ok {
		t.Fatal("no hello")
	}
	return h
}

// The two examples of github.com/salesforce/ja3.
func TestJA3(t *testing.T) {
	for _, c := range []struct {
		hello []byte
		want  string
	}{
		{clientHello(769, []uint16{47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4}, []ext{
			serverName("example.com"), {extGroups, long(vec16(23, 24, 25))}, {extPoints, []byte{1, 0}},
		}), "ada70206e40642a3e4461f35503241d5"},
		{clientHello(769, []uint16{4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99}, nil), "de350869b8c85de67a350c8d186f11e6"},
		{clientHello(769, []uint16{0x0a0a, 4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99, 0xfafa}, nil), "de350869b8c85de67a350c8d186f11e6"},
	} {
		h := parse(t, c.hello)
		sum, ok := h.JA3(new(digest.Memo))
		if got := hex.EncodeToString(sum[:]); !ok || got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// chrome is the hello that FoxIO's description of JA4 takes for its example, in some order of its own.
func chrome(alpn ...string) []byte {
	return clientHello(0x0303, []uint16{
		0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
	}, []ext{
		{0x2a2a, nil}, {0x001b, nil}, serverName("example.com"), {0x0033, nil}, protocols(alpn...), {0x4469, nil}, {0x0017, nil}, {0x002d, nil},
		{extSignatures, long(vec16(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601))},
		{0x0005, nil}, {0x0023, nil}, {0x0012, nil}, {extVersions, append([]byte{6}, vec16(0x4a4a, 0x0304, 0x0303)...)}, {0xff01, nil},
		{0x000b, []byte{1, 0}}, {0x000a, nil}, {0x0015, nil}, {0x8a8a, []byte{0}},
	})
}

func TestJA4(t *testing.T) {
	for _, c := range []struct {
		name    string
		carrier byte
		hello   []byte
		want    string
	}{
		{"the published example", 't', chrome("h2", "http/1.1"), "t13d1516h2_8daaf6152771_e5627efa2ab1"},
		{"over QUIC", 'q', chrome("h3"), "q13d1516h3_8daaf6152771_e5627efa2ab1"},
		{"first and last character", 't', chrome("http/1.1"), "t13d1516h1_8daaf6152771_e5627efa2ab1"},
		{"one character", 't', chrome("x"), "t13d1516xx_8daaf6152771_e5627efa2ab1"},
		{"no letter: digits of the bytes", 't', chrome("\xab\xcd"), "t13d1516ad_8daaf6152771_e5627efa2ab1"},
		{"one letter: digits of the bytes", 't', chrome("0\xab"), "t13d15163b_8daaf6152771_e5627efa2ab1"},
		{"nothing but a cipher", 't', clientHello(0x0301, []uint16{0x002f}, nil), "t10i010000_ba72b8082249_000000000000"},
		{"only GREASE", 'd', clientHello(0xfefd, []uint16{0x0a0a}, []ext{{0x1a1a, nil}}), "dd2i000000_000000000000_000000000000"},
	} {
		h := parse(t, c.hello)
		got, ok := h.JA4(c.carrier, new(JA4Memo))
		if !ok || string(got[:]) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A hello that is cut never has a fingerprint, and shows its name as soon as all of it is there.
func TestHelloAtEveryPrefix(t *testing.T) {
	hello := chrome("h2")
	named := 0
	for n := 4; n < len(hello); n++ {
		m, _, _ := Next(hello[:n:n])
		h, ok := ParseClientHello(m, false)
		if !ok {
			t.Fatalf("%d bytes: no hello", n)
		}
		if _, ok := h.JA3(new(digest.Memo)); ok {
			t.Fatalf("%d bytes: a JA3", n)
		}
		if _, ok := h.JA4('t', new(JA4Memo)); ok {
			t.Fatalf("%d bytes: a JA4", n)
		}
		switch name := string(h.Extensions.ServerName()); name {
		case "":
		case "example.com":
			named++
		default:
			t.Fatalf("%d bytes: name %q", n, name)
		}
	}
	if named < 80 {
		t.Errorf("only %d prefixes showed the name", named)
	}
}

func TestFingerprintsDoNotAllocate(t *testing.T) {
	hello := chrome("h2")
	if a := testing.AllocsPerRun(20, func() {
		h := parse(t, hello)
		h.JA3(new(digest.Memo))
		h.JA4('t', new(JA4Memo))
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

// Hellos that do not fit into the memory of usual ones have the same
// fingerprints, here computed as their descriptions say, step by step.
func TestFingerprintsOfLongHellos(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, size := range []int{1, 40, 63, 64, 65, 66, 100, 127, 300, 512, 513} {
		ciphers := make([]uint16, size)
		for i := range ciphers {
			ciphers[i] = uint16(rng.Intn(0xff))<<8 | 1 // no GREASE
		}
		var exts []ext
		var plain []string // numbers in the order of the hello
		for i := range min(size, 120) {
			exts = append(exts, ext{uint16(1000 + rng.Intn(50000)&^1 | 1), nil})
			plain = append(plain, fmt.Sprint(exts[i].typ))
		}
		h := parse(t, clientHello(0x0303, ciphers, exts))

		sortedHex := func(values []uint16) string {
			values = slices.Clone(values)
			slices.Sort(values)
			var text []string
			for _, v := range values {
				text = append(text, fmt.Sprintf("%04x", v))
			}
			return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(text, ","))))[:12]
		}
		var types []uint16
		for _, e := range exts {
			types = append(types, e.typ)
		}
		want := fmt.Sprintf("t12i%02d%02d00_%s_%s", min(size, 99), min(len(exts), 99), sortedHex(ciphers), sortedHex(types))
		if got, ok := h.JA4('t', new(JA4Memo)); ok != (size <= maxCiphers) || ok && string(got[:]) != want {
			t.Errorf("%d ciphers: JA4 %s, %v, want %s", size, got, ok, want)
		}
		var decimal []string
		for _, c := range ciphers {
			decimal = append(decimal, fmt.Sprint(c))
		}
		line := "771," + strings.Join(decimal, "-") + "," + strings.Join(plain, "-") + ",,"
		if got, ok := h.JA3(new(digest.Memo)); ok != (len(line) <= maxJA3-6) || ok && got != md5.Sum([]byte(line)) {
			t.Errorf("%d ciphers, a line of %d: JA3 %x, %v", size, len(line), got, ok)
		}
	}
}

// What is remembered of other hellos never gives one a fingerprint that is not
// its own, and the order of what is sorted does not matter.
func TestJA4Memo(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	memo := new(JA4Memo)
	pick := func(from ...uint16) []uint16 {
		rng.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
		return from[:1+rng.Intn(len(from))]
	}
	again := 0
	for range 20000 {
		ciphers := pick(0x1301, 0x1302, 0xc02b, 0xc02f, 0x0a0a, 0xc013)
		var exts []ext
		for _, typ := range pick(0, 5, 10, 16, 23, extSignatures, extSignatures, 0x1a1a) {
			e := ext{typ: typ}
			if typ == extSignatures {
				e.body = long(vec16(pick(0x0403, 0x0804, 0x0401, 0x2a2a)...))
			}
			exts = append(exts, e)
		}
		h := parse(t, clientHello(0x0303, ciphers, exts))
		want, ok1 := h.JA4('t', new(JA4Memo))
		got, ok2 := h.JA4('t', memo)
		if !ok1 || !ok2 || got != want {
			t.Fatalf("%x %v: %s, want %s", ciphers, exts, got, want)
		}
		_, _, key := h.summary(memo.seed)
		rng.Shuffle(len(ciphers), func(i, j int) { ciphers[i], ciphers[j] = ciphers[j], ciphers[i] })
		h = parse(t, clientHello(0x0303, ciphers, exts))
		if _, _, other := h.summary(memo.seed); other == key {
			again++
		}
	}
	if again != 20000 {
		t.Errorf("%d of 20000 keys stayed with another order of the ciphers", again)
	}
}

// More ciphers than any list of them has are no fingerprint, and no crash.
func TestEndlessHello(t *testing.T) {
	h := parse(t, clientHello(0x0303, make([]uint16, 30000), nil))
	if _, ok := h.JA3(new(digest.Memo)); ok {
		t.Error("a JA3 of 30000 ciphers")
	}
	if _, ok := h.JA4('t', new(JA4Memo)); ok {
		t.Error("a JA4 of 30000 ciphers")
	}
}

func record(typ byte, body []byte) []byte {
	return append([]byte{typ, 3, 3, byte(len(body) >> 8), byte(len(body))}, body...)
}

// A flight in records of any size joins to the same messages.
func TestJoin(t *testing.T) {
	hello := chrome("h2")
	scratch := make([]byte, 4096)
	for size := 1; size <= len(hello); size++ {
		var stream []byte
		for b := hello; len(b) > 0; b = b[min(size, len(b)):] {
			stream = append(stream, record(Handshake, b[:min(size, len(b))])...)
		}
		f := Join(stream, scratch)
		if !bytes.Equal(f.Messages, hello) || f.Ended || f.Clear != len(hello) {
			t.Fatalf("records of %d bytes: %d bytes, clear %d, ended %v", size, len(f.Messages), f.Clear, f.Ended)
		}
	}
	for _, c := range []struct {
		name   string
		stream []byte
		clear  int
		ended  bool
	}{
		{"then protected data", append(record(Handshake, hello), record(ApplicationData, hello)...), len(hello), true},
		{"then a change of cipher", append(record(Handshake, hello), record(ChangeCipherSpec, []byte{1})...), len(hello), false},
		{"a warning first", append(record(Alert, []byte{1, 112}), record(Handshake, hello)...), len(hello), false},
		{"a fatal alert", append(record(Alert, []byte{2, 40}), record(Handshake, hello)...), 0, true},
		{"no record", append(record(Handshake, hello), "HTTP/1.1"...), len(hello), true},
	} {
		if f := Join(c.stream, scratch); f.Clear != c.clear || f.Ended != c.ended {
			t.Errorf("%s: clear %d, ended %v", c.name, f.Clear, f.Ended)
		}
	}
}

func TestECH(t *testing.T) {
	outer := func(enc int) ext {
		b := append([]byte{0, 0, 1, 0, 1, 7}, long(make([]byte, enc))...)
		return ext{extECH, append(b, long(make([]byte, 208))...)}
	}
	hello := func(name string, e ...ext) ClientHello {
		return parse(t, clientHello(0x0303, []uint16{0x1301}, append([]ext{serverName(name)}, e...)))
	}
	none, grease := hello("example.com"), hello("example.com", outer(32))
	cover, inner := hello("Cloudflare-ECH.com", outer(32)), hello("cloudflare-ech.com", ext{extECH, []byte{1}})
	esni := hello("example.com", ext{extESNI, make([]byte, 100)})
	for _, c := range []struct {
		name string
		got  ECH
		want ECH
	}{
		{"none", none.ECH(), ECH{}},
		{"a host's own name", grease.ECH(), ECH{extECH, false}},
		{"a cover", cover.ECH(), ECH{extECH, true}},
		{"the inner form", inner.ECH(), ECH{extECH, false}},
		{"ESNI", esni.ECH(), ECH{extESNI, true}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, c.got, c.want)
		}
	}
	again := hello("example.com", outer(0))
	if got := ECHAfterRetry(&grease, &again); got != (ECH{extECH, true}) {
		t.Errorf("after a retry without the key: %+v", got)
	}
	if got := ECHAfterRetry(&cover, &cover); got != (ECH{extECH, false}) {
		t.Errorf("after a retry with the same bytes: %+v", got)
	}
}

func serverHello(legacy uint16, random []byte, cipher uint16, exts []ext) []byte {
	b := append(vec16(legacy), random...)
	b = append(b, 0)
	b = append(b, vec16(cipher)...)
	b = append(b, 0)
	if exts != nil {
		b = append(b, long(extensions(exts))...)
	}
	return append([]byte{ServerHelloType, 0, byte(len(b) >> 8), byte(len(b))}, b...)
}

func TestServerHello(t *testing.T) {
	random := make([]byte, 32)
	draft18 := append(vec16(0x7f12), random...)
	draft18 = append(draft18, 0x13, 0x01, 0, 0)
	draft18 = append([]byte{ServerHelloType, 0, 0, byte(len(draft18))}, draft18...)
	for _, c := range []struct {
		name            string
		message         []byte
		version, cipher uint16
		retry           bool
	}{
		{"TLS 1.2", serverHello(0x0303, random, 0xc02f, []ext{{0xff01, []byte{0}}}), 0x0303, 0xc02f, false},
		{"SSL 3.0 without extensions", serverHello(0x0300, random, 0x0004, nil), 0x0300, 0x0004, false},
		{"TLS 1.3", serverHello(0x0303, random, 0x1301, []ext{{extVersions, vec16(0x0304)}}), 0x0304, 0x1301, false},
		{"draft 28", serverHello(0x0303, random, 0x1301, []ext{{extVersions, vec16(0x7f1c)}}), 0x7f1c, 0x1301, false},
		{"draft 18", draft18, 0x7f12, 0x1301, false},
		{"retry", serverHello(0x0303, retryRandom, 0x1301, []ext{{extVersions, vec16(0x0304)}}), 0x0304, 0x1301, true},
	} {
		m, _, _ := Next(c.message)
		h, ok := ParseServerHello(m)
		if !ok || !h.Whole || h.Version != c.version || h.Cipher != c.cipher || h.Retry != c.retry {
			t.Errorf("%s: %+v", c.name, h)
		}
		for n := 4; n < len(c.message); n++ {
			m, _, _ := Next(c.message[:n:n])
			if h, ok := ParseServerHello(m); ok && h.Whole {
				t.Errorf("%s: whole after %d of %d bytes", c.name, n, len(c.message))
			}
		}
	}
}

func TestSSLv2Hello(t *testing.T) {
	hello := append([]byte{0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16}, make([]byte, 37)...)
	if v, fit := SSLv2Hello(hello); fit != Whole || v != 0x0301 {
		t.Errorf("%v %#x", fit, v)
	}
	for n := range 11 {
		if _, fit := SSLv2Hello(hello[:n]); fit != Short {
			t.Errorf("%d bytes: %v", n, fit)
		}
	}
	for _, at := range []int{0, 1, 2, 3, 6, 8, 10} {
		bad := bytes.Clone(hello)
		bad[at] ^= 0x80
		if _, fit := SSLv2Hello(bad); fit != Wrong {
			t.Errorf("byte %d turned: %v", at, fit)
		}
	}
}

func FuzzHellos(f *testing.F) {
	f.Add(chrome("h2"), false)
	f.Add(serverHello(0x0303, retryRandom, 0x1301, []ext{{extVersions, vec16(0x0304)}}), false)
	f.Add(record(Handshake, chrome("h3")), true)
	f.Fuzz(func(t *testing.T, b []byte, dtls bool) {
		scratch := make([]byte, 512)
		messages := Join(b, scratch).Messages
		for _, b := range [][]byte{b, messages} {
			for m, rest, ok := Next(b); ok; m, rest, ok = Next(rest) {
				if h, ok := ParseClientHello(m, dtls); ok {
					h.JA3(new(digest.Memo))
					h.JA4('t', new(JA4Memo))
					h.ECH()
					ECHAfterRetry(&h, &h)
					h.Extensions.ServerName()
					for name, rest := NextProtocol(h.Extensions.Protocols()); name != nil; name, rest = NextProtocol(rest) {
					}
				}
				if h, ok := ParseServerHello(m); ok {
					h.JA3S(new(digest.Memo))
				}
				Leaf(m)
			}
		}
		for r, rest, ok := NextDTLS(b); ok; r, rest, ok = NextDTLS(rest) {
			for _, rest, ok := NextFragment(r.Body); ok; _, rest, ok = NextFragment(rest) {
			}
		}
	})
}

func BenchmarkFingerprints(b *testing.B) {
	hello := chrome("h2", "http/1.1")
	b.ReportAllocs()
	for b.Loop() {
		h := parse(b, hello)
		h.JA3(new(digest.Memo))
		h.JA4('t', new(JA4Memo))
	}
}
