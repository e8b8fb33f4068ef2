package usage

import "netifyd/core/device"

// Row is what a device used under a label in this hour.
type Row struct {
	Device device.ID
	Label  Label
	Flags  Flags
	Rate   uint32 // bytes a second, both ways
	Count
}

// Steps is how many steps Rows takes through the table: at comes from 0 to it.
func (t *Table) Steps() int { return len(t.cells) + len(t.owners) }

// Rows appends the rows of at most n steps from at on, and says where to go on;
// Steps means that all were given. The caller holds the lock, for a query to
// let go of it between two pieces: rows booked in between may be missing from
// what it has or be newer than the rest.
func (t *Table) Rows(dst []Row, at, n int) ([]Row, int) {
	for end := min(at+n, t.Steps()); at < end; at++ {
		if at < len(t.cells) {
			if c := &t.cells[at]; c.key != 0 {
				dst = append(dst, Row{device.ID(c.key >> 16), t.totals[c.key&0xffff].label, c.flags, c.rate, c.Count})
			}
			continue
		}
		id := at - len(t.cells)
		for sum, c := range t.owners[id].folded {
			if c != (Count{}) {
				dst = append(dst, Row{Device: device.ID(id), Label: folded(Scope(sum)), Count: c})
			}
		}
	}
	return dst, at
}

// Stats are the counters of the table. The caller holds the lock.
func (t *Table) Stats() Stats { return t.stats }
