package usage

import "netifyd/core/device"

// cell is what a device used under a label in this hour. Its bytes have 48 bits:
// one that comes near their end is folded into the device's "other".
type cell struct {
	low   [2]uint32 // down and up
	high  [2]uint16
	flows uint32
	key   uint32 // device, place of the label, Flags; 0: free
}

// Flags of a row.
type Flags uint8

// Flags.
const (
	Partial   Flags = 1 << iota // some bytes of it may be in the device's "other": at least this many
	checked                     // Fresh gave it
	Estimated                   // counters of the kernel's connection table: the split by side is near

	allFlags = Partial | checked | Estimated
)

// ways is how many places a cell may be in.
const ways = 8

// A key has 15 bits for the device, 14 for the place of the label, 3 for flags.
const (
	flagBits  = 3
	placeBits = 14
)

func keyOf(id device.ID, place uint16) uint32 {
	return uint32(id)<<(placeBits+flagBits) | uint32(place)<<flagBits
}

func (c *cell) is(key uint32) bool { return c.key&^uint32(allFlags) == key }

func (c *cell) device() device.ID { return device.ID(c.key >> (placeBits + flagBits)) }

func (c *cell) place() uint16 { return uint16(c.key >> flagBits & (1<<placeBits - 1)) }

func (c *cell) flags() Flags { return Flags(c.key) & allFlags }

func (c *cell) down() uint64 { return uint64(c.high[0])<<32 | uint64(c.low[0]) }

func (c *cell) up() uint64 { return uint64(c.high[1])<<32 | uint64(c.low[1]) }

func (c *cell) count() Count { return Count{c.down(), c.up(), c.flows} }

func (c *cell) set(n Count) {
	c.low, c.high, c.flows = [2]uint32{uint32(n.Down), uint32(n.Up)}, [2]uint16{uint16(n.Down >> 32), uint16(n.Up >> 32)}, n.Flows
}

// add says whether the cell is nearly full.
func (c *cell) add(down, up uint64) bool {
	d, u := uint64(c.low[0])+down, uint64(c.low[1])+up
	c.low[0], c.low[1] = uint32(d), uint32(u)
	c.high[0] += uint16(d >> 32)
	c.high[1] += uint16(u >> 32)
	return c.full()
}

func (c *cell) full() bool { return (c.high[0]|c.high[1])>>15 != 0 }

// grow adds what was counted elsewhere to a cell.
func (t *Table) grow(c *cell, n Count) {
	c.flows += n.Flows
	if c.add(n.Down, n.Up) {
		t.fold(c)
		*c = cell{}
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
		if set[i].is(key) {
			return &set[i]
		}
	}
	return nil
}

// cell finds a cell or makes one; in a full set the smallest goes into its
// device's "other". The result is valid until the next call.
func (t *Table) cell(key uint32) *cell {
	if c := t.find(key); c != nil {
		return c
	}
	set, best, least := t.set(key), 0, ^uint64(0)
	for i := range set {
		c := &set[i]
		if c.key == 0 {
			best = i
			break
		}
		if n := c.down() + c.up(); n < least {
			best, least = i, n
		}
	}
	c := &set[best]
	if c.key != 0 {
		t.fold(c)
	}
	*c = cell{key: key}
	if o := &t.owners[c.device()]; o.bits>>(c.place()&31)&1 != 0 {
		c.key |= uint32(Partial)
	}
	return c
}

// fold adds a cell to its device's "other".
func (t *Table) fold(c *cell) {
	o := &t.owners[c.device()]
	o.bits |= 1 << (c.place() & 31)
	t.stats.Folded++
	t.unmake(c, o)
}

// unmake adds a cell to an owner's "other", without detail.
func (t *Table) unmake(c *cell, to *owner) {
	if t.apart {
		t.sumOf(c, 0)
	}
	if label := t.totals[c.place()].label; label != Peer {
		to.take(label.Sum(), c.count())
	}
}

// Apart begins a round of bookings: as long as it lasts, what is booked goes
// into cells alone, and together adds the cells to the sums of labels and
// devices once, in place of six sums of 64 bits for each flow. The caller holds the lock.
func (t *Table) Apart() {
	if !t.apart {
		t.apart = true
		t.sum(^uint64(0))
	}
}

// Together ends a round of bookings. The caller holds the lock. Whoever needs
// the sums before calls together.
func (t *Table) Together() { t.together() }

func (t *Table) together() {
	if t.apart {
		t.apart = false
		t.sum(0)
	}
}

// sum adds what is in the cells to the sums of labels and devices, or takes it
// away where minus has all bits. What moved between labels lets a sum of one
// fall below zero for the time, since totals never fall.
func (t *Table) sum(minus uint64) {
	for i := range t.cells {
		if c := &t.cells[i]; c.key != 0 {
			t.sumOf(c, minus)
		}
	}
}

func (t *Table) sumOf(c *cell, minus uint64) {
	place := c.place()
	if place == t.peer {
		return
	}
	down, up := (c.down()^minus)-minus, (c.up()^minus)-minus
	e := &t.totals[place]
	e.down += down
	e.up += up
	if e.label.internet() {
		o := &t.owners[c.device()]
		o.total.Down, o.total.Up = o.total.Down+down, o.total.Up+up
	}
}
