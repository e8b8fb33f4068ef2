package device

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sort"

	"netifyd/core/file"
)

// VendorFiles are where the optional package puts its table of makers. It is
// never fetched: testdata/make/vendors makes it of the list that the IEEE publishes
// (MA-L, https://standards-oui.ieee.org/oui/oui.csv).
var VendorFiles = []string{"/usr/share/netifyd/vendors", "/usr/local/share/netifyd/vendors"}

// Form of the file: magic, u32 n, n times three bytes of a hardware address, in
// rising order, and u24 where its name begins in the rest; there a name is a
// length (u8) and so much text. Numbers are little-endian. It is read by seeking,
// about 16 reads of 6 bytes for an address.
const (
	vendorMagic = "NFYVEND1"
	vendorHead  = len(vendorMagic) + 4
	vendorEntry = 6
	maxVendors  = 1 << 20
)

// Vendor is a maker and the first half of its hardware addresses.
type Vendor struct {
	Prefix [3]byte
	Name   string
}

var errVendors = errors.New("no table of makers in the form of this version")

// AppendVendors makes the content of a file. Equal names are written once; of a
// prefix that comes twice the first counts.
func AppendVendors(dst []byte, list []Vendor) ([]byte, error) {
	list = slices.Clone(list)
	sort.SliceStable(list, func(i, j int) bool { return bytes.Compare(list[i].Prefix[:], list[j].Prefix[:]) < 0 })
	list = slices.CompactFunc(list, func(a, b Vendor) bool { return a.Prefix == b.Prefix })
	dst = binary.LittleEndian.AppendUint32(append(dst, vendorMagic...), uint32(len(list)))
	at, names := map[string]int{}, []byte(nil)
	for _, v := range list {
		n := makeName(FromUser, []byte(v.Name))
		text := n.bytes()
		offset, ok := at[string(text)]
		if !ok {
			offset = len(names)
			at[string(text)] = offset
			names = append(append(names, byte(len(text))), text...)
		}
		if offset >= 1<<24 {
			return nil, errors.New("more names than the form has room for")
		}
		dst = append(append(dst, v.Prefix[:]...), byte(offset), byte(offset>>8), byte(offset>>16))
	}
	return append(dst, names...), nil
}

// FindVendor looks a hardware address up in a file; empty: it is not in it.
func FindVendor(r io.ReaderAt, mac [6]byte) (string, error) {
	var head [vendorHead]byte
	if _, err := r.ReadAt(head[:], 0); err != nil || string(head[:len(vendorMagic)]) != vendorMagic {
		return "", cmp.Or(err, errVendors)
	}
	count := int(binary.LittleEndian.Uint32(head[len(vendorMagic):]))
	if count > maxVendors {
		return "", errVendors
	}
	var e [vendorEntry]byte
	for low, high := 0, count; low < high; {
		middle := (low + high) / 2
		if _, err := r.ReadAt(e[:], int64(vendorHead+middle*vendorEntry)); err != nil {
			return "", err
		}
		switch order := slices.Compare(mac[:3], e[:3]); {
		case order < 0:
			high = middle
		case order > 0:
			low = middle + 1
		default:
			at := int64(vendorHead+count*vendorEntry) + int64(e[3]) + int64(e[4])<<8 + int64(e[5])<<16
			var name [256]byte
			n, err := r.ReadAt(name[:], at)
			if n == 0 || int(name[0]) >= n {
				return "", cmp.Or(err, errVendors)
			}
			found := makeName(FromUser, name[1:1+name[0]]) // as of any stranger: no control characters
			return found.String(), nil
		}
	}
	return "", nil
}

// vendorNames is how many different makers are remembered.
const vendorNames = 512

// Places of Device.vendor below those of names.
const (
	vendorUnasked uint16 = iota
	vendorUnknown
	vendorFirst
)

// Vendor is who made the network card of a device; empty where nobody knows.
// The caller holds the lock.
func (t *Table) Vendor(d *Device) string {
	if d.vendor < vendorFirst {
		return ""
	}
	return t.vendors[d.vendor-vendorFirst]
}

// FindVendors looks up the makers of devices that came since it was called last,
// in the first of some files that is there. It takes the lock, and not while it reads.
func (t *Table) FindVendors(paths []string) error {
	type asked struct {
		id     ID
		number uint32
		mac    [6]byte
	}
	var list []asked
	t.Lock()
	for id := firstID; int(id) < len(t.devices); id++ {
		if d := &t.devices[id]; d.Kind == ByMAC && d.vendor == vendorUnasked {
			list = append(list, asked{id, d.Number, d.MAC()})
		}
	}
	t.Unlock()
	if len(list) == 0 {
		return nil
	}
	for _, path := range paths {
		f, err := file.Open(path)
		if err != nil {
			continue
		}
		defer f.Close()
		for _, x := range list {
			name := ""
			if x.mac[0]&2 == 0 { // else the address was made up
				if name, err = FindVendor(f, x.mac); err != nil {
					return err
				}
			}
			t.Lock()
			if d := t.At(x.id); d != nil && d.Number == x.number {
				d.vendor = t.vendorPlace(name)
			}
			t.Unlock()
		}
		return nil
	}
	return nil
}

// vendorPlace is where a name stands in vendors.
func (t *Table) vendorPlace(name string) uint16 {
	at := slices.Index(t.vendors, name)
	switch {
	case name == "" || at < 0 && len(t.vendors) == vendorNames:
		return vendorUnknown
	case at < 0:
		at = len(t.vendors)
		t.vendors = append(t.vendors, name)
	}
	return uint16(at) + vendorFirst
}
