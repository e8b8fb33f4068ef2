// Package pftable puts addresses of flows into tables of FreeBSD's pf. It was
// built against recorded layouts of the kernel's structures (net/pfvar.h, the
// same from FreeBSD 9 to 15) and a stand-in for the device; it has not run on
// FreeBSD itself.
package pftable

import "unsafe"

// Requests to /dev/pf: _IOWR('D', number, struct pfioc_table).
const (
	addTables = 61 // DIOCRADDTABLES
	delTables = 62 // DIOCRDELTABLES
	addAddrs  = 67
	delAddrs  = 68
	getAddrs  = 70
)

// request is the number that ioctl takes (sys/ioccom.h).
func request(number uintptr) uintptr {
	return 0xc0000000 | unsafe.Sizeof(pfioc{})&0x1fff<<16 | 'D'<<8 | number
}

const (
	flagFeedback = 4 // PFR_FLAG_FEEDBACK
	flagPersist  = 1 // PFR_TFLAG_PERSIST

	fedAdded = 2 // PFR_FB_ADDED

	inet, inet6 = 2, 28 // AF_INET, AF_INET6 of FreeBSD
)

// table is struct pfr_table.
type table struct {
	anchor [1024]byte
	name   [32]byte
	flags  uint32
	fed    uint8
	_      [3]byte
}

// addr is struct pfr_addr.
type addr struct {
	address [16]byte
	family  uint8
	bits    uint8
	not     uint8
	fed     uint8
}

// pfioc is struct pfioc_table.
type pfioc struct {
	table  table
	buffer unsafe.Pointer
	esize  int32
	size   int32
	_      int32    // pfrio_size2
	added  int32    // pfrio_nadd
	_      [2]int32 // ndel, nchange
	flags  int32
	_      uint32 // ticket
}

// device is /dev/pf, or what stands in for it in tests.
type device interface {
	do(number uintptr, p *pfioc) error
	close() error
}
