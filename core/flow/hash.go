package flow

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

const (
	mix0 = 0xa0761d6478bd642f // odd constants with balanced bits
	mix1 = 0xe7037ed1a0b428db
)

// Hash mixes a key with a seed, so that nobody outside can choose keys that
// collide. 64-bit machines multiply twice as wide; the values differ between
// machines and never leave this package.
func (k *Key) Hash(seed uint64) uint32 {
	tail := uint64(k.Port[0])<<48 | uint64(k.Port[1])<<32 | uint64(k.Protocol)<<16 | uint64(k.Version)<<8 | uint64(k.Group)
	if bits.UintSize == 32 {
		return k.hash32(uint32(seed), tail)
	}
	a, b := k.Addr[0][:], k.Addr[1][:]
	h := fold(uint64(binary.LittleEndian.Uint32(a))<<32|uint64(binary.LittleEndian.Uint32(b))^seed^mix0, tail^mix1)
	if k.Version == 6 {
		h = fold(h^binary.LittleEndian.Uint64(a[4:]), binary.LittleEndian.Uint64(b[4:])^mix1)
		h = fold(h^uint64(binary.LittleEndian.Uint32(a[12:])), uint64(binary.LittleEndian.Uint32(b[12:]))^mix0)
	}
	return uint32(h ^ h>>32)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func (k *Key) hash32(seed uint32, tail uint64) uint32 {
	words := 4
	if k.Version == 4 {
		words = 1
	}
	h := seed
	a := (*[2][4]uint32)(unsafe.Pointer(&k.Addr))
	for i := range words {
		h = step32(h, a[0][i])
		h = step32(h, a[1][i])
	}
	h = step32(h, uint32(tail))
	h = step32(h, uint32(tail>>32))
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	return h
}

func step32(h, w uint32) uint32 {
	w *= 0xcc9e2d51
	w = w<<15 | w>>17
	h ^= w * 0x1b873593
	h = h<<13 | h>>19
	return h*5 + 0xe6546b64
}

// equals compares in the pieces that MakeKey writes.
func (k *Key) equals(l *Key) bool {
	a, b := (*[4]uint64)(unsafe.Pointer(&k.Addr)), (*[4]uint64)(unsafe.Pointer(&l.Addr))
	return a[0] == b[0] && a[2] == b[2] && a[1] == b[1] && a[3] == b[3] &&
		k.Port == l.Port && k.Protocol == l.Protocol && k.Version == l.Version && k.Group == l.Group
}
