// Package hint remembers which name a DNS answer gave to an address, for the
// client that asked, so that a flow which carries no name of its own can be
// told. The table is fixed: four places for each set of clients and addresses,
// of which the one that ends first goes when all are taken.
package hint

import (
	"encoding/binary"
	"math/bits"
	"sync"
	"unsafe"
)

// NameRoom is the longest name that is remembered; longer ones are counted and left.
const NameRoom = 79

const ways = 4

type entry struct {
	expire uint32 // seconds since 1970
	app    uint32 // application of the name
	at     uint16 // moment of the oldest answer that gave the name, while it held; the lower 24 bits
	atLow  uint8
	n      uint8
	mixed  bool // names of several applications share the address
	name   [NameRoom]byte
}

// Table holds names by client and address. It may be shared by goroutines: it
// is read once when a flow starts and written when a DNS answer passes.
type Table struct {
	mu      sync.Mutex
	keys    []uint64 // of client and address, by entry; 0: free. Those of a set lie in one cache line
	entries []entry
	sets    uint64
	max     uint32 // upper bound of a life, seconds
	seed    uint64
	stats   Stats
}

// Stats counts what happened to answers and questions.
type Stats struct {
	Len     int    // names held, those that ended included
	Hits    uint64 // flows that found a name
	Evicted uint64 // names that went before their time
	TooLong uint64 // names longer than NameRoom
}

// New returns a table of about n names whose lives are cut to maxTTL seconds.
// 0 names: nothing is ever remembered.
func New(n int, maxTTL uint32, seed uint64) *Table {
	sets := (n + ways - 1) / ways
	return &Table{keys: make([]uint64, sets*ways), entries: make([]entry, sets*ways), sets: uint64(sets), max: maxTTL, seed: seed}
}

// Bytes is the memory of a table of n names.
func Bytes(n int) int { return (n + ways - 1) / ways * ways * int(unsafe.Sizeof(entry{})+8) }

func (t *Table) key(client, addr *[16]byte) uint64 {
	h := t.seed ^ 0x9e3779b97f4a7c15
	for _, a := range [...]*[16]byte{client, addr} {
		for i := 0; i < 16; i += 8 {
			hi, lo := bits.Mul64(h^binary.LittleEndian.Uint64(a[i:]), 0xe7037ed1a0b428db)
			h = hi ^ lo ^ 0xa0761d6478bd642f
		}
	}
	if h == 0 {
		h = 1
	}
	return h
}

// set is where the entries of a key's set begin.
func (t *Table) set(key uint64) int {
	hi, _ := bits.Mul64(key, t.sets)
	return int(hi) * ways
}

// moment is a time in units of four milliseconds, as far as 24 bits hold it: 19 hours.
func moment(ns int64) uint32 { return uint32(ns>>22) & 0xffffff }

// longAgo is an hour and more, in moments.
const longAgo = 1 << 20

// since is the moment from which on the name was known.
func (e *entry) since() uint32 { return uint32(e.at)<<8 | uint32(e.atLow) }

func (e *entry) setSince(m uint32) { e.at, e.atLow = uint16(m>>8), uint8(m) }

// Learn notes that addr is name for client, for ttl seconds at most from the
// time of the answer, in nanoseconds since 1970, and which application the name
// belongs to. Addresses are in network order, IPv4 in the first four bytes.
func (t *Table) Learn(client, addr *[16]byte, name []byte, app uint32, time int64, ttl uint32) {
	now := uint32(time / 1e9)
	if t.sets == 0 || len(name) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(name) > NameRoom {
		t.stats.TooLong++
		return
	}
	key := t.key(client, addr)
	set := t.set(key)
	at := set
	for i := set; i < set+ways; i++ {
		if t.keys[i] == key || t.keys[i] == 0 {
			at = i
			break
		}
		if t.entries[i].expire < t.entries[at].expire {
			at = i
		}
	}
	e, was := &t.entries[at], t.keys[at]
	switch {
	case was == 0:
		t.stats.Len++
	case was != key && e.expire > now:
		t.stats.Evicted++
	}
	// An answer is used for a while after its TTL: caches keep the connection
	// that they opened with it, so a life is never shorter than a minute.
	// An address that stands for several applications tells nothing, until the
	// older answer ends.
	lives := was == key && e.expire >= now
	e.mixed = lives && (e.mixed || e.app != app)
	if at := moment(time); !lives || string(e.name[:e.n]) != string(name) {
		e.setSince(at)
	} else if (at-e.since())&0xffffff > longAgo { // else it would lie in the future one day
		e.setSince(at - longAgo)
	}
	e.app = app
	t.keys[at], e.expire, e.n = key, now+min(max(ttl, 60), t.max), uint8(len(name))
	copy(e.name[:], name)
}

// Limit sets another upper bound of a life, also for the names that are held.
func (t *Table) Limit(maxTTL, now uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.max = maxTTL
	for i := range t.entries {
		t.entries[i].expire = min(t.entries[i].expire, now+maxTTL)
	}
}

// Shift moves the ends of all names by so many nanoseconds, where the clock was set.
func (t *Table) Shift(by int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, k := range t.keys {
		if e := &t.entries[i]; k != 0 {
			e.expire = uint32(min(max(int64(e.expire)+by/1e9, 0), 1<<32-1))
			e.setSince(e.since() + uint32(by>>22))
		}
	}
}

// Anytime is for Lookup where it does not matter when the name was given.
const Anytime = 0

// Lookup appends the name that client was given for addr to dst; ok says
// whether there is one, and one application only. now is when it must hold,
// in seconds since 1970, until the time after which it must not have been given
// first, in nanoseconds, or Anytime.
func (t *Table) Lookup(dst []byte, client, addr *[16]byte, now uint32, until int64) (name []byte, ok bool) {
	if t.sets == 0 {
		return dst, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := t.key(client, addr)
	set := t.set(key)
	for i, k := range t.keys[set : set+ways] {
		if k != key {
			continue
		}
		e := &t.entries[set+i]
		if e.expire >= now && !e.mixed && (until == Anytime || (moment(until)-e.since())&0xffffff <= 0xffffff-longAgo) {
			t.stats.Hits++
			return append(dst, e.name[:e.n]...), true
		}
	}
	return dst, false
}

// Stats is a copy of the counters.
func (t *Table) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}
