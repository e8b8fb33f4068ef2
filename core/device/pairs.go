package device

import (
	"encoding/binary"
	"unsafe"
)

// entry is one pair of hardware and IP address.
type entry struct {
	mac     [6]byte
	version uint8 // 0: free
	addr    [16]byte
}

const ways = 8

// Pairs are the hardware addresses of the local side and the IP addresses that
// each was seen with since the last report, in fixed memory: what finds all its
// places taken is counted and left.
type Pairs struct {
	entries []entry
	// Refused counts pairs that had no room.
	Refused uint64
}

// NewPairs returns room for about n pairs.
func NewPairs(n int) *Pairs { return &Pairs{entries: make([]entry, (n+ways-1)/ways*ways)} }

// PairBytes is the memory of room for n pairs.
func PairBytes(n int) int { return (n + ways - 1) / ways * ways * int(unsafe.Sizeof(entry{})) }

// Saw notes a pair. Group addresses and the zero address are no devices.
func (t *Pairs) Saw(mac [6]byte, version uint8, addr *[16]byte) {
	if mac[0]&1 != 0 || mac == ([6]byte{}) || len(t.entries) == 0 || *addr == ([16]byte{}) {
		return
	}
	h := hash(binary.LittleEndian.Uint32(mac[2:]), addr)
	at := int(h%uint32(len(t.entries)/ways)) * ways
	for i := at; i < at+ways; i++ {
		e := &t.entries[i]
		if e.version == 0 {
			*e = entry{mac, version, *addr}
			return
		}
		if e.mac == mac && e.addr == *addr && e.version == version {
			return
		}
	}
	t.Refused++
}

// Drain calls fn for every pair and forgets them.
func (t *Pairs) Drain(fn func(mac [6]byte, version uint8, addr [16]byte)) {
	for i := range t.entries {
		if e := &t.entries[i]; e.version != 0 {
			fn(e.mac, e.version, e.addr)
			*e = entry{}
		}
	}
}
