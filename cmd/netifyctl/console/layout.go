package console

import "netifyd/core/glyph"

// gap stands before a column. What is aligned to the right has blanks of its own.
func gap(c *column) string {
	if c.right {
		return " "
	}
	return "  "
}

func (c *column) room() glyph.Room {
	return glyph.Room{Gap: len(gap(c)), Width: &c.width, Grow: c.grow, Need: c.need}
}

// joined lets the name of what is inside a device take the room of the device's
// application, too.
func joined(all []column) []column {
	if len(all) < 2 || all[1].head != "APPLICATION" {
		return all
	}
	name := all[0]
	name.width += len(gap(&all[1])) + all[1].width
	return append([]column{name}, all[2:]...)
}
