// Package usage counts bytes by device and application, exactly: for every
// period the sum over all cells and over what was folded into "other" is the
// sum of the bytes of all flows. When room ends, detail goes, never bytes.
//
// Nothing is done for a packet. A flow's record counts its bytes; the engine
// shows the record to Book each few seconds and to End once.
//
// All shards of an engine share one Table, under the lock of its device table:
// a device has flows in several shards, and one table of fixed size is what the
// memory bill states. docs/decisions says why.
package usage

import (
	"unsafe"

	"netifyd/core/calendar"
	"netifyd/core/device"
)

// Options of a table.
type Options struct {
	Cells   int    // cells, one for a device and a label; a multiple of ways
	Hosts   int    // names of servers; 0: none are kept
	Clock   *Clock // nil: hours never end, for a capture file
	Trusted int64  // seconds since 1970: no clock that is right stands before it
}

// owner is what is kept of a device beside its cells.
type owner struct {
	folded [3]Octets // of this hour, from cells that had to go, by Label.Sum
	flows  [3]uint32 // the same
	bits   uint32    // which labels were folded, by the last bits of their places
	total  Octets    // Internet traffic since the start
	day    Octets    // what total was when the day began, and the period
	period Octets
	rate   rate // of total
}

// other is what was folded of a sum.
func (o *owner) other(sum Scope) Count {
	return Count{o.folded[sum].Down, o.folded[sum].Up, o.flows[sum]}
}

func (o *owner) setOther(sum Scope, c Count) {
	o.folded[sum], o.flows[sum] = Octets{c.Down, c.Up}, c.Flows
}

// take folds more.
func (o *owner) take(sum Scope, c Count) {
	n := o.other(sum)
	n.add(c)
	o.setOther(sum, n)
}

// Count of bytes and flows.
type Count struct {
	Down, Up uint64
	Flows    uint32
}

// Clock and Span are those of core/calendar.
type (
	Clock = calendar.Clock
	Span  = calendar.Span
)

// Octets are bytes both ways.
type Octets struct{ Down, Up uint64 }

func (o *Octets) add(p Octets) { o.Down, o.Up = o.Down+p.Down, o.Up+p.Up }

func (o *Octets) take(p Octets) { o.Down, o.Up = o.Down-p.Down, o.Up-p.Up }

// less is the difference.
func (o Octets) less(p Octets) Octets { return Octets{o.Down - p.Down, o.Up - p.Up} }

// Sum is both ways.
func (o Octets) Sum() uint64 { return o.Down + o.Up }

// Sum is both ways.
func (c Count) Sum() uint64 { return c.Down + c.Up }

func (c *Count) add(d Count) {
	c.Down += d.Down
	c.Up += d.Up
	c.Flows += d.Flows
}

// total is what was booked under a label since the start, whoever used it. It never falls.
type total struct {
	label    Label
	flows    uint32
	down, up uint64
	hour     Octets // what they were when the hour began, and what has moved to or from the label since
	rate     rate
}

// Table is the usage of this hour.
type Table struct {
	// Devices are whose usage it is. Their lock guards the table.
	Devices *device.Table

	cells  []cell
	owners []owner  // by device.ID
	totals []total  // by place; place 0 is what found no room
	places []uint16 // of labels; open addressing, linear; 0: free
	used   int      // of totals
	peer   uint16   // place of Peer
	apart  bool     // what is in cells is not in totals and owners now, see Apart

	hosts hosts

	window int64 // end of the window that rates were made of last, a multiple of step
	step   int64 // how long a window is
	series series

	clock     *Clock // nil: hours never end
	trusted   int64  // seconds since 1970
	newest    int64  // end of the newest record
	floor     int64  // down to which a clock that falls back is believed; 0: it was not right yet
	last      int64  // time of the last Tick
	hour      Span   // End is 0 as long as the clock is not set
	day       Span   // of the sums of owners
	period    Span   // the same
	postponed bool   // the hour should have been closed
	lossy     bool   // the capture lost packets in this hour
	pending   []byte // records that are not written yet; its memory never grows
	told      int    // bytes of it that Untold gave

	atRisk    [maxAtRisk]AtRisk // what an alert shall tell
	numAtRisk int

	stats Stats
}

