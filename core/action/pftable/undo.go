package pftable

import "unsafe"

// Unmake lets Close take away the table that was made.
func (t *Target) Unmake() { t.undo = true }

// make makes the table if it is missing. One that only a rule names, which the
// kernel calls inactive, counts as missing.
func (t *Target) make() error {
	p, err := t.ask(addTables, flagPersist)
	if err == nil && p.added > 0 {
		t.made = true
	}
	return err
}

// destroy takes the table away, unless somebody put something there. What rules
// name is as it was before: inactive.
func (t *Target) destroy() error {
	if list, err := t.list(); err != nil || len(list) > 0 {
		return err
	}
	_, err := t.ask(delTables, 0)
	return err
}

// ask makes a request about the table itself.
func (t *Target) ask(number uintptr, flags uint32) (*pfioc, error) {
	one := table{flags: flags}
	copy(one.name[:31], t.set.Table)
	copy(one.anchor[:1023], t.set.Anchor)
	p := &pfioc{buffer: unsafe.Pointer(&one), esize: int32(unsafe.Sizeof(one)), size: 1}
	return p, t.dev.do(number, p)
}
