package usage

import (
	"unsafe"

	"netifyd/core/device"
	"netifyd/core/flow"
)

// counterBits is how many bits of a flow's counters a record keeps of what was
// booked: their difference is right up to half a terabyte between two bookings.
const counterBits = 40

// Where is what the table must know of the capture that saw a flow.
type Where struct {
	WAN       bool            // it feeds the line of the WAN only
	Stray     bool            // no event tells of the flow
	Addresses *flow.Addresses // that count as ours there
}

// Book adds what a flow carried since it was booked last, and says how much
// that is by side. now is in seconds since 1970. The caller is the flow's shard
// and holds the lock. It allocates nothing.
func (t *Table) Book(r *flow.Record, w Where, now uint32) (lower, upper uint64) {
	r.Flags &^= flow.Unbooked
	lower, upper = unbooked(r, flow.Lower), unbooked(r, flow.Upper)
	if lower|upper == 0 {
		return 0, 0
	}
	if r.Device == 0 {
		t.begin(r, w, now)
	}
	place := uint32(r.Label)
	if label := w.labelOf(r); t.totals[place].label != label {
		place = t.relabel(r, label)
	}
	if r.Other == flow.OtherRemote && isResolver(r.Proto) {
		t.Devices.Resolve(device.ID(r.Device))
	}
	down, up := lower, upper
	if r.Flags&flow.LocalIsUpper == 0 {
		down, up = upper, lower
	}
	c := t.put(r, place, down, up)
	if r.Flags&flow.Offloaded != 0 {
		c.flags |= Estimated
	}
	if r.Other == flow.OtherLocal && !w.WAN {
		t.mirror(r, down, up, now)
	}
	if d := t.Devices.At(device.ID(r.Device)); d != nil {
		d.Last = now
	}
	setBooked(r, flow.Lower, r.Bytes[flow.Lower])
	setBooked(r, flow.Upper, r.Bytes[flow.Upper])
	return lower, upper
}

// put adds bytes to a label, a device and their cell.
func (t *Table) put(r *flow.Record, place uint32, down, up uint64) *cell {
	id := device.ID(r.Device)
	e := &t.totals[place]
	e.down += down
	e.up += up
	if e.label.Sum() == Internet {
		o := &t.owners[id]
		o.total.Down, o.total.Up = o.total.Down+down, o.total.Up+up
	}
	key := uint32(id)<<16 | place
	if at := int(r.Cell); at < len(t.cells) && t.cells[at].key == key {
		c := &t.cells[at]
		c.add(down, up)
		return c
	}
	c := t.cell(key)
	r.Cell = uint16((uintptr(unsafe.Pointer(c)) - uintptr(unsafe.Pointer(&t.cells[0]))) / unsafe.Sizeof(cell{}))
	c.add(down, up)
	return c
}

func (c *cell) add(down, up uint64) {
	c.Down += down
	c.Up += up
}

// End books the last of a flow, as Book.
func (t *Table) End(r *flow.Record, w Where, now uint32) {
	if w.Stray && r.Device != 0 {
		t.relabel(r, Stray)
	}
	t.Book(r, w, now)
	if d := t.Devices.At(device.ID(r.Device)); r.Device != 0 && d != nil {
		d.Flows--
		r.Device = 0
	}
}

// Carry lets a flow keep what is not booked yet when its counters are about to
// be set to zero: what was booked of them falls below zero by it.
func Carry(r *flow.Record) {
	for side, bytes := range r.Bytes {
		setBooked(r, flow.Side(side), booked(r, flow.Side(side))-bytes)
	}
}

// unbooked is what a side sent since the flow was booked last.
func unbooked(r *flow.Record, side flow.Side) uint64 {
	return (r.Bytes[side] - booked(r, side)) & (1<<counterBits - 1)
}

func booked(r *flow.Record, side flow.Side) uint64 {
	return uint64(r.BookedHigh[side])<<32 | uint64(r.Booked[side])
}

func setBooked(r *flow.Record, side flow.Side, n uint64) {
	r.Booked[side], r.BookedHigh[side] = uint32(n), uint8(n>>32)
}

// here is what was booked of what a side's counter shows.
func here(r *flow.Record, side flow.Side) uint64 {
	if r.BookedHigh[side]>>7 != 0 { // below zero
		return 0
	}
	return booked(r, side)
}

// begin finds whose flow it is and counts the flow.
func (t *Table) begin(r *flow.Record, w Where, now uint32) {
	id := device.WAN
	if !w.WAN {
		local := r.Local()
		ours := w.Addresses.IsOurs(r.Version, &r.Addr[local])
		id, _ = t.Devices.Of(&r.MAC[local], r.Version, &r.Addr[local], ours, now)
	}
	r.Device = uint16(id)
	t.Devices.At(id).Flows++
	r.Label = t.place(w.labelOf(r))
	t.totals[r.Label].flows++
	t.cell(uint32(id)<<16|uint32(r.Label)).Flows++
}

func (w *Where) labelOf(r *flow.Record) Label {
	switch {
	case w.WAN:
		return Wan
	case w.Stray:
		return Stray
	}
	return labelOf(r)
}

