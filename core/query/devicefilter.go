package query

import (
	"net/netip"
	"strings"

	"netifyd/core/device"
	"netifyd/core/query/filter"
	"netifyd/core/usage"
)

// deviceStates are what state: asks for of a device, those of filter.DeviceStates.
var deviceStates = map[string]func(*seenDevice) bool{
	"new":        func(d *seenDevice) bool { return d.fresh() },
	"active":     func(d *seenDevice) bool { return d.online() },
	"idle":       func(d *seenDevice) bool { return !d.online() },
	"hidden":     func(d *seenDevice) bool { return d.Flags&device.Hidden != 0 },
	"randomised": func(d *seenDevice) bool { return d.Flags&device.Randomised != 0 },
	"resolver":   func(d *seenDevice) bool { return d.Flags&device.Resolver != 0 },
}

// hasAll marks a device that has a flow which fits all words about flows that
// are not negated. A lower bit stands for the word at that place: a flow fits it.
const hasAll = 1 << filter.Max

// markFlows says of each device what flows it has. It takes no time where no
// word asks for it.
func (s *Server) markFlows(u *usage.Table, l *choice) []uint32 {
	asked := false
	for i := range l.words {
		asked = asked || l.words[i].OfFlow()
	}
	if !asked {
		return nil
	}
	marks, now := make([]uint32, u.Devices.Cap()), s.house.Now()
	var f subject
	for at := 0; at >= 0; {
		at = s.house.Flows(at, func(v *Flow) {
			s.look(&f, v, now)
			fits, all := uint32(0), true
			for i := range l.words {
				w := &l.words[i]
				if !w.OfFlow() {
					continue
				}
				yes := w.fits(&f)
				if yes {
					fits |= 1 << i
				}
				all = all && (yes || w.Not)
			}
			if all {
				fits |= hasAll
			}
			marks[v.Rec.Device] |= fits
		})
	}
	u.Devices.Lock()
	defer u.Devices.Unlock()
	for id := range marks {
		if main := u.Devices.Main(device.ID(id)); int(main) != id {
			marks[main] |= marks[id]
		}
	}
	return marks
}

// fitsDevice says that a device is wanted.
func (l *choice) fitsDevice(d *seenDevice, marks []uint32) bool {
	flows := false
	for i := range l.words {
		w := &l.words[i]
		switch {
		case !w.OfFlow():
			if w.fitsDevice(d) == w.Not {
				return false
			}
		case w.Not:
			if marks[d.Share.Device]>>i&1 != 0 {
				return false
			}
		default:
			flows = true
		}
	}
	return !flows || marks[d.Share.Device]&hasAll != 0
}

func (w *word) fitsDevice(d *seenDevice) bool {
	switch w.Key {
	case "state":
		return deviceStates[w.Text](d)
	case "net":
		return d.has(w.Net.Contains)
	}
	who := Who{Address: d.table.Text(d.Share.Device), Name: d.Name()}
	if w.isDevice(&who) || w.Key == "device" && d.has(func(a netip.Addr) bool { return a.String() == w.Text }) {
		return true
	}
	if w.Key == "device" {
		return false
	}
	return contains(d.kind(), w.Text) || contains(d.table.Vendor(d.Device), w.Text) || d.has(func(a netip.Addr) bool { return strings.HasPrefix(a.String(), w.Text) })
}

// has says that an address of the device is one of those.
func (d *seenDevice) has(fits func(netip.Addr) bool) bool {
	var room [5]netip.Addr
	for _, a := range d.Addresses(room[:0]) {
		if fits(a) {
			return true
		}
	}
	return false
}
