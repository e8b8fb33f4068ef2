package device

import "errors"

// Same says that a device is another one under a second hardware address, by
// the user's word: a laptop's two adapters, a phone that makes up its address.
// From then on what the second sends is the first one's, and what it used moves
// there. main None parts them again; what was moved stays. The caller holds the lock.
func (t *Table) Same(id, main ID) error {
	d := t.At(id)
	if d == nil || d.Kind == Group {
		return errors.New("there is no such device")
	}
	if main == None {
		d.same = 0
		d.Flags |= Changed
		return nil
	}
	main = t.Main(main)
	m := t.At(main)
	switch {
	case m == nil || m.Kind == Group:
		return errors.New("there is no such device")
	case main == id:
		return errors.New("a device is the same as itself anyway")
	}
	for i := firstID; int(i) < len(t.devices); i++ {
		if t.devices[i].same == d.Number {
			t.devices[i].same = m.Number
		}
	}
	d.same = m.Number
	d.Flags |= Changed
	for _, a := range d.Addresses(nil) {
		b := a.As16()
		version := uint8(6)
		if a.Is4() {
			v := a.As4()
			version, b = 4, [16]byte{}
			copy(b[:], v[:])
		}
		t.saw(m, version, &b, m.Last)
	}
	m.First = min(m.First, d.First)
	t.Merge(id, main)
	return nil
}

// Main is the device that another one is the same as; else itself. The caller holds the lock.
func (t *Table) Main(id ID) ID {
	if int(id) >= len(t.devices) || t.devices[id].same == 0 {
		return id
	}
	for i := firstID; int(i) < len(t.devices); i++ {
		if t.devices[i].Kind != ByNothing && t.devices[i].Number == t.devices[id].same {
			return i
		}
	}
	t.devices[id].same = 0 // it is gone
	return id
}

// Second says that a device is another one under a second address.
func (d *Device) Second() bool { return d.same != 0 }

// SettleSame moves what flows that were open when devices became one have
// booked since. It takes the lock.
func (t *Table) SettleSame() {
	t.Lock()
	defer t.Unlock()
	for id := firstID; int(id) < len(t.devices); id++ {
		if t.devices[id].same != 0 {
			if main := t.Main(id); main != id {
				t.Merge(id, main)
			}
		}
	}
}

// parted lets those be themselves again that were the same as a device that goes.
func (t *Table) parted(number uint32) {
	for i := range t.devices {
		if t.devices[i].same == number {
			t.devices[i].same = 0
		}
	}
}

// randomLife is how long a device with a made-up address is kept that nobody
// sees any more, in seconds.
const randomLife = 14 * 86400

// FoldRandom lets devices go whose address was made up, that were not seen for
// 14 days and that used nothing in this period: they will not come back under it.
// What the user named or joined stays. It takes the lock, and says how many went.
func (t *Table) FoldRandom(now uint32) (n int) {
	t.Lock()
	defer t.Unlock()
	clear(t.marks)
	t.Busy(t.marks)
	for id := firstID; int(id) < len(t.devices); id++ {
		d := &t.devices[id]
		if d.Kind == ByMAC && d.Flags&Randomised != 0 && d.From() != FromUser && d.same == 0 && d.Flows == 0 && !t.marks[id] && now > d.Last && now-d.Last > randomLife {
			t.Drop(id)
			n++
		}
	}
	return n
}