// Stats of a table since the start.
type Stats struct {
	Folded uint64 // cells that went into "other"
	Moved  uint64 // bytes that were booked before their application was known, and then moved
	Early  uint64 // bytes that stayed where they were booked before their application was known
	Labels uint64 // labels that found no room
}

// New makes a table over d. Nothing of it grows later.
func New(d *device.Table, o Options) *Table {
	cells := rounded(o.Cells)
	t := &Table{Devices: d, cells: make([]cell, cells), owners: make([]owner, d.Cap()), totals: make([]total, labelsFor(cells)), places: make([]uint16, placesFor(cells)), used: 1, clock: o.Clock, trusted: o.Trusted, pending: make([]byte, 0, pendingFor(cells)), hosts: newHosts(o.Hosts), step: window}
	d.Busy = t.busy
	d.Leave, d.Merge = t.left, t.merge
	for _, l := range [...]Label{Broadcast, Peer, Wan, Stray} { // first, so that they have room for sure
		t.place(l)
	}
	t.peer = t.place(Peer)
	return t
}

func rounded(cells int) int { return (max(cells, 1) + ways - 1) / ways * ways }

// placesFor is how many places there are for labels: a power of two.
func placesFor(cells int) int {
	n := 64
	for n < cells/4 {
		n *= 2
	}
	return n
}

// labelsFor is how many labels have a total.
func labelsFor(cells int) int { return placesFor(cells) * 3 / 4 }

// Bytes is the memory of a table of n devices and so many cells.
func Bytes(devices, cells int) int {
	cells = rounded(cells)
	return cells*int(unsafe.Sizeof(cell{})) + (devices+int(device.Gone)+1)*int(unsafe.Sizeof(owner{})) + labelsFor(cells)*int(unsafe.Sizeof(total{})) + placesFor(cells)*2 + pendingFor(cells)
}

// busy marks the devices that used anything in this period, this hour included.
func (t *Table) busy(marks []bool) {
	t.together()
	for i := range t.owners {
		o := &t.owners[i]
		marks[i] = o.total != o.period || o.folded != ([3]Octets{}) || o.flows != ([3]uint32{})
	}
	for i := range t.cells {
		if c := &t.cells[i]; c.key != 0 {
			marks[c.device()] = true
		}
	}
}

// left moves what a device used to those that are gone. What it still has in
// this hour goes without detail.
func (t *Table) left(id device.ID) {
	t.together()
	from, to := &t.owners[id], &t.owners[device.Gone]
	t.hosts.left(id)
	for i := range t.cells {
		if c := &t.cells[i]; c.key != 0 && c.device() == id {
			t.unmake(c, to)
			*c = cell{}
		}
	}
	for sum := range to.folded {
		to.take(Scope(sum), from.other(Scope(sum)))
	}
	to.join(from)
}

// join moves the sums of an owner to another.
func (o *owner) join(from *owner) {
	o.total.add(from.total)
	o.day.add(from.day)
	o.period.add(from.period)
	o.rate.was[0] += from.rate.was[0]
	o.rate.was[1] += from.rate.was[1]
	*from = owner{}
}

// merge moves what a device used to another one, with its detail.
func (t *Table) merge(id, main device.ID) {
	t.together()
	for i := range t.cells {
		c := t.cells[i]
		if c.key == 0 || c.device() != id {
			continue
		}
		t.cells[i] = cell{}
		to := t.cell(keyOf(main, c.place()))
		to.key |= c.key & uint32(Estimated|Partial)
		t.grow(to, c.count())
	}
	from, to := &t.owners[id], &t.owners[main]
	for sum := range to.folded {
		to.take(Scope(sum), from.other(Scope(sum)))
	}
	to.bits |= from.bits
	to.join(from)
	for i := range t.hosts.list {
		if h := &t.hosts.list[i]; h.device == id {
			h.device = main
		}
	}
}
