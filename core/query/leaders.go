package query

import "netifyd/core/flow"

// leaders are the first rows of an order, at most n: a heap whose root is the
// last of them. Keys are turned where the order rises, so that the largest is first.
type leaders struct {
	list  []ranked
	n     int
	turn  uint64
	least uint64 // a key below it has no place: most have none in a full table
}

func newLeaders(list []ranked, n int, rising bool) *leaders {
	h := &leaders{list: list, n: n}
	if rising {
		h.turn = ^h.turn
	}
	return h
}

// behind says that x stands behind y.
func (x *ranked) behind(y *ranked) bool {
	return x.key < y.key || x.key == y.key && x.place > y.place
}

// offer takes a row in whose key is turned.
func (h *leaders) offer(x ranked) {
	switch {
	case h.n == 0:
		return
	case len(h.list) < h.n:
		if h.list = append(h.list, x); len(h.list) < h.n {
			return
		}
		h.build()
	case h.list[0].behind(&x):
		h.sink(0, x)
	}
	h.least = h.list[0].key
}

// recordKey is what a flow is sorted by in a column that its record holds.
type recordKey uint8

const (
	byRate recordKey = iota + 1
	byDownRate
	byUpRate
	byBytes
)

func (k recordKey) of(r *flow.Record) uint64 {
	switch k {
	case byRate:
		return uint64(r.Rate[0]) + uint64(r.Rate[1])
	case byDownRate:
		return uint64(r.Rate[1-r.Local()])
	case byUpRate:
		return uint64(r.Rate[r.Local()])
	}
	return r.TotalBytes
}

// offerAll offers the flows of a part of the table whose first place is at, and
// counts them.
func (h *leaders) offerAll(part []flow.Record, at int, key recordKey) (n int) {
	for i := 0; i < len(part); i++ {
		passed, flows, k := h.pass(part[i:], key)
		n += flows
		if i += passed; i < len(part) {
			h.offer(ranked{k, int32(at + i), part[i].First})
		}
	}
	return n
}

// pass goes to the first flow of part that may have a place, and counts flows up
// to it. It calls nothing: 8192 flows are looked at here, and few have a place.
func (h *leaders) pass(part []flow.Record, key recordKey) (at, flows int, k uint64) {
	turn, least := h.turn, h.least
	for at = range part {
		r := &part[at]
		if !r.Shown() {
			continue
		}
		flows++
		if k = key.of(r) ^ turn; k >= least {
			return at, flows, k
		}
	}
	return len(part), flows, 0
}

// sink puts a row into the heap at a place, or below it.
func (h *leaders) sink(at int, x ranked) {
	list := h.list
	for {
		child := 2*at + 1
		if child >= len(list) {
			break
		}
		if next := child + 1; next < len(list) && list[next].behind(&list[child]) {
			child = next
		}
		if !list[child].behind(&x) {
			break
		}
		list[at] = list[child]
		at = child
	}
	list[at] = x
}

// build makes a heap of rows in any order.
func (h *leaders) build() {
	for i := len(h.list)/2 - 1; i >= 0; i-- {
		h.sink(i, h.list[i])
	}
}

// sorted gives the rows, the first one first. Nothing may be offered after it.
func (h *leaders) sorted() []ranked {
	all := h.list
	h.build()
	for end := len(all) - 1; end > 0; end-- {
		last := all[end]
		all[end], h.list = all[0], all[:end]
		h.sink(0, last)
	}
	return all
}
