package device

// Evidence calls fn for each rule that fitted what the device showed of itself,
// as it is written in a file of rules. The caller holds the lock.
func (t *Table) Evidence(d *Device, fn func(text string)) {
	for _, v := range d.votes {
		if v != 0 && int(v) <= len(t.rules.list) {
			r := &t.rules.list[v-1]
			fn(evidenceNames[r.by] + ":" + r.pattern + " = " + r.kind)
		}
	}
}
