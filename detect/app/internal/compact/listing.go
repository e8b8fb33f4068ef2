package compact

import (
	"slices"
	"sort"
)

// perBlock is how many names share a place in the index of a listing.
const perBlock = 12

// listing is a set of names in alphabetical order of their bytes from the last
// to the first, so that a name follows its parents. Blocks of names are found by
// bisection; in a block each name but the first leaves out what it has in common
// with the one before.
//
// blocks: 4 bytes a block, where it begins in names; at the end how many names
// there are. A block: 1 byte, the length of the longest listed name that its
// first name ends in, 0 where there is none; then each name: a byte with how many
// bytes are those of the name before (low half) and how many follow (high half),
// these, value (2). A half of 15 or, for those that follow, of 0 has its number in a
// byte of its own behind; that of the shared ones comes first.
type listing struct {
	blocks, names string
}

func (l *listing) Len() int {
	if len(l.blocks) == 0 {
		return 0
	}
	return int(u32(l.blocks, len(l.blocks)-4))
}

func (l *listing) size() int { return len(l.blocks) + len(l.names) }

// match is a listed name that is a name, or a parent of it.
type match struct {
	number int // in the order of names
	size   int // bytes of it; 0: there is none
	value  uint16
}

// find is the longest listed name that q, reversed, is or is below.
func (l *listing) find(q []byte) match {
	for {
		b := l.block(q)
		if b < 0 {
			return match{}
		}
		best, size := l.scan(b, q)
		if best.size > 0 || size == 0 {
			return best
		}
		q = q[:size]
	}
}

// block is the number of the last block that does not begin behind q; -1: none does.
func (l *listing) block(q []byte) int {
	lo, hi := 0, len(l.blocks)/4-1
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		at := int(u32(l.blocks, mid*4)) + 1
		at, _, size := l.head(at)
		if l.names[at:at+size] <= string(q) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// head is what stands before a name at: the place behind it, how many bytes are
// shared, how many follow.
func (l *listing) head(at int) (next, shared, size int) {
	b := l.names[at]
	at++
	if shared = int(b & 15); shared == 15 {
		shared = int(l.names[at])
		at++
	}
	if size = int(b >> 4); size == 0 {
		size = int(l.names[at])
		at++
	}
	return at, shared, size
}

// scan looks through a block that begins with q or before it. Where it has
// neither q nor a parent, outer is the length of the parent to look for before the block.
func (l *listing) scan(b int, q []byte) (best match, outer int) {
	names := l.names[u32(l.blocks, b*4):]
	outer = int(names[0])
	at, same := 1, 0 // same: bytes that q and the name before begin with
	first, end := b*perBlock, min(l.Len(), (b+1)*perBlock)
	for i := first; i < end; i++ {
		head := names[at]
		at++
		shared, size := int(head&15), int(head>>4)
		if shared == 15 {
			shared = int(names[at])
			at++
		}
		if size == 0 {
			size = int(names[at])
			at++
		}
		at += size + 2
		if shared > same {
			continue // it differs from q where the name before does
		}
		if shared < same {
			break // it differs from the name before where that agrees with q: it is behind q
		}
		rest := names[at-2-size : at-2]
		n := agree(rest, q[same:])
		same += n
		if n < size {
			if same == len(q) || rest[n] > q[same] {
				break
			}
		} else if same == len(q) || q[same] == '.' {
			best = match{i, same, u16(names, at-2)}
		}
		if i == first {
			outer = parent(q, min(outer, same))
		}
	}
	return best, outer
}

// agree is how many bytes a and b begin with in common.
func agree(a string, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// parent is the length of the longest parent of q, reversed, that has at most size bytes; 0: none.
func parent(q []byte, size int) int {
	for ; size > 0; size-- {
		if size < len(q) && q[size] == '.' {
			return size
		}
	}
	return 0
}

// newListing lists names, which are lower-case and each there once.
func newListing(value map[string]uint16) (l listing, number map[string]int) {
	type row struct{ key, name string }
	rows := make([]row, 0, len(value))
	for name := range value {
		rows = append(rows, row{reversed(name), name})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].key < rows[j].key })
	number = make(map[string]int, len(rows))
	var blocks, names []byte
	before := ""
	for i, r := range rows {
		number[r.name] = i
		shared := agree(before, []byte(r.key))
		if i%perBlock == 0 {
			blocks = append32(blocks, uint32(len(names)))
			names = append(names, uint8(listedEnd(r.name, value)))
			shared = 0
		}
		v := value[r.name]
		names = appendHead(names, shared, len(r.key)-shared)
		names = append(append(names, r.key[shared:]...), byte(v), byte(v>>8))
		before = r.key
	}
	if len(rows) > 0 {
		blocks = append32(blocks, uint32(len(rows)))
	}
	return listing{string(blocks), string(names)}, number
}

func appendHead(names []byte, shared, size int) []byte {
	low, high := min(shared, 15), size
	if size > 15 {
		high = 0
	}
	names = append(names, byte(low|high<<4))
	if low == 15 {
		names = append(names, byte(shared))
	}
	if high == 0 {
		names = append(names, byte(size))
	}
	return names
}

func reversed(name string) string {
	b := []byte(name)
	slices.Reverse(b)
	return string(b)
}

// listedEnd is the length of the longest listed name that name ends in; 0: none.
// It need not be a parent: of a.example and b-a.example, b-a.example ends in the
// former, and comes between it and what is below it.
func listedEnd(name string, value map[string]uint16) int {
	for i := 1; i < len(name); i++ {
		if _, ok := value[name[i:]]; ok {
			return len(name) - i
		}
	}
	return 0
}
