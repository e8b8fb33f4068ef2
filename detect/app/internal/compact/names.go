package compact

import (
	"encoding/binary"
	"unsafe"
)

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

// NewNames makes a set of n names that lie in text, and takes no more memory on
// the way than the set has. each calls fn for every name: it begins at from, is
// lower-case and has a value that is not 0. each is called twice and gives the same names
// both times. Of equal names the first stays. The order of names is kept
// within a bucket, so that equal input gives equal output.
func NewNames(text string, n int, each func(fn func(from, size int, value uint16))) Names {
	if n == 0 {
		return Names{}
	}
	le := binary.LittleEndian
	// Of each bucket first the size, one place behind its own; then where it
	// begins; when it is filled where it ends.
	starts := make([]byte, 4*(n+1))
	each(func(from, size int, _ uint16) {
		at := starts[4*bucket(hashOf(text[from:from+size]), n)+4:]
		le.PutUint32(at, le.Uint32(at)+1)
	})
	for at := 4; at < len(starts); at += 4 {
		le.PutUint32(starts[at:], le.Uint32(starts[at:])+le.Uint32(starts[at-4:]))
	}
	recs := make([]byte, n*nameSize)
	each(func(from, size int, value uint16) {
		hash := hashOf(text[from : from+size])
		at := starts[4*bucket(hash, n):]
		rec := recs[int(le.Uint32(at))*nameSize:]
		le.PutUint32(rec, uint32(from))
		rec[4], rec[5] = uint8(size), uint8(hash)
		le.PutUint16(rec[6:], value)
		le.PutUint32(at, le.Uint32(at)+1)
	})
	kept, from := 0, 0 // records
	for b := 0; b < 4*n; b += 4 {
		first, end := kept, int(le.Uint32(starts[b:]))
		for ; from < end; from++ {
			if rec := recs[from*nameSize:][:nameSize]; !seen(text, recs[first*nameSize:kept*nameSize], rec) {
				copy(recs[kept*nameSize:], rec)
				kept++
			}
		}
		le.PutUint32(starts[b:], uint32(first))
	}
	le.PutUint32(starts[4*n:], uint32(kept))
	return Names{text: text, starts: asString(starts), recs: asString(recs[:kept*nameSize])}
}

// asString is b without a copy; nobody may write to b from now on.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// seen says that the name of a record is among those of others of its bucket.
func seen(text string, before, rec []byte) bool {
	for ; len(before) > 0; before = before[nameSize:] {
		if before[4] == rec[4] && before[5] == rec[5] && nameOf(text, before) == nameOf(text, rec) {
			return true
		}
	}
	return false
}

func nameOf(text string, rec []byte) string {
	from := binary.LittleEndian.Uint32(rec)
	return text[from : from+uint32(rec[4])]
}

func append32(b []byte, v uint32) []byte {
	return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}
