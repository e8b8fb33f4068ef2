package flow

import "unsafe"

// Room of a slot. TCP: the first bytes of each direction; the server's answer
// may hold a certificate, so it gets more. UDP: all of it is one log.
const (
	ToServerRoom = 4096
	ToClientRoom = 8192
	LogRoom      = ToServerRoom + ToClientRoom
	maxGaps      = 12 // pieces beyond a gap that are remembered, each way
)

// MaskWords is the size of the set of open candidates that a slot carries.
const MaskWords = 8

// Slot holds the first bytes of one undecided flow.
type Slot struct {
	Candidates [MaskWords]uint64
	Turned     [MaskWords]uint64 // candidates where the directions are the other way round
	Log        int               // UDP: bytes of the log in use
	Used       int64             // when bytes came last, as the caller's clock says
	Awaits     byte              // TCP: of a client's segment the first byte, all that is still wanted; 0: everything is

	owner        uint32 // place of the record plus one; 0: free
	older, newer uint16
	stream       [2]stream // to server, to client
	buf          [LogRoom]byte
}

// stream is one direction of a TCP flow. Bytes lie at their place in the
// buffer as soon as they are there; pieces remembers what lies beyond a gap.
type stream struct {
	known  bool   // base is known
	base   uint32 // sequence number of the first byte
	n      uint16 // bytes from the start without a gap
	pieces [maxGaps]piece
	doubt  piece // bytes that lie at their place but are not believed yet; see doubt.go
}

type piece struct{ from, to uint16 } // empty: from == to

// Slots is the pool of slots. It belongs to one goroutine.
type Slots struct {
	slots []Slot
	free  uint16
	used  struct{ head, tail uint16 } // oldest use first
	count int
}

// NewSlots returns a pool of n slots, at most 65534.
func NewSlots(n int) *Slots {
	p := &Slots{slots: make([]Slot, n)}
	for i := range p.slots {
		p.slots[i].newer = uint16(i + 2)
	}
	p.slots[n-1].newer = 0
	p.free = 1
	return p
}

// SlotBytes is the memory of a pool of n slots.
func SlotBytes(n int) int { return n * int(unsafe.Sizeof(Slot{})) }

// InUse is the number of slots taken.
func (p *Slots) InUse() int { return p.count }

// Take gives a free slot to a record, or nil where none is free.
func (p *Slots) Take(t *Table, r *Record, now int64) *Slot {
	if p.free == 0 {
		return nil
	}
	id := p.free
	s := &p.slots[id-1]
	p.free = s.newer
	s.owner, s.Log, s.Used, s.Awaits = t.id(r), 0, now, 0
	s.stream = [2]stream{}
	p.push(id)
	p.count++
	r.Slot = id
	return s
}

// Of is the slot of a record that has one, and marks it as used now.
func (p *Slots) Of(r *Record, now int64) *Slot {
	if p.used.tail != r.Slot {
		p.unlink(r.Slot)
		p.push(r.Slot)
	}
	s := &p.slots[r.Slot-1]
	s.Used = now
	return s
}

// Oldest is the record whose slot was used longest ago, and when; nil where no slot is in use.
func (p *Slots) Oldest(t *Table) (*Record, int64) {
	if p.used.head == 0 {
		return nil, 0
	}
	s := &p.slots[p.used.head-1]
	return &t.slab[s.owner-1], s.Used
}

// Free takes the slot of a record back, if it has one.
func (p *Slots) Free(r *Record) {
	if r.Slot == 0 {
		return
	}
	s := &p.slots[r.Slot-1]
	p.unlink(r.Slot)
	s.owner, s.newer = 0, p.free
	p.free = r.Slot
	p.count--
	r.Slot = 0
}

// Shift moves the times of use.
func (p *Slots) Shift(by int64) {
	for i := range p.slots {
		p.slots[i].Used += by
	}
}

func (p *Slots) push(id uint16) {
	s := &p.slots[id-1]
	s.older, s.newer = p.used.tail, 0
	if p.used.tail != 0 {
		p.slots[p.used.tail-1].newer = id
	} else {
		p.used.head = id
	}
	p.used.tail = id
}

func (p *Slots) unlink(id uint16) {
	s := &p.slots[id-1]
	if s.older != 0 {
		p.slots[s.older-1].newer = s.newer
	} else {
		p.used.head = s.newer
	}
	if s.newer != 0 {
		p.slots[s.newer-1].older = s.older
	} else {
		p.used.tail = s.older
	}
}

// LogBytes is the log of a UDP flow, to be read and, through AppendLog, to grow.
func (s *Slot) LogBytes() []byte { return s.buf[:s.Log:LogRoom] }

