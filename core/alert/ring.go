// Package alert holds a ring of the newest alerts, each an identifier and
// arguments, which faces put into words, and the rules that raise them. No shard
// ever calls it: one goroutine of the engine looks at the tables now and then and
// raises alerts; any goroutine may read.
package alert

import (
	"sync"
	"unsafe"
)

// Kind is what an alert is about.
type Kind uint8

// Kinds. The comment says what the arguments mean.
const (
	DeviceNew        Kind = iota // Device
	DeviceResolver               // Device asks a resolver of its own, encrypted: DoH, DoT, DoQ or DNSCrypt
	ApplicationFirst             // Device, Label: it used an application for the first time
	QuotaNear                    // Value: bytes of this period, 80 % of the quota; Device, if it is a device's
	QuotaReached                 // the same, 100 %
	CaptureLost                  // Value: packets that the kernel dropped
	TableFull                    // Value: flows that ended since there was no room
	DevicesFull                  // Value: flows whose device found no place
	ClockUnset                   // the clock is not set: history waits
	InterfaceGone                // Iface
	OffloadCounted               // the kernel offloads flows and counts them
	OffloadUncounted             // the kernel offloads flows and does not count them: usage is too low
	HistoryUnwritten             // history could not be written
	RiskFound                    // Device, Label: number of a risk that is high or severe; Value: flows
	ScanPorts                    // Device, Host: it tried many ports of few hosts; Value: connections that did not come about
	ScanHosts                    // Device, Host: it tried few ports of many hosts; Label: the port
	SynUnanswered                // Device, Host: what it asked few hosts for stayed without an answer; Label: the port

	numKinds
)

var kindNames = [numKinds]string{"device_new", "device_resolver", "application_first", "quota_near", "quota_reached", "capture_lost", "table_full",
	"devices_full", "clock_unset", "interface_gone", "offload_counted", "offload_uncounted", "history_unwritten", "risk_found", "scan_ports", "scan_hosts", "syn_unanswered"}

// String is the identifier.
func (k Kind) String() string { return kindNames[k] }

// ParseKind reads an identifier.
func ParseKind(name string) (Kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// Serious says that an alert is a warning: something is wrong, or will be. The
// others are news.
func (k Kind) Serious() bool {
	switch k {
	case DeviceNew, DeviceResolver, ApplicationFirst, OffloadCounted:
		return false
	}
	return true
}

// Alert is one alert. What does not belong to its kind is zero.
type Alert struct {
	Number uint32 // rises by one with each
	First  uint32 // when it was raised, seconds since 1970
	Last   uint32 // when it was raised again
	Device uint32 // device.Device.Number
	Label  uint32 // usage.Label, or the number of a risk
	Value  uint64
	Host   [16]byte // the address that it is about, IPv4 as ::ffff:0:0/96; zero: none
	Iface  uint8    // interface, in the order of the configuration, plus one
	Kind   Kind
}

// Size is how many alerts are kept.
const Size = 256

// Bytes is the memory of a ring.
const Bytes = int(unsafe.Sizeof(Ring{}))

// hold is for how long the same alert is not raised anew, but grows.
const hold = 3600

// kept is an alert without its number, which its place says. It has no word of
// 64 bits, which would leave a gap behind each.
type kept struct {
	value         [2]uint32 // lower and upper half
	first         uint32
	device, label uint32
	host          [16]byte
	grown         uint16 // seconds from first to when it was raised again: fewer than hold
	iface         uint8
	kind          Kind
}

func (e *kept) sum() uint64 { return uint64(e.value[1])<<32 | uint64(e.value[0]) }

func (e *kept) add(n uint64) {
	n += e.sum()
	e.value = [2]uint32{uint32(n), uint32(n >> 32)}
}

func (e *kept) last() uint32 { return e.first + uint32(e.grown) }

// Ring holds the newest alerts. Any goroutine may use it.
type Ring struct {
	mu     sync.Mutex
	alerts [Size]kept
	next   uint32 // number of the next one, less one
}

// Raise adds an alert, or lets the same one of the last hour grow; fresh says
// that it was added. now is in seconds since 1970.
func (r *Ring) Raise(a Alert, now uint32) (fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := r.next; n > 0 && n+Size > r.next; n-- {
		e := &r.alerts[n%Size]
		if e.kind == a.Kind && e.device == a.Device && e.label == a.Label && e.iface == a.Iface && now < e.first+hold {
			e.grown = uint16(max(now, e.first) - e.first)
			e.add(a.Value)
			e.host = a.Host // hosts outside have no device: all scans from there are one alert, with the last of them
			return false
		}
	}
	r.next++
	e := &r.alerts[r.next%Size]
	*e = kept{first: now, device: a.Device, label: a.Label, host: a.Host, iface: a.Iface, kind: a.Kind}
	e.add(a.Value)
	return true
}

// Since appends the alerts with a number above after, the oldest first, at most n.
func (r *Ring) Since(dst []Alert, after uint32, n int) []Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := uint32(0)
	if r.next > Size {
		from = r.next - Size
	}
	for at := max(after, from) + 1; at <= r.next && n > 0; at++ {
		e := &r.alerts[at%Size]
		dst = append(dst, Alert{Number: at, First: e.first, Last: e.last(), Device: e.device, Label: e.label, Value: e.sum(), Host: e.host, Iface: e.iface, Kind: e.kind})
		n--
	}
	return dst
}

// Count is how many alerts of a kind were raised or grew since a time, in seconds since 1970.
func (r *Ring) Count(k Kind, since uint32) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for at := r.next; at > 0 && at+Size > r.next; at-- {
		if e := &r.alerts[at%Size]; e.kind == k && e.last() >= since {
			n++
		}
	}
	return n
}

// Newest is the number of the newest alert; 0: there was none.
func (r *Ring) Newest() uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}
