package compact

import (
	"encoding/binary"
	"math/bits"
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
	keys          []uint64 // the first bytes of the first name of each block, see key
}

// key is the first eight bytes of a name as a number: of two names the one with
// the smaller number comes first, and those of equal numbers are to be compared.
func key(name []byte) (k uint64) {
	if len(name) >= 8 {
		return binary.BigEndian.Uint64(name)
	}
	for i, c := range name {
		k |= uint64(c) << (56 - 8*i)
	}
	return k
}

// index makes the keys of a listing that is sound.
func (l *listing) index() {
	l.keys = make([]uint64, max(len(l.blocks)/4-1, 0))
	for b := range l.keys {
		first := l.first(b)
		l.keys[b] = key([]byte(first[:min(len(first), 8)]))
	}
}

// first is the first name of a block.
func (l *listing) first(b int) string {
	at, _, size := l.head(int(u32(l.blocks, b*4)) + 1)
	return l.names[at : at+size]
}

func (l *listing) Len() int {
	if len(l.blocks) == 0 {
		return 0
	}
	return int(u32(l.blocks, len(l.blocks)-4))
}

func (l *listing) size() int { return len(l.blocks) + len(l.names) + 8*len(l.keys) }

// match is a listed name that is a name, or a parent of it.
type match struct {
	number int // in the order of names
	size   int // bytes of it; 0: there is none
	value  uint16
}

// find is the longest listed name that q, reversed, is or is below.
func (l *listing) find(q []byte) match {
	for {
		start := key(q)
		b := l.block(q, start)
		if b < 0 {
			return match{}
		}
		best, size := l.scan(b, q, start)
		if best.size > 0 || size == 0 {
			return best
		}
		q = q[:size]
	}
}

// block is the number of the last block that does not begin behind q; -1: none
// does. start is its key. The first loop is one without a branch to guess, for q is as likely here as there.
func (l *listing) block(q []byte, start uint64) int {
	keys, lo := l.keys, 0
	for n := len(keys); n > 0; {
		half := int(uint(n+1) / 2)
		_, less := bits.Sub64(keys[lo+half-1], start, 0)
		lo += half & -int(less)
		n -= half
	}
	hi := lo
	for hi < len(keys) && keys[hi] == start {
		hi++
	}
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); l.first(mid) <= string(q) {
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
// neither q nor a parent, outer is the length of the parent to look for before the
// block. start is the key of q.
func (l *listing) scan(b int, q []byte, start uint64) (best match, outer int) {
	names, at := l.names, int(u32(l.blocks, b*4))
	longest := int(names[at])
	at, _, size := l.head(at + 1)
	same := min(bits.LeadingZeros64(l.keys[b]^start)/8, size, len(q)) // bytes that q and the name before begin with
	same += agree(names[at+same:at+size], q[same:])
	outer = parent(q, min(longest, same))
	found, value := -1, 0 // number of the name in the block, and where its value is
	at += size
	if same == size && ends(q, same) {
		found, value, best.size = 0, at, same
	}
	at += 2
	left := min(l.Len()-b*perBlock, perBlock)
	for i := 1; i < left && same < len(q); i++ {
		head := names[at]
		shared, size := int(head&15), int(head>>4)
		at++
		if shared == 15 || size == 0 {
			at, shared, size = l.head(at - 1)
		}
		from := at
		at += size + 2
		if shared > same {
			continue // it differs from q where the name before does
		}
		if shared < same || names[from] > q[same] {
			break // it differs from the name before where that agrees with q, or from q: it is behind q
		}
		if names[from] < q[same] {
			continue
		}
		n := agree(names[from:from+size], q[same:])
		same += n
		if n == size && ends(q, same) {
			found, value, best.size = i, from+size, same
		}
	}
	if found >= 0 {
		best.number, best.value = b*perBlock+found, u16(names, value)
	}
	return best, outer
}

// ends says that a name or a parent of q ends at a place of it.
func ends(q []byte, at int) bool { return at == len(q) || q[at] == '.' }

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
	return listing{blocks: string(blocks), names: string(names)}, number
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
