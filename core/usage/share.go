package usage

import (
	"math"

	"netifyd/core/device"
)

// rate measures bytes a second, one window after the other.
type rate struct {
	was  [2]uint32 // lower bits of the sum when the window began, down and up
	last [2]uint32 // bytes a second in the window before
}

func (r *rate) measure(sum Octets, seconds uint64) {
	for i, n := range [...]uint32{uint32(sum.Down), uint32(sum.Up)} {
		if n == r.was[i] {
			r.last[i] = 0
			continue
		}
		grown := n - r.was[i]
		if grown > math.MaxUint32-1<<24 { // it fell: bytes moved to another sum
			grown = 0
		}
		r.last[i], r.was[i] = uint32(uint64(grown)/seconds), n
	}
}

// Share is the Internet traffic of one device, or of one label.
type Share struct {
	Device        device.ID // None for a label
	Label         Label     // 0 for a device
	Down, Up      uint32    // bytes a second
	Hour          Octets    // so far, of a label
	Today, Period Octets    // of a device
}

// Rate is both ways.
func (s *Share) Rate() uint64 { return uint64(s.Down) + uint64(s.Up) }

// Shares calls fn for each device that is in its table, but for the line of the
// WAN, and then for each label that has any Internet traffic in this hour. The
// share is valid for the call. The caller holds the lock. It looks at no cell: a
// label has here what was folded into the "other" of a device, too.
func (t *Table) Shares(fn func(*Share)) {
	t.together()
	var s Share
	for i := range t.owners[device.Others:] {
		id := device.Others + device.ID(i)
		if d := t.Devices.At(id); d != nil && !d.Second() {
			t.share(&s, id)
			fn(&s)
		}
	}
	s = Share{}
	for i := range t.totals {
		e := &t.totals[i]
		if e.down == e.hour.Down && e.up == e.hour.Up && e.rate.last == [2]uint32{} || !e.label.internet() || e.label == Wan {
			continue
		}
		s.Label, s.Down, s.Up = e.label, e.rate.last[0], e.rate.last[1]
		s.Hour = Octets{e.down, e.up}.less(e.hour)
		fn(&s)
	}
}

// ShareOf is the share of one device. The caller holds the lock.
func (t *Table) ShareOf(id device.ID) (s Share) {
	t.together()
	t.share(&s, id)
	return s
}

func (t *Table) share(s *Share, id device.ID) {
	o := &t.owners[id]
	s.Device, s.Down, s.Up = id, o.rate.last[0], o.rate.last[1]
	s.Today = Octets{o.total.Down - o.day.Down, o.total.Up - o.day.Up}
	s.Period = Octets{o.total.Down - o.period.Down, o.total.Up - o.period.Up}
}

// Sampled is the end of what the newest sample stands for, nanoseconds since 1970, and how
// many seconds lie between two of them. The caller holds the lock.
func (t *Table) Sampled() (at int64, step int) { return t.window, int(t.step / second) }
