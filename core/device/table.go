// Package device knows who is on the network: a fixed table of devices, the
// names that each has and where every name came from, what kind of thing it is
// and why.
//
// One lock guards the table and everything that is booked by it (core/usage).
// A shard takes it when it books, never for a packet; any goroutine that reads
// takes it for a bounded piece of work. Every method says whether the caller
// holds it.
package device

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"unsafe"
)

// Options of a table.
type Options struct {
	Devices int  // places, beside those of the groups
	ByIP    bool // devices are told apart by address, for networks behind another router
}

// Table is the table of devices.
type Table struct {
	sync.Mutex

	devices []Device
	index   []ID // open addressing, linear; None: free
	byIP    bool
	own     Own
	exclude [][6]byte // of devices that go to Others
	next    uint32    // number of the next device
	rules   *Rules
	news    news
	said    []string // types that the user gave
	vendors []string // makers of devices, at most vendorNames
	unsaved bool     // what Export gave was not written
	full    uint32   // when place looked in vain last
	marks   []bool   // of Busy

	// Busy marks the devices that still have bytes which their places must be
	// kept for; Leave is told that a place is about to be another's. Both are
	// called under the lock. They are core/usage's.
	Busy  func(marks []bool)
	Leave func(ID)
	// Merge moves what a device used to another one, under the lock, too.
	Merge func(from, to ID)

	// Refused counts times that a flow found no place for its device.
	Refused uint64
	// Folded counts devices that gave up their place.
	Folded uint64
}

// New makes a table. Nothing of it grows later.
func New(o Options) *Table {
	t := &Table{
		devices: make([]Device, int(firstID)+o.Devices), index: make([]ID, indexSize(o.Devices)), byIP: o.ByIP, next: uint32(firstID),
		marks: make([]bool, int(firstID)+o.Devices),
		Busy:  func([]bool) {}, Leave: func(ID) {}, Merge: func(ID, ID) {}, rules: NoRules,
	}
	for id := WAN; id < firstID; id++ {
		t.devices[id] = Device{Number: uint32(id), Kind: Group}
	}
	return t
}

func indexSize(n int) int {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return size
}

// Bytes is the memory of a table of n devices.
func Bytes(n int) int {
	return (int(firstID)+n)*(int(unsafe.Sizeof(Device{}))+1) + indexSize(n)*int(unsafe.Sizeof(ID(0)))
}

// Cap is how many places there are: IDs are smaller. Anybody may call it.
func (t *Table) Cap() int { return len(t.devices) }

// Groups is how many of the places are no devices.
func (t *Table) Groups() int { return int(firstID) }

// At is the device at a place, nil where there is none. The caller holds the lock.
func (t *Table) At(id ID) *Device {
	if int(id) >= len(t.devices) || t.devices[id].Kind == ByNothing {
		return nil
	}
	return &t.devices[id]
}

// Own is what belongs to this machine.
type Own struct {
	MACs  [][6]byte // what is behind them is told apart by address
	Addrs []netip.Addr
}

// SetOwn says what belongs to this machine. It takes the lock.
func (t *Table) SetOwn(own Own) {
	t.Lock()
	t.own = own
	t.Unlock()
}

// SetExclude says whose traffic is not told apart but goes to Others. It takes the lock.
func (t *Table) SetExclude(macs [][6]byte) {
	t.Lock()
	t.exclude = macs
	t.Unlock()
}

