package glyph

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wide are the runes that take two columns of a terminal: the ranges that
// Unicode calls wide or fullwidth (EastAsianWidth.txt of Unicode 15, joined
// where what stands between is not assigned), and pictographs.
var wide = [...][2]rune{
	{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xa960, 0xa97c}, {0xac00, 0xd7a3},
	{0xf900, 0xfaff}, {0xfe10, 0xfe19}, {0xfe30, 0xfe6f}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff},
	{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
}

// Width is the number of columns that a rune takes in a terminal: 0, 1 or 2.
func Width(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	for _, x := range wide {
		if r >= x[0] && r <= x[1] {
			return 2
		}
	}
	return 1
}

// Columns is the number of columns that a text takes.
func Columns(s string) (n int) {
	for _, r := range s {
		n += Width(r)
	}
	return n
}

// Cut shortens a text to n columns at the most; … stands for what is left out.
func Cut(s string, n int) string {
	if Columns(s) <= n {
		return s
	}
	at := 0
	for i, r := range s {
		if at += Width(r); at > n-1 {
			s = s[:i]
			break
		}
	}
	if n < 1 {
		return ""
	}
	return s + "…"
}

// Middle shortens a text to n columns by what stands in its middle: the end of
// a host name says most.
func Middle(s string, n int) string {
	if Columns(s) <= n || n < 5 {
		return Cut(s, n)
	}
	head := strings.TrimSuffix(Cut(s, n/3+1), "…")
	tail, room := len(s), n-1-Columns(head)
	for tail > len(head) {
		r, size := utf8.DecodeLastRuneInString(s[:tail])
		if room -= Width(r); room < 0 {
			break
		}
		tail -= size
	}
	return head + "…" + s[tail:]
}

// Fit makes a text exactly n columns wide; right puts blanks before it.
func Fit(s string, n int, right bool) string {
	s = Cut(s, n)
	blanks := strings.Repeat(" ", max(n-Columns(s), 0))
	if right {
		return blanks + s
	}
	return s + blanks
}

// ASCII is a text for terminals that know no other letters: what they lack
// becomes a question mark, or the nearest sign.
func ASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x7f {
			return r
		}
		switch r {
		case '…':
			return '~'
		case '·':
			return '-'
		case '└':
			return '`'
		}
		if at := strings.IndexRune(string(Bars), r); at >= 0 {
			return rune(" .:-=+*#"[at/len("▁")])
		}
		return '?'
	}, s)
}

// Bars are eighths of a line, the lowest first.
const Bars = "▁▂▃▄▅▆▇█"

// Spark draws numbers as bars, the highest of them as a full one; 0 is the lowest.
func Spark(list []uint64) string {
	top := uint64(0)
	for _, n := range list {
		top = max(top, n)
	}
	bars := []rune(Bars)
	out := make([]rune, len(list))
	for i, n := range list {
		at := 0
		if top > 0 {
			at = int((float64(n)/float64(top))*7 + 0.5)
		}
		out[i] = bars[at]
	}
	return string(out)
}
