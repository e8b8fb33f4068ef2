package compact

import "unsafe"

// Names is a set of lower-case domain names with a value each, which stay in the
// text that they were read from. A name is found by hash: the records lie in the
// order of their buckets, each with eight more bits of the hash, and the text is
// compared before it counts.
type Names struct {
	text   string
	starts string // 4 bytes a bucket, and one more: number of its first record
	recs   string // 8 bytes: text (4), length, more of the hash, value (2)
}

const nameSize = 8

// Len is how many names there are; Size their bytes with the index.
func (n *Names) Len() int  { return len(n.recs) / nameSize }
func (n *Names) Size() int { return len(n.text) + len(n.starts) + len(n.recs) }

// bucket is where a hash belongs among n buckets.
func bucket(hash uint32, n int) int { return int(uint64(hash) * uint64(n) >> 32) }

// find is the number of the record of name, whose hash is given; -1: none.
func (n *Names) find(name []byte, hash uint32) int {
	buckets := len(n.starts)/4 - 1
	if buckets <= 0 {
		return -1
	}
	b := bucket(hash, buckets) * 4
	for i, end := int(u32(n.starts, b)), int(u32(n.starts, b+4)); i < end; i++ {
		at := i * nameSize
		if n.recs[at+5] == uint8(hash) && int(n.recs[at+4]) == len(name) && n.same(u32(n.recs, at), name) {
			return i
		}
	}
	return -1
}

func (n *Names) same(from uint32, name []byte) bool {
	text := n.text[from : int(from)+len(name)]
	for i, c := range name {
		if fold[c] != text[i] {
			return false
		}
	}
	return true
}

func (n *Names) value(i int) uint16 { return u16(n.recs, i*nameSize+6) }

// Find is the value of the longest listed suffix of name, and where in name it
// begins. 0: none is listed. s comes from Split, name too.
func (n *Names) Find(name []byte, s *Suffixes) (value uint16, from int) {
	for k := s.n - 1; k >= 0; k-- {
		if i := n.find(name[s.at[k]:], s.hash[k]); i >= 0 {
			return n.value(i), int(s.at[k])
		}
	}
	return 0, 0
}

// Entry is a name to be listed: where it lies in a text, and its value, which is not 0.
type Entry struct {
	hash, from uint32
	value      uint16
	size       uint8
}

// NewEntry lists text[from:from+size], which is a lower-case name.
func NewEntry(text string, from, size int, value uint16) Entry {
	return Entry{hash: hashOf(text[from : from+size]), from: uint32(from), size: uint8(size), value: value}
}

// NewNames makes a set of names that lie in text. Of equal names the first
// stays. The order of entries is kept within a bucket, so that equal input
// gives equal output.
func NewNames(text string, entries []Entry) Names {
	n := len(entries)
	if n == 0 {
		return Names{}
	}
	next := make([]uint32, n+1) // first the sizes of buckets, then their starts, in the end where each ends
	for i := range entries {
		next[bucket(entries[i].hash, n)+1]++
	}
	for b := 1; b <= n; b++ {
		next[b] += next[b-1]
	}
	order := make([]uint32, n)
	for i := range entries {
		b := bucket(entries[i].hash, n)
		order[next[b]] = uint32(i)
		next[b]++
	}
	recs := make([]byte, 0, n*nameSize)
	starts := make([]byte, 0, 4*(n+1))
	from := uint32(0)
	for _, end := range next[:n] {
		starts = append32(starts, uint32(len(recs)/nameSize))
		here := order[from:end]
		for k, i := range here {
			if e := &entries[i]; !seen(text, entries, here[:k], e) {
				recs = append32(recs, e.from)
				recs = append(recs, e.size, uint8(e.hash), uint8(e.value), uint8(e.value>>8))
			}
		}
		from = end
	}
	starts = append32(starts, uint32(len(recs)/nameSize))
	return Names{text: text, starts: asString(starts), recs: asString(recs)}
}

// asString is b without a copy; nobody may write to b from now on.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func seen(text string, entries []Entry, before []uint32, e *Entry) bool {
	for _, i := range before {
		o := &entries[i]
		if o.hash == e.hash && o.size == e.size && text[o.from:o.from+uint32(o.size)] == text[e.from:e.from+uint32(e.size)] {
			return true
		}
	}
	return false
}

func append32(b []byte, v uint32) []byte {
	return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}
