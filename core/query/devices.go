package query

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"netifyd/core/device"
	"netifyd/core/usage"
)

var errNoUsage = errors.New("usage.enabled is false: nothing is counted")

var deviceColumns = []string{"id", "device", "name", "name_from", "type", "type_from", "vendor", "online", "randomised", "hidden", "resolver", "first", "last", "flows",
	"down_rate", "up_rate", "rate", "today_down", "today_up", "period_down", "period_up", "addresses"}

// seenDevice is a device that a question looks at, while the devices are locked.
type seenDevice struct {
	*device.Device
	usage.Share
	table *device.Table
	now   uint32
}

func (d *seenDevice) online() bool { return d.Flows > 0 || d.Online(d.now) }
func (d *seenDevice) fresh() bool  { return d.now < d.First+newDevice }

// kind is what the device is.
func (d *seenDevice) kind() string {
	kind, _ := d.table.Type(d.Device)
	return kind
}

// deviceKeys are what devices are sorted by.
func (d *seenDevice) sortKey(column string) uint64 {
	switch column {
	case "device":
		return letters(d.table.Text(d.Share.Device))
	case "name":
		return letters(d.Name())
	case "name_from":
		return letters(d.From().String())
	case "type":
		return letters(d.kind())
	case "vendor":
		return letters(d.table.Vendor(d.Device))
	case "online":
		return truth(d.online())
	case "randomised":
		return truth(d.Flags&device.Randomised != 0)
	case "hidden":
		return truth(d.Flags&device.Hidden != 0)
	case "resolver":
		return truth(d.Flags&device.Resolver != 0)
	case "first":
		return uint64(d.First)
	case "last":
		return uint64(d.Last)
	case "flows":
		return uint64(d.Flows)
	case "down_rate":
		return uint64(d.Down)
	case "up_rate":
		return uint64(d.Up)
	case "rate":
		return d.Rate()
	case "today_down":
		return d.Today.Down
	case "today_up":
		return d.Today.Up
	case "period_down":
		return d.Period.Down
	case "period_up":
		return d.Period.Up
	}
	return ^uint64(d.Number) // id, and what nobody sorts by: the oldest first
}

func truth(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

// writePiece is how many rows are written before a shard may have the devices.
const writePiece = 16

func (s *Server) listDevices(a args) error {
	l, err := a.choice(ofDevices)
	if err != nil {
		return err
	}
	by, err := a.order(deviceColumns, "period_down")
	if err != nil {
		return err
	}
	p, err := a.shallow()
	if err != nil {
		return err
	}
	u := s.house.Usage()
	if u == nil {
		return errNoUsage
	}
	h := newLeaders(s.top[:0], p.offset+p.limit, by.rising)
	total := s.rankDevices(u, &l, h, deviceColumns[by.column])
	s.top = h.sorted()
	r := &s.reply
	r.signed("now", s.house.Now()/1e9)
	r.columns(deviceColumns)
	for page := s.top[min(p.offset, len(s.top)):]; len(page) > 0 && !r.full; {
		n := min(writePiece, len(page))
		s.writeDevices(u, page[:n])
		page = page[n:]
	}
	r.endRows(total)
	return nil
}

// rankDevices offers every device that a filter lets through, and counts them.
func (s *Server) rankDevices(u *usage.Table, l *choice, h *leaders, column string) (total int) {
	marks := s.markFlows(u, l)
	d, now := u.Devices, s.house.Now() // before the lock, which is the last that a shard takes
	d.Lock()
	defer d.Unlock()
	x := seenDevice{table: d, now: uint32(now / 1e9)}
	u.Shares(func(share *usage.Share) {
		if share.Device == device.None {
			return
		}
		x.Device, x.Share = d.At(share.Device), *share
		if x.Kind == device.Group && x.Period == (usage.Octets{}) && x.Flows == 0 || !l.fitsDevice(&x, marks) {
			return
		}
		total++
		h.offer(ranked{x.sortKey(column) ^ h.turn, int32(share.Device), int64(x.Number)})
	})
	return total
}

// writeDevices writes rows, of those that are still there.
func (s *Server) writeDevices(u *usage.Table, page []ranked) {
	d, r, now := u.Devices, &s.reply, s.house.Now()
	d.Lock()
	defer d.Unlock()
	x := seenDevice{table: d, now: uint32(now / 1e9)}
	var room [5]netip.Addr
	for i := range page {
		id := device.ID(page[i].place)
		if x.Device = d.At(id); x.Device == nil || int64(x.Number) != page[i].first {
			continue
		}
		x.Share = u.ShareOf(id)
		kind, why := d.Type(x.Device)
		r.row()
		r.num(uint64(x.Number))
		for _, text := range [...]string{d.Text(id), x.Name(), x.From().String(), kind, why, d.Vendor(x.Device)} {
			r.cell(text)
		}
		for _, v := range [...]bool{x.online(), x.Flags&device.Randomised != 0, x.Flags&device.Hidden != 0, x.Flags&device.Resolver != 0} {
			r.flag(v)
		}
		for _, n := range [...]uint64{uint64(x.First), uint64(x.Last), uint64(x.Flows), uint64(x.Down), uint64(x.Up), x.Rate(), x.Today.Down, x.Today.Up, x.Period.Down, x.Period.Up} {
			r.num(n)
		}
		r.addresses(x.Addresses(room[:0]))
		if !r.endRow() {
			return
		}
	}
}

// findDevice gives the place of a device by its hardware address, its address
// or its name. The caller holds the lock of the devices.
func findDevice(d *device.Table, text string) device.ID {
	found := device.None
	for id := device.ID(1); int(id) < d.Cap(); id++ {
		x := d.At(id)
		if x == nil {
			continue
		}
		if strings.EqualFold(d.Text(id), text) {
			return d.Main(id)
		}
		if found == device.None && (strings.EqualFold(x.Name(), text) || slices.ContainsFunc(x.Addresses(nil), func(a netip.Addr) bool { return a.String() == text })) {
			found = d.Main(id)
		}
	}
	return found
}

// named finds the device that the argument "device" names, or "mac", and calls fn under the lock.
func (s *Server) named(a args, fn func(*device.Table, device.ID) error) error {
	text, err := a.device()
	if err != nil {
		return err
	}
	u := s.house.Usage()
	if u == nil {
		return errNoUsage
	}
	u.Devices.Lock()
	defer u.Devices.Unlock()
	id := findDevice(u.Devices, text)
	if text == "" || id == device.None {
		return noDevice(text)
	}
	if u.Devices.At(id).Kind == device.Group {
		return errors.New("device: this stands for several devices")
	}
	return fn(u.Devices, id)
}

// noDevice says that a text is nobody, and of an address when it will be somebody.
func noDevice(text string) error {
	if text == "" {
		return errors.New("device: say which one: its hardware address, its address or its name")
	}
	_, noMAC := net.ParseMAC(text)
	if _, noIP := netip.ParseAddr(text); noMAC != nil && noIP != nil {
		return fmt.Errorf("device: there is no device %q: netifyd devices lists them", text)
	}
	return fmt.Errorf("device: nothing was seen of %s yet: it is a device some seconds after it sent something (netifyd devices lists those that did)", text)
}

// device reads the argument "device", for which "mac" is another name.
func (a args) device() (string, error) {
	mac, err := a.text("mac")
	if err != nil {
		return "", err
	}
	text, err := a.text("device")
	return cmp.Or(text, mac), err
}
