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
func (t *Table) Book(r *flow.Record, w *Where, now uint32) (lower, upper uint64) {
	r.Flags &^= flow.Unbooked
	lower, upper = unbooked(r, flow.Lower), unbooked(r, flow.Upper)
	if lower|upper == 0 {
		return 0, 0
	}
	c := t.cellOf(r, w, now)
	if r.Other == flow.OtherRemote && traitsOf(r.Proto)&resolver != 0 {
		t.Devices.Resolve(device.ID(r.Device))
	}
	down, up := lower, upper
	if r.Flags&flow.LocalIsUpper == 0 {
		down, up = upper, lower
	}
	if r.Flags&flow.Offloaded != 0 {
		c.key |= uint32(Estimated)
	}
	if !t.apart {
		t.count(r, down, up)
	}
	if c.add(down, up) {
		t.fold(c)
		*c = cell{}
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

// Again is Book for what most flows are in a round of bookings: one with the
// world that is in the cell it was in before, under the same label, and that
// carried less than 4 GiB. It does nothing and says false for any other one.
func (t *Table) Again(r *flow.Record, now uint32) (lower, upper uint32, ok bool) {
	sums, was := &r.Bytes, &r.Booked
	if uint32(sums[0]) < was[0] || uint32(sums[1]) < was[1] || uint32(sums[0]>>32) != uint32(r.BookedHigh[0]) || uint32(sums[1]>>32) != uint32(r.BookedHigh[1]) ||
		!t.apart || int(r.Cell) >= len(t.cells) || int(r.Label) >= len(t.totals) || int(r.Proto) >= len(traits) {
		return 0, 0, false
	}
	c := &t.cells[r.Cell]
	if c.key>>flagBits != uint32(r.Device)<<placeBits|uint32(r.Label) || traits[r.Proto] != 0 || r.Other != flow.OtherRemote || r.Flags&flow.Offloaded != 0 {
		return 0, 0, false
	}
	label := App(r.App, Internet)
	if label == 0 {
		label = Protocol(r.Proto, Internet)
	}
	d := t.Devices.At(device.ID(r.Device))
	if t.totals[r.Label].label != label || d == nil {
		return 0, 0, false
	}
	lower, upper = uint32(sums[0])-was[0], uint32(sums[1])-was[1]
	*was = [2]uint32{uint32(sums[0]), uint32(sums[1])}
	r.Flags &^= flow.Unbooked
	if lower|upper == 0 {
		return 0, 0, true
	}
	d.Last = now
	down, up := lower, upper
	if r.Flags&flow.LocalIsUpper == 0 {
		down, up = upper, lower
	}
	low := &c.low
	low[0] += down
	low[1] += up
	if low[0] < down || low[1] < up {
		t.carry(c, down, up)
	}
	return lower, upper, true
}

// carry raises the upper halves of what has overflown.
func (t *Table) carry(c *cell, down, up uint32) {
	for i, n := range [2]uint32{down, up} {
		if c.low[i] < n {
			c.high[i]++
		}
	}
	if c.full() {
		t.fold(c)
		*c = cell{}
	}
}

// cellOf is the cell of a flow: the one that it was in before, unless that is
// another's now, or the label has changed.
func (t *Table) cellOf(r *flow.Record, w *Where, now uint32) *cell {
	label := w.labelOf(r)
	if r.Device == 0 {
		t.begin(r, w, label, now)
	}
	if t.totals[r.Label].label != label {
		t.together()
		t.relabel(r, label)
	}
	key := keyOf(device.ID(r.Device), r.Label)
	if at := int(r.Cell); at < len(t.cells) && t.cells[at].is(key) {
		return &t.cells[at]
	}
	c := t.cell(key)
	r.Cell = uint16((uintptr(unsafe.Pointer(c)) - uintptr(unsafe.Pointer(&t.cells[0]))) / unsafe.Sizeof(cell{}))
	return c
}

// count adds bytes to the sums of a flow's label and device.
func (t *Table) count(r *flow.Record, down, up uint64) {
	e := &t.totals[r.Label]
	e.down += down
	e.up += up
	if e.label.internet() {
		o := &t.owners[r.Device]
		o.total.Down, o.total.Up = o.total.Down+down, o.total.Up+up
	}
}

// End books the last of a flow, as Book.
func (t *Table) End(r *flow.Record, w *Where, now uint32) {
	if w.Stray && r.Device != 0 {
		t.together()
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
func (t *Table) begin(r *flow.Record, w *Where, label Label, now uint32) {
	id := device.WAN
	if !w.WAN {
		local := r.Local()
		ours := w.Addresses.IsOurs(r.Version, &r.Addr[local])
		id, _ = t.Devices.Of(&r.MAC[local], r.Version, &r.Addr[local], ours, now)
	}
	r.Device = uint16(id)
	t.Devices.At(id).Flows++
	r.Label = t.place(label)
	t.totals[r.Label].flows++
	t.cell(keyOf(id, r.Label)).flows++
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
		t.grow(t.cell(keyOf(id, t.peer)), Count{Down: up, Up: down})
	}
}

// relabel is for a flow whose application became known: what it had booked in
// this hour since its last flow_stats moves to the new label. The totals stay:
// they never fall.
func (t *Table) relabel(r *flow.Record, label Label) {
	old, place := r.Label, t.place(label)
	if old == place {
		return
	}
	r.Label = place
	m := Count{Down: here(r, flow.Upper), Up: here(r, flow.Lower), Flows: 1}
	if r.Flags&flow.LocalIsUpper != 0 {
		m.Down, m.Up = m.Up, m.Down
	}
	if r.First < t.hour.Start*second {
		t.stats.Early += m.Sum()
		return
	}
	id, moved := device.ID(r.Device), Count{}
	if c := t.find(keyOf(id, old)); c != nil {
		n := c.count()
		moved.take(&n, &m)
		c.set(n)
		if n == (Count{}) {
			*c = cell{}
		}
	}
	o, sum := &t.owners[r.Device], t.totals[old].label.Sum()
	rest := o.other(sum) // what the cell had when it was folded is in it
	moved.take(&rest, &m)
	o.setOther(sum, rest)
	t.grow(t.cell(keyOf(id, place)), moved)
	t.move(&t.owners[r.Device], old, place, Octets{moved.Down, moved.Up})
	t.stats.Moved += moved.Sum()
}

// move takes what moved from one label to another into account.
func (t *Table) move(o *owner, old, place uint16, n Octets) {
	from, to := &t.totals[old], &t.totals[place]
	from.hour.add(n)
	to.hour.take(n)
	switch was, is := from.label.internet(), to.label.internet(); {
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
	mask := uint32(len(t.places) - 1)
	for i := uint32(label) * 0x9e3779b1 >> 8 & mask; ; i = (i + 1) & mask {
		switch at := t.places[i]; {
		case at == 0 && t.used == len(t.totals):
			t.stats.Labels++
			return 0
		case at == 0:
			at = uint16(t.used)
			t.used++
			t.places[i] = at
			t.totals[at].label = label
			return at
		case t.totals[at].label == label:
			return at
		}
	}
}