// mirror books a flow between local devices on the far one too, the ways
// swapped. This machine shall not have a line of everybody's questions for names.
func (t *Table) mirror(r *flow.Record, down, up uint64, now uint32) {
	far := 1 - r.Local()
	id := t.Devices.Far(&r.MAC[far], r.Version, &r.Addr[far], now)
	if id != device.None && id != device.Others && id != device.Self && id != device.ID(r.Device) {
		t.cell(uint32(id)<<16|uint32(t.peer)).add(up, down)
	}
}

// relabel is for a flow whose application became known: what it had booked in
// this hour since its last flow_stats moves to the new label. The totals stay:
// they never fall.
func (t *Table) relabel(r *flow.Record, label Label) uint32 {
	old, place := r.Label, t.place(label)
	if old == place {
		return uint32(place)
	}
	r.Label = place
	m := Count{Down: here(r, flow.Upper), Up: here(r, flow.Lower), Flows: 1}
	if r.Flags&flow.LocalIsUpper != 0 {
		m.Down, m.Up = m.Up, m.Down
	}
	if r.First < t.hour.Start*second {
		t.stats.Early += m.Sum()
		return uint32(place)
	}
	key, moved := uint32(r.Device)<<16, Count{}
	if c := t.find(key | uint32(old)); c != nil {
		moved.take(&c.Count, &m)
		if c.Count == (Count{}) {
			*c = cell{}
		}
	}
	o, sum := &t.owners[r.Device], t.totals[old].label.Sum()
	rest := o.other(sum) // what the cell had when it was folded is in it
	moved.take(&rest, &m)
	o.setOther(sum, rest)
	t.cell(key | uint32(place)).Count.add(moved)
	t.move(&t.owners[r.Device], old, place, Octets{moved.Down, moved.Up})
	t.stats.Moved += moved.Sum()
	return uint32(place)
}

// move takes what moved from one label to another into account.
func (t *Table) move(o *owner, old, place uint16, n Octets) {
	from, to := &t.totals[old], &t.totals[place]
	from.hour.add(n)
	to.hour.take(n)
	switch was, is := from.label.Sum() == Internet, to.label.Sum() == Internet; {
	case was && !is: // out of the sums; but total never falls
		o.day.add(n)
		o.period.add(n)
	case is && !was:
		o.total.add(n)
	}
}

// take takes from another count what is wanted, as far as it is there.
func (c *Count) take(from, want *Count) {
	n := Count{min(want.Down, from.Down), min(want.Up, from.Up), min(want.Flows, from.Flows)}
	for _, x := range [...]*Count{from, want} {
		x.Down, x.Up, x.Flows = x.Down-n.Down, x.Up-n.Up, x.Flows-n.Flows
	}
	c.add(n)
}

// place is where the totals of a label are: 0 where there is no room.
func (t *Table) place(label Label) uint16 {
	if label == Other {
		return 0
	}
	mask := uint32(len(t.totals) - 1)
	for i := uint32(label) * 0x9e3779b1 >> 8 & mask; ; i = (i + 1) & mask {
		switch e := &t.totals[i]; {
		case i == 0: // the place of Other
			continue
		case e.label == label:
			return uint16(i)
		case e.label == 0:
			if t.used >= len(t.totals)*3/4 {
				t.stats.Labels++
				return 0
			}
			t.used++
			e.label = label
			return uint16(i)
		}
	}
}

// set is the places that a cell may be in.
func (t *Table) set(key uint32) []cell {
	h := key * 0x9e3779b1
	h ^= h >> 15
	at := int(h%uint32(len(t.cells)/ways)) * ways
	return t.cells[at : at+ways]
}

func (t *Table) find(key uint32) *cell {
	set := t.set(key)
	for i := range set {
		if set[i].key == key {
			return &set[i]
		}
	}
	return nil
}

// cell finds a cell or makes one; in a full set the smallest goes into its
// device's "other". The result is valid until the next call.
func (t *Table) cell(key uint32) *cell {
	set := t.set(key)
	for i := range set {
		if set[i].key == key {
			return &set[i]
		}
	}
	best := 0
	for i := range set {
		if set[best].key != 0 && (set[i].key == 0 || set[i].Sum() < set[best].Sum()) {
			best = i
		}
	}
	c := &set[best]
	if c.key != 0 {
		t.fold(c)
	}
	*c = cell{key: key}
	if o := &t.owners[key>>16]; o.bits>>(key&31)&1 != 0 {
		c.flags = Partial
	}
	return c
}

// fold adds a cell to its device's "other".
func (t *Table) fold(c *cell) {
	o := &t.owners[c.key>>16]
	o.bits |= 1 << (c.key & 31)
	t.stats.Folded++
	t.unmake(c, o)
}

// unmake adds a cell to an owner's "other", without detail.
func (t *Table) unmake(c *cell, to *owner) {
	if label := t.totals[c.key&0xffff].label; label != Peer {
		to.take(label.Sum(), c.Count)
	}
}
