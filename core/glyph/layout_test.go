package glyph

import (
	"fmt"
	"slices"
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

// The first column stays, however little room there is and whatever the others are worth.
func TestLayoutKeepsTheFirst(t *testing.T) {
	type column struct {
		name        string
		width, need int
	}
	room := func(c *column) Room { return Room{Gap: 1, Width: &c.width, Need: c.need} }
	for _, c := range []struct {
		needs [3]int
		width int
		want  []string
	}{
		{[3]int{0, 1, 2}, 9, []string{"a", "b"}},
		{[3]int{0, 2, 1}, 9, []string{"a", "c"}},
		{[3]int{0, 0, 0}, 9, []string{"a", "c"}},
		{[3]int{3, 1, 2}, 9, []string{"a", "b"}},
		{[3]int{3, 1, 2}, 1, []string{"a"}},
	} {
		all := []column{{"a", 4, c.needs[0]}, {"b", 4, c.needs[1]}, {"c", 4, c.needs[2]}}
		var got []string
		for _, x := range Layout(all, c.width, room) {
			got = append(got, x.name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("needs %v in %d columns: %v, want %v", c.needs, c.width, got, c.want)
		}
	}
}
