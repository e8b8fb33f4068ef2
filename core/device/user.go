package device

import (
	"errors"
	"slices"
)

// ErrInUse is about a device that cannot be forgotten, since it has flows.
var ErrInUse = errors.New("the device has flows: it would be there again at once; try it when the device is quiet")

// saidTypes is how many different types a user can give.
const saidTypes = 64

// SetType says what a device is, above all rules; empty lets the rules speak
// again. False: there are too many different types. The caller holds the lock.
func (t *Table) SetType(id ID, kind string) bool {
	d := t.At(id)
	if d == nil || d.Kind == Group {
		return false
	}
	n := makeName(FromUser, []byte(kind))
	kind = n.String()
	at := slices.Index(t.said, kind)
	switch {
	case kind == "":
		at = -1
	case at < 0 && len(t.said) == saidTypes:
		return false
	case at < 0:
		at = len(t.said)
		t.said = append(t.said, kind)
	}
	d.said = uint8(at + 1)
	d.Flags |= Changed
	return true
}

// Hide says whether the user wants to see a device. The caller holds the lock.
func (t *Table) Hide(id ID, hidden bool) {
	d := t.At(id)
	if d == nil || d.Kind == Group {
		return
	}
	d.Flags = d.Flags&^Hidden | Changed
	if hidden {
		d.Flags |= Hidden
	}
}

// Forget takes a device out of the table; what it used is counted as that of
// devices that are gone. The caller holds the lock.
func (t *Table) Forget(id ID) error {
	d := t.At(id)
	switch {
	case d == nil || d.Kind == Group:
		return errors.New("there is no such device")
	case d.Flows > 0:
		return ErrInUse
	}
	t.Drop(id)
	return nil
}
