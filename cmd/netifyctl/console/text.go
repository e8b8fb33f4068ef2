package console

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// clean makes a text from strangers fit for a terminal. Control characters,
// marks of direction and whatever else has no picture of its own become U+FFFD;
// of marks that stand on a letter two are left.
func clean(s string) string {
	var b strings.Builder
	marks := 0
	for _, r := range s {
		switch {
		case !unicode.IsPrint(r):
			r, marks = unicode.ReplacementChar, 0
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > 2 {
				continue
			}
		default:
			marks = 0
		}
		b.WriteRune(r)
	}
	return b.String()
}

// columns is how many columns of a terminal a text takes, as tcell counts them.
func columns(s string) int { return uniseg.StringWidth(s) }

// cut shortens a text to n columns at the most; … stands for what is left out.
func cut(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	return head(s, n-1) + "…"
}

// head is the beginning of a text, n columns wide at the most.
func head(s string, n int) string {
	at, rest, state := 0, s, -1
	for rest != "" {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n -= width; n < 0 {
			break
		}
		at += len(cluster)
	}
	return s[:at]
}

// middle shortens a text by what stands in its middle: the end of a host name says most.
func middle(s string, n int) string {
	if columns(s) <= n || n < 8 {
		return cut(s, n)
	}
	first := head(s, n/3)
	tail := s[len(first):]
	for columns(tail) > n-1-columns(first) {
		cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(tail, -1)
		tail = tail[len(cluster):]
	}
	return first + "…" + tail
}

// fit makes a text exactly n columns wide; right puts blanks before it.
func fit(s string, n int, right bool) string {
	s = cut(s, n)
	blanks := strings.Repeat(" ", max(n-columns(s), 0))
	if right {
		return blanks + s
	}
	return s + blanks
}

// wrap breaks a text into lines of a width, at blanks where there are some.
func wrap(s string, width int) (lines []string) {
	width = max(width, 8)
	for columns(s) > width {
		part := head(s, width)
		if at := strings.LastIndexByte(part, ' '); at > len(part)/2 {
			part = part[:at]
		}
		lines = append(lines, part)
		s = strings.TrimLeft(s[len(part):], " ")
	}
	return append(lines, s)
}

// tag is the name of an application as people write it.
func tag(name string) string { return strings.TrimPrefix(name, "netify.") }
