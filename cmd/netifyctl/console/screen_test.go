package console

import (
	"fmt"
	"strings"
	"testing"
)

// Every list and page, on a small and on a large screen, and on one of 40 columns.
func TestScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 12}} {
		d := atHouse(t, newHouse(t), size[0], size[1])
		var b strings.Builder
		for _, keys := range []string{"", "l", "\x1b", "r", "p", "pn", "n2", "2", "3", "n", "nG\r", "\x1bg\r", "\x1b/app:netflix", "\r", "\x1b", "4", "5", "G\r", "\x1b3i", "6", "?", "?1"} {
			d.keys(keys)
			fmt.Fprintf(&b, "=== %q\n%s", keys, d.text())
		}
		golden(t, fmt.Sprintf("testdata/house-%dx%d.txt", size[0], size[1]), b.String())
	}
}
