package flow

import "unsafe"

// Table is the flow table: a slab of records allocated once, an index over it,
// a lazy wheel that finds idle records, and lists in the order of eviction. It
// belongs to one goroutine.
type Table struct {
	slab  []Record
	index []uint64 // hash in the upper half, place in slab plus one in the lower; 0: empty
	mask  uint32
	free  uint32 // first free record plus one, linked through newer
	count int
	seed  uint64

	lists [4]list // by class
	wheel wheel

	// Evicted counts records that had to go because the table was full.
	Evicted uint64
}

// list is a doubly linked list of n records through older and newer: head is the oldest.
type list struct {
	head, tail uint32
	n          int
}

// New returns a table for at most max flows. seed makes hashes unforeseeable.
func New(max int, seed uint64) *Table {
	size := 16
	for size < 2*max {
		size *= 2
	}
	t := &Table{slab: make([]Record, max), index: make([]uint64, size), mask: uint32(size - 1), seed: seed}
	for i := range t.slab {
		t.slab[i].newer = uint32(i + 2)
	}
	t.slab[max-1].newer = 0
	t.free = 1
	return t
}

// Bytes is the memory that a table for max flows takes.
func Bytes(max int) int {
	size := 16
	for size < 2*max {
		size *= 2
	}
	return max*int(unsafe.Sizeof(Record{})) + size*8 + int(unsafe.Sizeof(wheel{}))
}

// Len is the number of flows; Cap how many fit.
func (t *Table) Len() int { return t.count }

// Cap is how many flows fit.
func (t *Table) Cap() int { return len(t.slab) }

// Find gives the record of a key, or nil. It stays valid until the record ends.
func (t *Table) Find(k *Key) *Record { return t.find(k, k.Hash(t.seed)) }

func (t *Table) find(k *Key, hash uint32) *Record {
	for i := hash & t.mask; ; i = (i + 1) & t.mask {
		e := t.index[i]
		if e == 0 {
			return nil
		}
		if uint32(e>>32) == hash {
			if r := &t.slab[uint32(e)-1]; r.Key.equals(k) {
				return r
			}
		}
	}
}

// Touch finds the record of a key or makes one, undecided, with First and Last
// set to now. A full table ends a flow first: end is called with it, before its
// record is used again. Touch does not write Last of a record that it found.
func (t *Table) Touch(k *Key, now int64, end func(*Record)) (r *Record, created bool) {
	hash := k.Hash(t.seed)
	if r := t.find(k, hash); r != nil {
		return r, false
	}
	if t.free == 0 {
		t.evict(end)
	}
	id := t.free
	r = &t.slab[id-1]
	t.free = r.newer
	*r = Record{Key: *k, First: now, Last: now, Card: -1, Flags: InUse}
	t.put(hash, id)
	t.push(&t.lists[0], id)
	t.count++
	return r, true
}

func (t *Table) put(hash, id uint32) {
	i := hash & t.mask
	for t.index[i] != 0 {
		i = (i + 1) & t.mask
	}
	t.index[i] = uint64(hash)<<32 | uint64(id)
}

// Remove takes a record out. The caller has let go of its slot and metadata.
func (t *Table) Remove(r *Record) {
	id := t.id(r)
	t.wheel.remove(t, r)
	t.unlink(t.listOf(r), id)
	t.drop(r.Key.Hash(t.seed), id)
	r.Flags, r.newer = 0, t.free // Touch clears the rest
	t.free = id
	t.count--
}

// drop deletes an entry of the index and moves back what was pushed past it.
func (t *Table) drop(hash, id uint32) {
	i := hash & t.mask
	for uint32(t.index[i]) != id {
		i = (i + 1) & t.mask
	}
	for j := i; ; {
		j = (j + 1) & t.mask
		e := t.index[j]
		if e == 0 {
			break
		}
		home := uint32(e>>32) & t.mask
		if (j-home)&t.mask >= (j-i)&t.mask {
			t.index[i] = e
			i = j
		}
	}
	t.index[i] = 0
}

