package device

import "netifyd/core/wire"

// Types of records (RFC 1035, section 3.2.2; RFC 3596).
const (
	typeA    = 1
	typePTR  = 12
	typeAAAA = 28
)

// maxRecords is how many records of a message are read.
const maxRecords = 32

// header is what matters of a message's first twelve bytes (RFC 1035, section 4.1.1).
type header struct{ questions, answers, all int }

// readHeader reads the header of a response, which has no error.
func readHeader(m []byte) (h header, ok bool) {
	c := wire.New(m)
	c.Skip(2)
	flags := c.U16()
	h.questions, h.answers = int(c.U16()), int(c.U16())
	h.all = h.answers + int(c.U16()) + int(c.U16())
	return h, c.Ok() && flags&0x8000 != 0 && flags&0x000f == 0
}

// skipName gives the place after a name, 0 where it is broken.
func skipName(m []byte, at int) int {
	for at < len(m) {
		switch n := int(m[at]); {
		case n == 0:
			return at + 1
		case n >= 0xc0:
			return at + 2
		case n > 63:
			return 0
		default:
			at += 1 + n
		}
	}
	return 0
}

// firstLabel is the first label of the name at a place, through pointers; next
// is where the following one begins.
func firstLabel(m []byte, at int) (label []byte, next int) {
	for hops := 0; at+1 < len(m) && hops < 8; hops++ {
		n := int(m[at])
		if n >= 0xc0 {
			at = (n&0x3f)<<8 | int(m[at+1])
			continue
		}
		if n == 0 || n > 63 || at+1+n > len(m) {
			return nil, 0
		}
		return m[at+1 : at+1+n], at + 1 + n
	}
	return nil, 0
}

// records calls fn for the records of a response, the first maxRecords: where
// the owner's name is, the type, and where the data is.
func records(m []byte, fn func(owner int, kind uint16, data []byte, at int)) {
	h, ok := readHeader(m)
	if !ok {
		return
	}
	at := 12
	for range min(h.questions, maxRecords) {
		if at = skipName(m, at); at == 0 || at+4 > len(m) {
			return
		}
		at += 4
	}
	for range min(h.all, maxRecords) {
		owner := at
		if at = skipName(m, at); at == 0 || at+10 > len(m) {
			return
		}
		kind := uint16(m[at])<<8 | uint16(m[at+1])
		size := int(m[at+8])<<8 | int(m[at+9])
		at += 10
		if at+size > len(m) {
			return
		}
		fn(owner, kind, m[at:at+size], at)
		at += size
	}
}

// hearMDNS takes the name that a device answers for its own address, and which
// services it offers (RFC 6762, RFC 6763, section 4). What it repeats for
// others, as reflectors do, is not its own.
func (t *Table) hearMDNS(id ID, version uint8, addr *[16]byte, m []byte) {
	records(m, func(owner int, kind uint16, data []byte, at int) {
		switch kind {
		case typeA, typeAAAA:
			if label, _ := firstLabel(m, owner); t.owns(id, version, addr, data) {
				t.name(id, FromMDNS, label)
			}
		case typePTR:
			if service, _ := firstLabel(m, owner); len(service) > 1 && service[0] == '_' && string(service) != "_services" {
				t.weigh(id, byMDNS, service)
			}
		}
	})
}

// hearLLMNR takes the name that a device answers for itself (RFC 4795, section 2.1).
func (t *Table) hearLLMNR(id ID, version uint8, addr *[16]byte, m []byte) {
	records(m, func(owner int, kind uint16, data []byte, _ int) {
		if label, _ := firstLabel(m, owner); (kind == typeA || kind == typeAAAA) && t.owns(id, version, addr, data) {
			t.name(id, FromNetBIOS, label)
		}
	})
}

// owns says that the address in a record is the sender's, or another one of the device.
func (t *Table) owns(id ID, version uint8, addr *[16]byte, data []byte) bool {
	d := &t.devices[id]
	switch len(data) {
	case 4:
		return version == 4 && [4]byte(data) == [4]byte(addr[:4]) || [4]byte(data) == d.V4
	case 16:
		if version == 6 && [16]byte(data) == *addr {
			return true
		}
		for i := range d.V6 {
			if d.V6[i] == [16]byte(data) && d.V6[i] != ([16]byte{}) {
				return true
			}
		}
	}
	return false
}
