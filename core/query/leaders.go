package query

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
