// Package glyph puts texts and numbers before people: what of a text from
// strangers may be shown, how wide it is in a terminal, which columns of a list
// have room, how bytes, rates and times are written.
package glyph

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Shown says that a rune may be drawn in a terminal and on a page as it is. A
// terminal obeys control characters. Marks of direction turn what stands around
// them, separators of lines break it, and what has no width hides in it.
func Shown(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0: // control characters
	case r == 0xad, r == 0x61c, r == 0x180e, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff: // of no width, of direction, of lines
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff: // annotations, tags
	case r >= 0xd800 && r < 0xe000, r > utf8.MaxRune:
	default:
		return true
	}
	return false
}

// Clean escapes what may not be shown, as JSON does: a mark of direction becomes
// \u202e. Bytes that are no UTF-8 become U+FFFD.
func Clean(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !Shown(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if Shown(r) {
			b.WriteRune(r)
		} else if r > 0xffff {
			fmt.Fprintf(&b, `\U%08x`, r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
