package console

// gap stands before a column. What is aligned to the right has blanks of its own.
func gap(c *column) string {
	if c.right {
		return " "
	}
	return "  "
}

// layout chooses the columns that a width has room for, and gives them the rest of it.
func layout(all []column, width int) []column {
	for len(all) > 1 {
		sum, last := 0, 0
		for i := range all {
			if sum += all[i].width; i > 0 {
				sum += len(gap(&all[i]))
			}
			if all[i].need > all[last].need {
				last = i
			}
		}
		if sum <= width {
			share(all, width-sum)
			break
		}
		all = append(all[:last:last], all[last+1:]...)
	}
	return all
}

// share gives room to the columns that take more, one column in turn.
func share(all []column, rest int) {
	for given := true; given; {
		given = false
		for i := range all {
			if rest > 0 && all[i].grow > 0 {
				all[i].width, all[i].grow, rest, given = all[i].width+1, all[i].grow-1, rest-1, true
			}
		}
	}
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
