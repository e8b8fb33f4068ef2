// Package digest caches digests of bytes that occur again and again: the
// ClientHello of a program, the certificate of a server.
package digest

import (
	"crypto/md5"
	"crypto/sha1"
	"hash/maphash"
)

// Memo remembers digests of one kind, by a seeded hash of 64 bits that takes a
// fraction of the time. It belongs to one goroutine; the zero value is empty.
type Memo struct {
	seed  maphash.Seed
	known [128]entry
}

type entry struct {
	key uint64
	sum [sha1.Size]byte
}

// MD5 is md5.Sum.
func (m *Memo) MD5(b []byte) [md5.Size]byte {
	e, known := m.find(b)
	if !known {
		sum := md5.Sum(b)
		copy(e.sum[:], sum[:])
	}
	return [md5.Size]byte(e.sum[:])
}

// SHA1 is sha1.Sum.
func (m *Memo) SHA1(b []byte) [sha1.Size]byte {
	e, known := m.find(b)
	if !known {
		e.sum = sha1.Sum(b)
	}
	return e.sum
}

// find gives the place of b, which is its own from now on, and whether it was before.
func (m *Memo) find(b []byte) (e *entry, known bool) {
	if m.seed == (maphash.Seed{}) {
		m.seed = maphash.MakeSeed()
	}
	key := maphash.Bytes(m.seed, b) | 1 // 0 is that of a free place
	e = &m.known[key>>1%uint64(len(m.known))]
	known = e.key == key
	e.key = key
	return e, known
}
