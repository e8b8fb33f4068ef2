package device

import "encoding/binary"

// What is written of a device: number, kind, flags, key, first and last time,
// IPv4 address, two names, each with origin and length, the type that the user gave,
// and the number of the device that it is the same as (not in files of version 0.1).
const savedSize = 4 + 1 + 1 + 16 + 4 + 4 + 4

// Export appends every device, each as a record that seal ends, if there was
// something to keep since the last time; changed says so. The number of the next
// device comes first. It takes the lock.
func (t *Table) Export(dst []byte, seal func(b []byte, at int) []byte) (b []byte, changed bool) {
	t.Lock()
	defer t.Unlock()
	for i := firstID; int(i) < len(t.devices); i++ {
		changed = changed || t.devices[i].Flags&Changed != 0
	}
	if changed = changed || t.unsaved; !changed {
		return dst, false
	}
	at := len(dst)
	dst = seal(binary.LittleEndian.AppendUint32(append(dst, 0, 0, 0, 0), t.next), at)
	for i := firstID; int(i) < len(t.devices); i++ {
		if d := &t.devices[i]; d.Kind != ByNothing {
			d.Flags &^= Changed
			at := len(dst)
			dst = seal(t.append(d, append(dst, 0, 0, 0, 0)), at)
		}
	}
	t.unsaved = false
	return dst, true
}

// Unsaved says that what Export gave was not written. It takes the lock.
func (t *Table) Unsaved() {
	t.Lock()
	t.unsaved = true
	t.Unlock()
}

func (t *Table) append(d *Device, dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, d.Number)
	dst = append(append(dst, byte(d.Kind), byte(d.Flags)), d.key[:]...)
	dst = binary.LittleEndian.AppendUint32(dst, d.First)
	dst = binary.LittleEndian.AppendUint32(dst, d.Last)
	dst = append(dst, d.V4[:]...)
	for i := range d.names {
		text := d.names[i].bytes()
		dst = append(append(dst, byte(d.names[i].From), byte(len(text))), text...)
	}
	said := ""
	if d.said > 0 {
		said = t.said[d.said-1]
	}
	dst = append(append(dst, byte(len(said))), said...)
	return binary.LittleEndian.AppendUint32(dst, d.same)
}

// Import takes back a record of Export, without its length and checksum. What
// is broken or finds no room is left out. It is for the start, before any flow. It takes the lock.
func (t *Table) Import(b []byte) {
	t.Lock()
	defer t.Unlock()
	if len(b) == 4 {
		t.next = max(t.next, binary.LittleEndian.Uint32(b))
		return
	}
	if len(b) < savedSize {
		return
	}
	var d Device
	d.Number = binary.LittleEndian.Uint32(b)
	d.Kind, d.Flags = Kind(b[4]), Flags(b[5])&^Changed
	copy(d.key[:], b[6:])
	d.First, d.Last = binary.LittleEndian.Uint32(b[22:]), binary.LittleEndian.Uint32(b[26:])
	copy(d.V4[:], b[30:])
	b = b[savedSize:]
	for i := range d.names {
		if len(b) < 2 || int(b[1]) > len(b)-2 {
			return
		}
		if from := Origin(b[0]); from <= FromUser {
			d.names[i] = makeName(FromUser, b[2:2+b[1]])
			d.names[i].From = from
		}
		b = b[2+b[1]:]
	}
	kind := ByMAC
	if t.byIP {
		kind = ByIP
	}
	if d.Kind != ByMAC && d.Kind != ByIP || t.byIP && d.Kind != kind || d.Number < uint32(firstID) || *t.slot(d.Kind, &d.key) != None {
		return
	}
	id := firstID
	for int(id) < len(t.devices) && t.devices[id].Kind != ByNothing {
		id++
	}
	if int(id) == len(t.devices) {
		return
	}
	t.devices[id] = d
	*t.slot(d.Kind, &d.key) = id
	if len(b) > 0 && len(b) >= 5+int(b[0]) {
		t.devices[id].same = binary.LittleEndian.Uint32(b[1+b[0]:])
		b = b[:1+b[0]]
	}
	if len(b) > 1 && int(b[0]) == len(b)-1 {
		t.SetType(id, string(b[1:]))
		t.devices[id].Flags &^= Changed
	}
	t.next = max(t.next, d.Number+1)
}

// Reserve makes sure that a number is not given again: a record names it. It takes the lock.
func (t *Table) Reserve(number uint32) {
	t.Lock()
	t.next = max(t.next, number+1)
	t.Unlock()
}

// ByNumber is the place of a device that records name, or of the one that it is the same as, Gone where it is no
// longer there. The caller holds the lock.
func (t *Table) ByNumber(number uint32) ID {
	if number < uint32(firstID) {
		return ID(number)
	}
	for i := range t.devices {
		if t.devices[i].Kind != ByNothing && t.devices[i].Number == number {
			return t.Main(ID(i))
		}
	}
	return Gone
}