// Of gives the place of the device that has an address, and makes one for a new
// device; created says so. ours says that the address is of this side of the
// network. The caller holds the lock.
func (t *Table) Of(mac *[6]byte, version uint8, addr *[16]byte, ours bool, now uint32) (id ID, created bool) {
	if t.excluded(mac) {
		return Others, false
	}
	key := *addr
	kind := ByIP
	if !t.byIP && !t.hides(mac) {
		key, kind = [16]byte{}, ByMAC
		copy(key[:], mac[:])
	} else if version == 4 {
		key = [16]byte{10: 0xff, 11: 0xff}
		copy(key[12:], addr[:4])
	}
	if kind == ByIP && t.isOwn(netip.AddrFrom16(key).Unmap()) {
		return Self, false
	}
	slot := t.slot(kind, &key)
	if id = *slot; id != None {
		t.saw(&t.devices[id], version, addr, now)
		return t.seenAs(id, version, addr, now), false
	}
	if kind == ByIP {
		if id = t.holder(version, addr); id != None {
			return t.Main(id), false
		}
		if *addr == ([16]byte{}) || !ours && len(t.own.MACs) > 0 {
			return Others, false // nobody's: not for want of a place
		}
	}
	if kind == ByMAC && ours {
		if id = t.adopt(&key, version, addr); id != None {
			t.saw(&t.devices[id], version, addr, now)
			return id, false
		}
	}
	if id = t.place(now); id == None {
		t.Refused++
		return Others, false
	}
	d := &t.devices[id]
	*d = Device{Number: t.next, First: now, Last: now, Kind: kind, key: key, Flags: Changed}
	t.next++
	if kind == ByMAC && mac[0]&2 != 0 {
		d.Flags |= Randomised
	}
	*t.slot(kind, &key) = id // place may have moved the index
	t.saw(d, version, addr, now)
	t.note(Came, id)
	return id, true
}

// adopt finds the device that was known by an address only, since it was first
// seen behind this machine, and that now shows its hardware address. None: there is none.
func (t *Table) adopt(mac *[16]byte, version uint8, addr *[16]byte) ID {
	key := *addr
	if version == 4 {
		key = [16]byte{10: 0xff, 11: 0xff}
		copy(key[12:], addr[:4])
	}
	id := *t.slot(ByIP, &key)
	if id == None || *addr == ([16]byte{}) {
		return None
	}
	d := &t.devices[id]
	d.Kind, d.key, d.Flags = ByMAC, *mac, d.Flags|Changed
	if mac[0]&2 != 0 {
		d.Flags |= Randomised
	}
	t.reindex()
	return id
}

// Far is Of for the far end of a flow, but where its hardware address does not
// tell who it is, it makes no device: the far end may be no neighbour at all, as
// a modem with a private address is none. None: nobody is known there. The caller holds the lock.
func (t *Table) Far(mac *[6]byte, version uint8, addr *[16]byte, now uint32) ID {
	if !t.byIP && !t.hides(mac) {
		id, _ := t.Of(mac, version, addr, true, now)
		return id
	}
	key := *addr
	if version == 4 {
		key = [16]byte{10: 0xff, 11: 0xff}
		copy(key[12:], addr[:4])
	}
	if t.isOwn(netip.AddrFrom16(key).Unmap()) {
		return Self
	}
	if id := *t.slot(ByIP, &key); id != None {
		return t.Main(id)
	}
	return t.Main(t.holder(version, addr))
}

// seenAs notes an address of the device that another one is the same as, and gives its place.
func (t *Table) seenAs(id ID, version uint8, addr *[16]byte, now uint32) ID {
	main := t.Main(id)
	if main != id {
		t.saw(&t.devices[main], version, addr, now)
	}
	return main
}

// Find gives the place of a device by its hardware address. The caller holds the lock.
func (t *Table) Find(mac [6]byte) ID {
	key := [16]byte{}
	copy(key[:], mac[:])
	return *t.slot(ByMAC, &key)
}

// hides says that a hardware address does not tell who is behind it.
func (t *Table) hides(mac *[6]byte) bool {
	if mac[0]&1 != 0 || *mac == ([6]byte{}) {
		return true
	}
	for i := range t.own.MACs {
		if t.own.MACs[i] == *mac {
			return true
		}
	}
	return false
}

func (t *Table) isOwn(addr netip.Addr) bool {
	for i := range t.own.Addrs {
		if t.own.Addrs[i] == addr {
			return true
		}
	}
	return false
}

func (t *Table) excluded(mac *[6]byte) bool {
	for i := range t.exclude {
		if t.exclude[i] == *mac {
			return true
		}
	}
	return false
}