func (t *Table) id(r *Record) uint32 {
	return uint32((uintptr(unsafe.Pointer(r))-uintptr(unsafe.Pointer(&t.slab[0])))/unsafe.Sizeof(Record{})) + 1
}

// class of a record, in the order of eviction: what nobody answered goes
// first (scans, floods, spoofed senders), undecided before decided.
func (t *Table) listOf(r *Record) *list {
	class := 0
	if r.Flags&Decided != 0 {
		class |= 1
	}
	if r.Flags&TwoWay != 0 {
		class |= 2
	}
	return &t.lists[class]
}

// Refresh moves an undecided record to the young end of its list. Decided ones
// stay where they are: their packets write Last only.
func (t *Table) Refresh(r *Record) {
	id := t.id(r)
	if l := t.listOf(r); l.tail != id {
		t.unlink(l, id)
		t.push(l, id)
	}
}

// Mark sets Decided or TwoWay and moves the record to the list of its new class.
func (t *Table) Mark(r *Record, flag Flags) {
	if r.Flags&flag != 0 {
		return
	}
	id := t.id(r)
	t.unlink(t.listOf(r), id)
	r.Flags |= flag
	t.push(t.listOf(r), id)
}

func (t *Table) push(l *list, id uint32) {
	r := &t.slab[id-1]
	l.n++
	r.older, r.newer = l.tail, 0
	if l.tail != 0 {
		t.slab[l.tail-1].newer = id
	} else {
		l.head = id
	}
	l.tail = id
}

func (t *Table) unlink(l *list, id uint32) {
	r := &t.slab[id-1]
	l.n--
	if r.older != 0 {
		t.slab[r.older-1].newer = r.newer
	} else {
		l.head = r.newer
	}
	if r.newer != 0 {
		t.slab[r.newer-1].older = r.older
	} else {
		l.tail = r.older
	}
}

// chances is how many recent flows evict passes over before it takes the next one all the same.
const chances = 64

// share is the part of the table, one in so many, that each class below the
// last may fill before it goes first. Without it every new flow of a full table
// would end the newest one, before the answer that shows what it is.
const share = 16

// victim is the class that loses a flow: the first that fills more than its
// share, else the decided and answered ones, else the first that has any.
func (t *Table) victim() int {
	last := len(t.lists) - 1
	for class := range last {
		if t.lists[class].n > len(t.slab)/share {
			return class
		}
	}
	if t.lists[last].n > 0 {
		return last
	}
	class := 0
	for t.lists[class].n == 0 {
		class++
	}
	return class
}

// evict ends one flow of the class whose turn it is: of undecided ones the
// one seen longest ago; of decided ones the first that had no packet since it
// was passed over last (the second chance, or clock, algorithm).
func (t *Table) evict(end func(*Record)) {
	t.Evicted++
	class := t.victim()
	l := &t.lists[class]
	r := &t.slab[l.head-1]
	for n := 0; class&1 != 0 && r.Flags&Recent != 0 && n < chances; n++ {
		r.Flags &^= Recent
		id := l.head
		t.unlink(l, id)
		t.push(l, id)
		r = &t.slab[l.head-1]
	}
	end(r)
	t.Remove(r)
}

// Place is where in the slab a record is.
func (t *Table) Place(r *Record) int { return int(t.id(r)) - 1 }

// Part is a piece of the slab, to walk all flows faster than by At: a place is
// empty where IsFlow says so.
func (t *Table) Part(from, to int) []Record { return t.slab[from:to] }

// IsFlow says that a place of the slab is taken.
func (r *Record) IsFlow() bool { return r.Flags&InUse != 0 }

// Shown says that a place of the slab is taken by a flow that is told of.
func (r *Record) Shown() bool { return r.Flags&InUse != 0 && r.Marks&Own == 0 }

// At gives the i-th place of the slab, or nil where no flow is in it, to walk
// all flows in pieces: i from 0 to Cap.
func (t *Table) At(i int) *Record {
	if r := &t.slab[i]; r.Flags&InUse != 0 {
		return r
	}
	return nil
}
