package event

import (
	"bytes"
	"encoding/json"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"netifyd/core/flow"
	"netifyd/core/proto"
)

func TestAppendString(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", `""`},
		{"plain text 0 ~", `"plain text 0 ~"`},
		{`a"b\c/`, `"a\"b\\c/"`},
		{"\x00\x1f\n\r\t\x7f", `"\u0000\u001f\n\r\t\u007f"`},
		{"grün 中 😀", `"gr\u00fcn \u4e2d \ud83d\ude00"`},
		{"\u009b31m", `"\u009b31m"`}, // a terminal takes this for an escape sequence
		{"a\xffb\xc3", `"a\ufffdb\ufffd"`},
		{"\xed\xa0\x80", `"\ufffd\ufffd\ufffd"`}, // half of a surrogate pair
		{"\xf0\x9f\x98", `"\ufffd\ufffd\ufffd"`},
		{"<>&\u2028\u2029", `"<>&\u2028\u2029"`},         // ends of lines for some readers
		{"\u202egnp.exe\u2066", `"\u202egnp.exe\u2066"`}, // the direction of writing: reads as another name
		{"\U0010ffff\uffff", `"\udbff\udfff\uffff"`},
	} {
		if got := string(appendString(nil, c.in)); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
		if got := string(appendString([]byte("x"), []byte(c.in))); got != "x"+c.want {
			t.Errorf("%q as bytes: %s", c.in, got)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a", "\"\\\n", "\xff\xfe", "ü\u0085\u2028😀", "\xed\xa0\x80", strings.Repeat("\x80", 20)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := appendString(nil, s)
		var got string
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%v: %q", err, out)
		}
		// Ranging over a string replaces what is no UTF-8 in the same way.
		if want := string([]rune(s)); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		for _, c := range out {
			if c < ' ' || c > '~' {
				t.Fatalf("byte %#x: readers that count characters lose count", c)
			}
		}
	})
}

// Each byte at each place is found, of texts that are longer and shorter than what is looked at in one go.
func TestPlainPlaces(t *testing.T) {
	for size := 1; size < 20; size++ {
		for at := range size {
			for c := range 256 {
				b := bytes.Repeat([]byte{'~'}, size)
				b[at] = byte(c)
				if got := isPlain(b); got != plain[c] {
					t.Fatalf("%#x as byte %d of %d: %v", c, at, size, got)
				}
			}
		}
	}
}

func TestAppendUint(t *testing.T) {
	numbers := []uint64{0, math.MaxUint32, math.MaxUint32 + 1, 1<<53 + 1, math.MaxUint64}
	for n := uint64(1); ; n *= 10 {
		numbers = append(numbers, n-1, n, n+1, 2*n, n+n/10)
		if n > math.MaxUint64/10 {
			break
		}
	}
	for n := range uint64(20_000) {
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		if got, want := string(appendUint([]byte("x"), n)), "x"+strconv.FormatUint(n, 10); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}

func TestAppendAddresses(t *testing.T) {
	for c := range 256 {
		a := [16]byte{byte(c), 0, byte(255 - c), byte(c)}
		if got, want := string(appendIP(nil, 4, a)), `"`+netip.AddrFrom4([4]byte(a[:4])).String()+`"`; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		mac := [6]byte{byte(c), 1, 2, 3, 4, byte(255 - c)}
		if got, want := string(appendMAC(nil, mac)), `"`+net.HardwareAddr(mac[:]).String()+`"`; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}

// What is written as it is needs no escape.
func TestWordsArePlain(t *testing.T) {
	var words []string
	for i := range proto.Places {
		words = append(words, proto.At(i).Name(), proto.At(i).Name3())
	}
	for o := flow.OtherUnknown; o <= flow.OtherError; o++ {
		words = append(words, o.String())
	}
	for c := flow.ByNothing; c <= flow.ByPort; c++ {
		words = append(words, c.String())
	}
	for _, w := range words {
		if got, want := string(appendWord(nil, w)), string(appendString(nil, w)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestWhole(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "ab": "ab", "a\xc3": "a", "aü": "aü", "a\xf0\x9f\x98": "a", "a😀": "a😀", "\x80\x80\x80\x80": "\x80\x80\x80\x80",
	} {
		if got := string(whole([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{string(appendUint(nil, 0)), "0"},
		{string(appendUint(nil, 18446744073709551615)), "18446744073709551615"},
		{string(appendDecimal(nil, 0, 6)), "0.0"},
		{string(appendDecimal(nil, 62477, 6)), "0.062477"},
		{string(appendDecimal(nil, 1_500_000, 6)), "1.5"},
		{string(appendDecimal(nil, 3_000_001, 6)), "3.000001"},
		{string(appendHexNumber(nil, 0x303, 4)), `"0x0303"`},
		{string(appendHexNumber(nil, 0x6b3343cf, 8)), `"0x6b3343cf"`},
		{string(appendRate(nil, 1<<60, 0)), "562949953421312000.0"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": `"192.0.2.1"`, "0.0.0.0": `"0.0.0.0"`, "2001:db8:0:0:1:0:0:1": `"2001:db8::1:0:0:1"`, "::": `"::"`,
		"2001:0DB8:0:1:1:1:1:1": `"2001:db8:0:1:1:1:1:1"`, "::ffff:192.0.2.1": `"::ffff:192.0.2.1"`,
	} {
		version := uint8(4)
		if strings.Contains(in, ":") {
			version = 6
		}
		if got := string(appendIP(nil, version, ip(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := string(appendMAC(nil, [6]byte{0xe4, 0x98, 0xd6, 0x1f, 0, 0x0a})); got != `"e4:98:d6:1f:00:0a"` {
		t.Error(got)
	}
}
