package engine

import (
	"math/rand/v2"
	"unsafe"

	"netifyd/core/flow"
)

const (
	maxOffloaded = 1024             // entries of a ledger
	ledgerIndex  = 2 * maxOffloaded // a power of two, at most half taken: each probe ends soon
)

// ledger holds what is known of at most maxOffloaded connections or records.
// Its memory is taken with the first of them, since most machines offload
// nothing, and is never more. The zero value is empty.
type ledger[V any] struct {
	entries []entry[V]
	index   []uint16 // place in entries, plus one; 0: free. Open addressing, linear
	seed    uint64
}

type entry[V any] struct {
	key   flow.Key
	at    int64 // when it was last seen, nanoseconds since 1970
	value V
}

// ledgerBytes is the memory of a ledger that holds something.
func ledgerBytes[V any]() int {
	return maxOffloaded*int(unsafe.Sizeof(entry[V]{})) + ledgerIndex*int(unsafe.Sizeof(uint16(0)))
}

// find gives an entry, nil where there is none. Valid until the next forget.
func (l *ledger[V]) find(k *flow.Key) *entry[V] {
	if len(l.entries) == 0 {
		return nil
	}
	if n := *l.slot(k); n != 0 {
		return &l.entries[n-1]
	}
	return nil
}

// add makes an entry for a key that has none; nil where the ledger is full.
// Valid until the next forget.
func (l *ledger[V]) add(k *flow.Key) *entry[V] {
	if l.entries == nil {
		l.entries, l.index, l.seed = make([]entry[V], 0, maxOffloaded), make([]uint16, ledgerIndex), rand.Uint64()
	}
	n := len(l.entries)
	if n == cap(l.entries) {
		return nil
	}
	l.entries = l.entries[:n+1]
	l.entries[n] = entry[V]{key: *k}
	*l.slot(k) = uint16(n + 1)
	return &l.entries[n]
}

// slot is where the index says the place of a key, or would say it.
func (l *ledger[V]) slot(k *flow.Key) *uint16 {
	for i := k.Hash(l.seed) % ledgerIndex; ; i = (i + 1) % ledgerIndex {
		if n := l.index[i]; n == 0 || l.entries[n-1].key == *k {
			return &l.index[i]
		}
	}
}

// forget drops what was last seen before a time. The rest moves together and
// is indexed anew, so that the index has no gaps for probes to stop at.
func (l *ledger[V]) forget(before int64) {
	kept := 0
	for i := range l.entries {
		if l.entries[i].at >= before {
			l.entries[kept] = l.entries[i]
			kept++
		}
	}
	if kept == len(l.entries) {
		return
	}
	l.entries = l.entries[:kept]
	clear(l.index)
	for i := range l.entries {
		*l.slot(&l.entries[i].key) = uint16(i + 1)
	}
}
