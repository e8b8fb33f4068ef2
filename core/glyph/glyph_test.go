package glyph

import (
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for s, want := range map[string]string{
		"www.example.com": "www.example.com", "": "", "Küche 厨房 👩": "Küche 厨房 👩",
		"evil\u202etxt.exe": `evil\u202etxt.exe`, "a\u2066b\u2069c": `a\u2066b\u2069c`, "line\u2028para\u2029": `line\u2028para\u2029`,
		"\x1b[31mred\x07": `\u001b[31mred\u0007`, "a\nb\r\tc": `a\u000ab\u000d\u0009c`, "\u0085\u009b": `\u0085\u009b`,
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`, "tag\U000e0041": `tag\U000e0041`, "bad\xff": "bad\ufffd", "\u061c\u200e\u200f": `\u061c\u200e\u200f`,
	} {
		if got := Clean(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\u202eb\x1b")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		for _, r := range got {
			if !Shown(r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
		if !utf8.ValidString(got) || Clean(got) != got {
			t.Errorf("%q is not clean", got)
		}
	})
}

func TestOctets(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 6030468: "5.8 MiB", 1<<30 - 1: "1.0 GiB", 214 << 30: "214 GiB", 1<<64 - 1: "16 EiB"} {
		if got := Octets(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestRate(t *testing.T) {
	for n, want := range map[uint64][2]string{0: {"0 bit/s", "-"}, 1: {"8 bit/s", "8 b/s"}, 125: {"1.0 kbit/s", "1.0 kb/s"}, 1237: {"9.9 kbit/s", "9.9 kb/s"}, 1250: {"10 kbit/s", "10 kb/s"},
		2_275_000: {"18 Mbit/s", "18 Mb/s"}, 125_000_000: {"1.0 Gbit/s", "1.0 Gb/s"}, 125e9: {"1.0 Tbit/s", "1.0 Tb/s"}} {
		if got := [2]string{Rate(n), ShortRate(n)}; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 s", 119: "119 s", 120: "2 min", 7199: "119 min", 7200: "2 h", 48*3600 - 1: "47 h", 48 * 3600: "2 d"} {
		if got := Span(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
