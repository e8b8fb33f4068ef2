package glyph

// Room is the room that a column of a list takes.
type Room struct {
	Gap   int  // columns of the terminal between it and the one before
	Width *int // its own, which Layout raises
	Grow  int  // how much it may grow
	Need  int  // the higher, the sooner it is left out
}

// Layout chooses of all columns those that a width has room for, and gives them
// the rest of it, one in turn. The first column is never left out.
func Layout[C any](all []C, width int, room func(*C) Room) []C {
	for len(all) > 1 {
		rest, last := width+room(&all[0]).Gap, 1
		for i := range all {
			r := room(&all[i])
			if rest -= r.Gap + *r.Width; i > 0 && r.Need > room(&all[last]).Need {
				last = i
			}
		}
		if rest >= 0 {
			share(all, rest, room)
			break
		}
		all = append(all[:last:last], all[last+1:]...)
	}
	return all
}

func share[C any](all []C, rest int, room func(*C) Room) {
	for turn, given := 0, true; given; turn++ {
		given = false
		for i := range all {
			if r := room(&all[i]); rest > 0 && r.Grow > turn {
				*r.Width, rest, given = *r.Width+1, rest-1, true
			}
		}
	}
}
