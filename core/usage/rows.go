package usage

import "netifyd/core/device"

// Row is what a device used under a label in this hour.
type Row struct {
	Device device.ID
	Label  Label
	Flags  Flags
	Count
}

// Steps is how many steps Rows takes through the table: at comes from 0 to it.
func (t *Table) Steps() int { return len(t.cells) + len(t.owners) }

// Cells is how many cells are in use, MaxCells how many there are. The caller holds the lock.
func (t *Table) Cells() (n int) {
	for i := range t.cells {
		if t.cells[i].key != 0 {
			n++
		}
	}
	return n
}

// MaxCells is how many cells there are.
func (t *Table) MaxCells() int { return len(t.cells) }

// Rows appends the rows of at most n steps from at on, and says where to go on;
// Steps means that all were given. The caller holds the lock, for a query to
// let go of it between two pieces: rows booked in between may be missing from
// what it has or be newer than the rest.
func (t *Table) Rows(dst []Row, at, n int) ([]Row, int) {
	for end := min(at+n, t.Steps()); at < end; at++ {
		if at < len(t.cells) {
			if c := &t.cells[at]; c.key != 0 {
				dst = append(dst, Row{c.device(), t.totals[c.place()].label, c.flags() &^ checked, c.count()})
			}
			continue
		}
		id := at - len(t.cells)
		for sum := Internet; sum <= Special; sum++ {
			if c := t.owners[id].other(sum); c != (Count{}) {
				dst = append(dst, Row{Device: device.ID(id), Label: folded(sum), Count: c})
			}
		}
	}
	return dst, at
}

// Stats are the counters of the table. The caller holds the lock.
func (t *Table) Stats() Stats { return t.stats }

// Fresh calls fn for the rows of applications on the Internet that came since
// it was called last, for one reader. The caller holds the lock.
func (t *Table) Fresh(fn func(Row)) {
	for i := range t.cells {
		c := &t.cells[i]
		if c.key == 0 || c.flags()&checked != 0 {
			continue
		}
		c.key |= uint32(checked)
		if label := t.totals[c.place()].label; label.App() != 0 && label.Scope() == Internet {
			fn(Row{c.device(), label, c.flags() &^ checked, c.count()})
		}
	}
}

// Spans are the hour, the day and the period of now; hour.End is 0 as long as
// the clock is not set. The caller holds the lock.
func (t *Table) Spans() (hour, day, period Span) { return t.hour, t.day, t.period }

// Totals calls fn for every label that was ever booked, with all that was booked
// under it since the start. The caller holds the lock.
func (t *Table) Totals(fn func(Label, Count)) {
	t.together()
	for i := range t.totals {
		if e := &t.totals[i]; e.flows > 0 || e.down|e.up > 0 {
			fn(e.label, Count{e.down, e.up, e.flows})
		}
	}
}

// Lose notes that the capture lost packets in this hour. It takes the lock.
func (t *Table) Lose() {
	t.Devices.Lock()
	t.lossy = true
	t.Devices.Unlock()
}

// SetClock takes another clock, which closes this hour. It takes the lock.
func (t *Table) SetClock(c *Clock) {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	if t.clock == nil || t.last == 0 {
		t.clock = c
		return
	}
	t.together()
	t.close(t.last)
	t.clock = c
	if t.hour.End != 0 {
		t.open(t.last)
	}
}

// Reset forgets everything that was used. It takes the lock.
func (t *Table) Reset() {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	t.apart = false
	clear(t.cells)
	clear(t.owners)
	for i := range t.totals {
		t.totals[i] = total{label: t.totals[i].label}
	}
	t.hosts.restart(t.last / second)
	t.pending, t.told = t.pending[:0], 0
	t.hour.Start = max(t.hour.Start, t.last/second)
}

// Clock is what cuts time here; nil where hours never end. The caller holds the lock.
func (t *Table) Clock() *Clock { return t.clock }