// slot is where the index says the place of a key, or would say it.
func (t *Table) slot(kind Kind, key *[16]byte) *ID {
	mask := uint32(len(t.index) - 1)
	for i := hash(uint32(kind), key) & mask; ; i = (i + 1) & mask {
		id := t.index[i]
		if id == None || t.devices[id].key == *key && t.devices[id].Kind == kind {
			return &t.index[i]
		}
	}
}

// hash mixes an address, four bytes at a time.
func hash(h uint32, key *[16]byte) uint32 {
	for i := 0; i < len(key); i += 4 {
		h = (h ^ binary.LittleEndian.Uint32(key[i:i+4])) * 0x9e3779b1
		h ^= h >> 15
	}
	return h
}

// holder is the device that was seen with an address. None: nobody.
func (t *Table) holder(version uint8, addr *[16]byte) ID {
	for id := int(firstID); id < len(t.devices); id++ {
		d := &t.devices[id]
		if d.Kind != ByMAC {
			continue
		}
		if version == 4 {
			if d.V4 == [4]byte(addr[:4]) && d.V4 != ([4]byte{}) {
				return ID(id)
			}
			continue
		}
		for i := range d.V6 {
			if d.V6[i] == *addr && *addr != ([16]byte{}) {
				return ID(id)
			}
		}
	}
	return None
}

// saw notes an address of a device, the newest first.
func (t *Table) saw(d *Device, version uint8, addr *[16]byte, now uint32) {
	d.Last = max(d.Last, now)
	if d.Kind == Group || *addr == ([16]byte{}) {
		return
	}
	if version == 4 {
		d.V4 = [4]byte(addr[:4])
		return
	}
	i := 0
	for i < addresses6-1 && d.V6[i] != *addr {
		i++
	}
	copy(d.V6[1:i+1], d.V6[:i])
	d.V6[0] = *addr
}

// place finds a free place, or takes that of the device which was not seen for
// longest and that nobody will miss. None: there is none.
func (t *Table) place(now uint32) ID {
	if t.full == now && now != 0 {
		return None // looked for in vain this second: a flood shall not look again and again
	}
	for i := int(firstID); i < len(t.devices); i++ {
		if t.devices[i].Kind == ByNothing {
			return ID(i)
		}
	}
	victim, asked := None, false
	for i := int(firstID); i < len(t.devices); i++ {
		d := &t.devices[i]
		if d.Flows != 0 || victim != None && d.Last >= t.devices[victim].Last || d.Online(now) || t.keeps(d) {
			continue
		}
		if !asked { // only now: it looks at everything that was booked
			clear(t.marks)
			t.Busy(t.marks)
			asked = true
		}
		if !t.marks[i] {
			victim = ID(i)
		}
	}
	if victim == None {
		t.full = now
		return None
	}
	t.Drop(victim)
	return victim
}

// online is how long after its last traffic a device counts as there.
const online = 300

// keeps says that a device has something that would be missed: a name, but
// for those of addresses made up, which come and go.
func (t *Table) keeps(d *Device) bool {
	return d.same != 0 || d.names[0].From == FromUser || d.names[0].From != FromNobody && d.Flags&Randomised == 0
}

// Drop takes a device out of the table. Its flows must have ended. The caller holds the lock.
func (t *Table) Drop(id ID) {
	t.note(Left, id)
	t.Leave(id)
	t.parted(t.devices[id].Number)
	t.Folded++
	t.unsaved = true
	t.devices[id] = Device{}
	t.reindex()
}

// reindex makes the index anew, so that it has no gaps for probes to stop at.
func (t *Table) reindex() {
	clear(t.index)
	for i := int(firstID); i < len(t.devices); i++ {
		if d := &t.devices[i]; d.Kind != ByNothing {
			*t.slot(d.Kind, &d.key) = ID(i)
		}
	}
}

// Text is what a device is known by, for people and programs: its hardware
// address, its IP address, or the name of a group. The caller holds the lock.
func (t *Table) Text(id ID) string {
	d := t.At(id)
	switch {
	case d == nil:
		return "unknown"
	case d.Kind == ByMAC:
		return macText(d.key[:6])
	case d.Kind == ByIP:
		return d.Addr().String()
	}
	return [...]string{"unknown", "wan", "others", "gone", "this machine"}[id]
}
