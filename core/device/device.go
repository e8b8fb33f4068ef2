// Package device remembers which hardware addresses of the local side were
// seen with which IP addresses since the last report.
package device

import "unsafe"

// entry is one pair of hardware and IP address.
type entry struct {
	mac     [6]byte
	version uint8 // 0: free
	addr    [16]byte
}

const ways = 8

// Table holds pairs in fixed memory: what finds all its places taken is counted and left.
type Table struct {
	entries []entry
	// Refused counts pairs that had no room.
	Refused uint64
}

// New returns a table of about n pairs.
func New(n int) *Table { return &Table{entries: make([]entry, (n+ways-1)/ways*ways)} }

// Bytes is the memory of a table of n pairs.
func Bytes(n int) int { return (n + ways - 1) / ways * ways * int(unsafe.Sizeof(entry{})) }

// Saw notes a pair. Group addresses and the zero address are no devices.
func (t *Table) Saw(mac [6]byte, version uint8, addr *[16]byte) {
	if mac[0]&1 != 0 || mac == ([6]byte{}) || len(t.entries) == 0 || *addr == ([16]byte{}) {
		return
	}
	h := uint32(2166136261)
	for _, b := range mac {
		h = (h ^ uint32(b)) * 16777619
	}
	for _, b := range addr {
		h = (h ^ uint32(b)) * 16777619
	}
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
func (t *Table) Drain(fn func(mac [6]byte, version uint8, addr [16]byte)) {
	for i := range t.entries {
		if e := &t.entries[i]; e.version != 0 {
			fn(e.mac, e.version, e.addr)
			*e = entry{}
		}
	}
}