// Start sets the sequence number of the first byte of a direction (0 to
// server, 1 to client).
func (s *Slot) Start(dir int, seq uint32) { s.stream[dir].known, s.stream[dir].base = true, seq }

// Started says that Start was called for the direction.
func (s *Slot) Started(dir int) bool { return s.stream[dir].known }

// Bytes is a direction from its start up to the first gap. It is valid until the next Insert.
func (s *Slot) Bytes(dir int) []byte {
	return s.room(dir)[:s.stream[dir].n:s.stream[dir].n]
}

// Full says that no further byte of the direction can be kept.
func (s *Slot) Full(dir int) bool { return int(s.stream[dir].n) == len(s.room(dir)) }

func (s *Slot) room(dir int) []byte {
	if dir == 0 {
		return s.buf[:ToServerRoom]
	}
	return s.buf[ToServerRoom:]
}

// Turn swaps the directions, where what is there of each has room as the other.
func (s *Slot) Turn() bool {
	n := int(max(s.stream[0].n, s.stream[1].n))
	for _, st := range s.stream {
		n = max(n, int(st.doubt.to))
		for _, p := range st.pieces {
			n = max(n, int(p.to))
		}
	}
	a, b := s.room(0), s.room(1)
	if n > min(len(a), len(b)) {
		return false
	}
	for i := range n {
		a[i], b[i] = b[i], a[i]
	}
	s.stream[0], s.stream[1] = s.stream[1], s.stream[0]
	return true
}

// Insert puts a segment of a direction in its place and says whether the bytes
// without a gap grew. Bytes that are there already stay (a retransmission may
// not rewrite what was read); what lies past the room is dropped.
func (s *Slot) Insert(dir int, seq uint32, b []byte) bool {
	st, room := &s.stream[dir], s.room(dir)
	if !st.known {
		s.Start(dir, seq)
	}
	far := int64(int32(seq - st.base)) // 64 bits, so that the lowest one can be negated
	if far >= int64(len(room)) || -far >= int64(len(b)) {
		return false
	}
	at := int(far)
	if at < 0 {
		b, at = b[-at:], 0
	}
	if len(b) > len(room)-at {
		b = b[:len(room)-at]
	}
	if skip := int(st.n) - at; skip > 0 {
		if skip >= len(b) {
			return false
		}
		b, at = b[skip:], int(st.n)
	}
	before := st.n
	if st.doubt.from < uint16(at+len(b)) && uint16(at) < st.doubt.to {
		st.doubt = piece{}
	}
	if len(b) > 0 && at == int(st.n) && st.pieces == ([maxGaps]piece{}) { // as nearly always
		st.n += uint16(copy(room[at:], b))
		return true
	}
	if len(b) > 0 && st.cover(room, b, at) {
		st.grow()
	}
	return st.n > before
}

// cover copies b to its place where no piece lies yet, and remembers it.
func (st *stream) cover(room, b []byte, at int) bool {
	from, to := at, at+len(b)
	spare := -1
	for i := range st.pieces {
		p := &st.pieces[i]
		switch {
		case p.from == p.to:
			spare = i
		case int(p.from) <= from && to <= int(p.to):
			return false
		}
	}
	// What lies under a remembered piece keeps the older bytes.
	for at < to {
		next, jump := to, to
		for _, p := range st.pieces {
			if p.from == p.to || int(p.to) <= at || int(p.from) >= to {
				continue
			}
			if int(p.from) <= at {
				next, jump = at, int(p.to)
				break
			}
			if int(p.from) < next {
				next, jump = int(p.from), int(p.to)
			}
		}
		copy(room[at:next], b[at-from:])
		at = max(jump, next)
	}
	if from == int(st.n) {
		st.n = uint16(to)
		return true
	}
	for i := range st.pieces { // one that it touches takes it in
		if p := &st.pieces[i]; p.from != p.to && int(p.from) <= to && from <= int(p.to) {
			p.from, p.to = min(p.from, uint16(from)), max(p.to, uint16(to))
			return true
		}
	}
	if spare < 0 {
		return false // no place to remember it: it will be sent again or is lost to us
	}
	st.pieces[spare] = piece{uint16(from), uint16(to)}
	return true
}

// grow swallows the pieces that touch the start.
func (st *stream) grow() {
	for again := true; again; {
		again = false
		for i := range st.pieces {
			p := &st.pieces[i]
			if p.from == p.to || p.from > st.n {
				continue
			}
			st.n = max(st.n, p.to)
			*p, again = piece{}, true
		}
	}
}
