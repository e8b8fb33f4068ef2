package glyph

import (
	"fmt"
	"testing"
)

func TestLayout(t *testing.T) {
	type column struct{ name, width, grow, need int }
	room := func(c *column) Room { return Room{Gap: 2, Width: &c.width, Grow: c.grow, Need: c.need} }
	for width, want := range map[int]string{
		30: "1:11 2:8 3:7", // the third may not grow by more than 2
		20: "1:6 2:5 3:5",
		19: "1:5 2:5 3:5",
		18: "1:9 3:7", // the second is needed least
		17: "1:8 3:7",
		7:  "1:5",
		2:  "1:5", // the first stays, whatever there is
	} {
		got := ""
		for _, c := range Layout([]column{{1, 5, 90, 0}, {2, 5, 3, 2}, {3, 5, 2, 1}}, width, room) {
			got += fmt.Sprintf(" %d:%d", c.name, c.width)
		}
		if got[1:] != want {
			t.Errorf("%d: %q, want %q", width, got[1:], want)
		}
	}
}
