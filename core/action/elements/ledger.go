// Package elements remembers which elements of a set are the agent's, and how
// many flows want each, in memory of fixed size.
package elements

import (
	"hash/maphash"
	"math/bits"
)

// Entry is an element. The element itself is not kept: whoever asks has it.
type Entry struct {
	hash  uint64
	Until uint32 // seconds of the caller's clock when the kernel forgets it; 0: never
	flows uint32 // how many want it, and the two bits below
}

const (
	foreign = 1 << 31 // somebody else put it there: it stays when no flow wants it
	present = 1 << 30 // the set held it when Sync looked
	counted = present - 1
)

// Flows says how many want the element.
func (e *Entry) Flows() int { return int(e.flows & counted) }

// Want counts one flow more.
func (e *Entry) Want() { e.flows++ }

// Drop counts one flow less, and says that none is left.
func (e *Entry) Drop() bool {
	if e.flows&counted > 0 {
		e.flows--
	}
	return e.flows&counted == 0
}

// Recount forgets the flows, and keeps what is known of the element.
func (e *Entry) Recount() { e.flows &^= counted }

// Foreign says that somebody else put the element into the set.
func (e *Entry) Foreign() bool { return e.flows&foreign != 0 }

// SetForeign notes that somebody else put the element into the set.
func (e *Entry) SetForeign() { e.flows |= foreign }

// Present says that the set holds the element.
func (e *Entry) Present() bool { return e.flows&present != 0 }

// SetPresent notes whether the set holds the element.
func (e *Entry) SetPresent(is bool) {
	e.flows &^= present
	if is {
		e.flows |= present
	}
}

// Ledger is a table of entries.
type Ledger struct {
	seed  maphash.Seed
	slots []Entry
	n     int
	most  int
}

// New makes a ledger of so many entries: 20 bytes each, at once.
func New(most int) *Ledger {
	most = max(most, 1)
	return &Ledger{seed: maphash.MakeSeed(), slots: make([]Entry, Slots(most)), most: most}
}

// Slots is how many entries of 16 bytes a ledger of so many elements takes.
func Slots(most int) int { return most + most/4 + 1 }

// Len is how many entries there are.
func (l *Ledger) Len() int { return l.n }

// Most is how many there may be.
func (l *Ledger) Most() int { return l.most }

// Hash of an element's bytes, which stands for it. That two of 65536 elements
// have the same has a chance of 1 in 10 thousand million; they would then leave the set together.
func (l *Ledger) Hash(key []byte) uint64 { return max(maphash.Bytes(l.seed, key), 1) }

func (l *Ledger) home(h uint64) int {
	hi, _ := bits.Mul64(h, uint64(len(l.slots)))
	return int(hi)
}

func (l *Ledger) find(h uint64) (at int, found bool) {
	for at = l.home(h); l.slots[at].hash != 0; at = l.next(at) {
		if l.slots[at].hash == h {
			return at, true
		}
	}
	return at, false
}

func (l *Ledger) next(at int) int {
	if at++; at == len(l.slots) {
		at = 0
	}
	return at
}

// Get gives the entry of a hash, lent until the next Put, Delete or Sweep; nil: there is none.
func (l *Ledger) Get(h uint64) *Entry {
	if at, ok := l.find(h); ok {
		return &l.slots[at]
	}
	return nil
}

// Put gives the entry of a hash, a new one that no flow wants if there is none,
// lent as that of Get; nil: there is no room.
func (l *Ledger) Put(h uint64) *Entry {
	at, ok := l.find(h)
	if !ok {
		if l.n >= l.most {
			return nil
		}
		l.n++
		l.slots[at] = Entry{hash: h}
	}
	return &l.slots[at]
}

// Delete forgets an entry.
func (l *Ledger) Delete(h uint64) {
	hole, ok := l.find(h)
	if !ok {
		return
	}
	l.n--
	for at := l.next(hole); l.slots[at].hash != 0; at = l.next(at) {
		home := l.home(l.slots[at].hash)
		// An entry moves into the hole unless its home lies behind the hole.
		if hole <= at && (home <= hole || home > at) || hole > at && home <= hole && home > at {
			l.slots[hole] = l.slots[at]
			hole = at
		}
	}
	l.slots[hole] = Entry{}
}

// Each gives every entry to f.
func (l *Ledger) Each(f func(e *Entry)) {
	for i := range l.slots {
		if l.slots[i].hash != 0 {
			f(&l.slots[i])
		}
	}
}

// Sweep forgets what f says may go.
func (l *Ledger) Sweep(f func(e *Entry) bool) {
	for i := 0; i < len(l.slots); {
		if e := &l.slots[i]; e.hash != 0 && f(e) {
			l.Delete(e.hash) // another may have moved here
		} else {
			i++
		}
	}
}
