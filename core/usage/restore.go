package usage

import "netifyd/core/device"

// RestoreDevices puts into a new table who the devices of a history are, of which it changes nothing.
func RestoreDevices(sys System, t *device.Table) {
	if b, err := sys.Read(devicesName); err == nil {
		framesOf(b, 'd', func(f []byte) { t.Import(f[4:]) })
	}
}

// Restore gives a new table what the files say: who the devices are, and what
// each used today and in this period of accounting. now is the time of the
// system, seconds since 1970. It takes both locks, one after the other.
func (h *History) Restore(t *Table, now int64) error {
	h.mu.Lock()
	RestoreDevices(h.sys, t.Devices)
	h.mu.Unlock()
	newest, most := int64(0), uint32(0)
	all := Span{Start: 0, End: 1 << 40}
	err := h.Each(all, Hour, nil, func(r *Record) {
		newest = max(newest, r.End())
		for i := range r.Entries {
			most = max(most, r.Entries[i].Device)
		}
	})
	if err != nil {
		return err
	}
	t.Devices.Reserve(most)
	t.Devices.Lock()
	t.newest = newest
	right := t.clock != nil && t.believes(now)
	if right {
		t.day, t.period = t.clock.Day(now), t.clock.Period(now)
	}
	day, period := t.day, t.period
	t.Devices.Unlock()
	if !right {
		return nil
	}
	return h.Each(period, Hour, nil, func(r *Record) {
		t.Devices.Lock()
		defer t.Devices.Unlock()
		for i := range r.Entries {
			e := &r.Entries[i]
			if e.Label.Sum() != Internet {
				continue
			}
			o := &t.owners[t.Devices.ByNumber(e.Device)]
			n := Octets{e.Down, e.Up}
			o.period.take(n)
			if day.Has(int64(r.Start)) {
				o.day.take(n)
			}
		}
	})
}

// Used is what a device used today, in this period and since the start of the
// Internet. The caller holds the lock.
func (t *Table) Used(id device.ID) (today, period, total Octets) {
	t.together()
	o := &t.owners[id]
	return o.total.less(o.day), o.total.less(o.period), o.total
}
