package usage

import (
	"math"
	"unsafe"

	"netifyd/core/device"
	"netifyd/core/flow"
)

// hostRoom is how many bytes of a name are kept, the last ones.
const hostRoom = 42

// hostWays is how many places a name may be in.
const hostWays = 16

// host is a server name that a device had traffic with.
type host struct {
	low    [3]uint32 // down, up, and the most that it may have had before it found its place: 48 bits each
	high   [3]uint16
	hash   uint32 // of device and name; 0: free
	flows  uint32
	device device.ID
	place  uint16 // of the label of its newest flow that did not ask for names; 0: none yet
	name   [hostRoom]byte
}

// What the sums of a host stand for.
const (
	hostDown = iota
	hostUp
	hostBefore
)

func (h *host) sum(i int) uint64 { return uint64(h.high[i])<<32 | uint64(h.low[i]) }

func (h *host) add(i int, n uint64) {
	n = min(n+h.sum(i), 1<<48-1)
	h.low[i], h.high[i] = uint32(n), uint16(n>>32)
}

func (h *host) weight() uint64 { return h.sum(hostDown) + h.sum(hostUp) + h.sum(hostBefore) }

// hosts are the names with the most traffic of a day: a table of fixed size, in
// which the smallest of a few gives its place to a new name (Metwally, Agrawal,
// El Abbadi, "Efficient computation of frequent and top-k elements in data
// streams", 2005). What a name has is exact since it has its place; before may
// be missing.
type hosts struct {
	list  []host
	since int64 // seconds since 1970: the beginning of the day, or of the table
}

func newHosts(n int) hosts { return hosts{list: make([]host, roundedHosts(n))} }

func roundedHosts(n int) int { return (n + hostWays - 1) / hostWays * hostWays }

// HostBytes is the memory of n names.
func HostBytes(n int) int { return roundedHosts(n) * int(unsafe.Sizeof(host{})) }

// Visit adds what a flow carried since its last flow_stats to a name: Bytes, which
// the engine is about to set to zero. The caller is the flow's shard, has booked
// the flow, and holds the lock. It allocates nothing.
func (t *Table) Visit(r *flow.Record, name []byte, ended bool) {
	id := device.ID(r.Device)
	if len(name) == 0 || len(t.hosts.list) == 0 || r.Other != flow.OtherRemote || id <= device.WAN {
		return
	}
	if len(name) > hostRoom {
		name = name[len(name)-hostRoom:]
	}
	hash := uint32(2166136261) ^ uint32(id)
	for _, c := range name {
		hash = (hash ^ uint32(lowered(c))) * 16777619
	}
	hash = max(hash, 1)
	h := t.hosts.place(hash, id, name)
	local := r.Local()
	h.add(hostDown, r.Bytes[1-local])
	h.add(hostUp, r.Bytes[local])
	if h.place == 0 || traitsOf(r.Proto)&naming == 0 { // each connection has a query before it, which ends after it
		h.place = r.Label
	}
	if ended && h.flows < math.MaxUint32 {
		h.flows++
	}
}

// place finds a name, or gives it the place of the smallest of its set.
func (x *hosts) place(hash uint32, id device.ID, name []byte) *host {
	at := int(hash>>8%uint32(len(x.list)/hostWays)) * hostWays
	set := x.list[at : at+hostWays]
	for i := range set {
		if h := &set[i]; h.hash == hash && h.device == id && h.is(name) {
			return h
		}
	}
	least := &set[0]
	for i := range set {
		h := &set[i]
		if least.hash != 0 && (h.hash == 0 || h.weight() < least.weight()) {
			least = h
		}
	}
	before := least.weight()
	*least = host{hash: hash, device: id}
	least.add(hostBefore, before)
	for i, c := range name {
		least.name[i] = lowered(c)
	}
	return least
}

func (h *host) is(name []byte) bool {
	for i, c := range name {
		if h.name[i] != lowered(c) {
			return false
		}
	}
	return len(name) == hostRoom || h.name[len(name)] == 0
}

func lowered(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// left forgets the names of a device that gives up its place.
func (x *hosts) left(id device.ID) {
	for i := range x.list {
		if x.list[i].device == id {
			x.list[i] = host{}
		}
	}
}

// restart forgets all names.
func (x *hosts) restart(at int64) {
	clear(x.list)
	x.since = at
}

// Host is a name as it is shown.
type Host struct {
	Device device.ID
	Label  Label
	Name   []byte // valid for the call; whole unless Cut
	Cut    bool   // its beginning may be missing
	Before uint64 // bytes both ways that may be missing
	Count         // flows that ended
}

// Hosts calls fn for each name, with the time since which they are counted
// (seconds since 1970; 0: since the start). The caller holds the lock.
func (t *Table) Hosts(fn func(*Host)) (since int64) {
	var x Host
	for i := range t.hosts.list {
		h := &t.hosts.list[i]
		if h.hash == 0 || t.Devices.At(h.device) == nil {
			continue
		}
		n := 0
		for n < hostRoom && h.name[n] != 0 {
			n++
		}
		x = Host{h.device, t.totals[h.place].label, h.name[:n], n == hostRoom, h.sum(hostBefore), Count{h.sum(hostDown), h.sum(hostUp), h.flows}}
		fn(&x)
	}
	return t.hosts.since
}
