package device

// Shift moves the times that were noted since a moment, in seconds since 1970,
// where the clock was set. What was read from a file of an earlier run stays. It
// takes the lock.
func (t *Table) Shift(since uint32, by int64) {
	t.Lock()
	defer t.Unlock()
	for i := range t.devices {
		d := &t.devices[i]
		for _, at := range []*uint32{&d.First, &d.Last} {
			if *at != 0 && *at >= since {
				*at = uint32(min(max(int64(*at)+by, 1), 1<<32-1))
			}
		}
	}
	t.full = 0
}
