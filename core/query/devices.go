package query

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"netifyd/core/device"
	"netifyd/core/usage"
)

var deviceFilterArg = Arg{"filter", Text, "which devices: words that their name, type or addresses hold; ! negates"}

var errNoUsage = errors.New("usage.enabled is false: nothing is counted")

var deviceColumns = []string{"id", "device", "name", "name_from", "type", "type_from", "online", "randomised", "hidden", "first", "last", "flows", "rate",
	"today_down", "today_up", "period_down", "period_up", "addresses"}

// deviceRow is a row of devices: a copy, so that nothing waits while it is written.
type deviceRow struct {
	id                      device.ID
	dev                     device.Device
	device, name, kind, why string
	online                  bool
	rate                    uint64
	today, period           usage.Octets
	addresses               []netip.Addr
}

// deviceRows copies what is known of all devices.
func (s *Server) deviceRows() ([]deviceRow, error) {
	u := s.house.Usage()
	if u == nil {
		return nil, errNoUsage
	}
	now := uint32(s.house.Now() / 1e9)
	d := u.Devices
	d.Lock()
	defer d.Unlock()
	rates := make([]uint64, d.Cap())
	u.Shares(func(x *usage.Share) {
		if x.Device != device.None {
			rates[x.Device] = x.Rate()
		}
	})
	var rows []deviceRow
	for id := device.ID(1); int(id) < d.Cap(); id++ {
		x := d.At(id)
		if x == nil {
			continue
		}
		today, period, _ := u.Used(id)
		if x.Kind == device.Group && period == (usage.Octets{}) && x.Flows == 0 {
			continue
		}
		kind, why := d.Type(x)
		rows = append(rows, deviceRow{id, *x, d.Text(id), x.Name(), kind, why, x.Flows > 0 || x.Online(now), rates[id], today, period, x.Addresses(nil)})
	}
	return rows, nil
}

func (r *deviceRow) fits(words []string) bool {
	for _, w := range words {
		want, not := strings.CutPrefix(w, "!")
		has := strings.Contains(strings.ToLower(r.name+" "+r.device+" "+r.kind), want)
		for _, a := range r.addresses {
			has = has || strings.Contains(a.String(), want)
		}
		if has == not {
			return false
		}
	}
	return true
}

// compare gives the order of two rows by a column, the largest first.
func (r *deviceRow) compare(o *deviceRow, column string) int {
	switch column {
	case "today_down":
		return cmp.Compare(o.today.Down, r.today.Down)
	case "today_up":
		return cmp.Compare(o.today.Up, r.today.Up)
	case "period_down":
		return cmp.Compare(o.period.Down, r.period.Down)
	case "period_up":
		return cmp.Compare(o.period.Up, r.period.Up)
	case "rate":
		return cmp.Compare(o.rate, r.rate)
	case "flows":
		return cmp.Compare(o.dev.Flows, r.dev.Flows)
	case "first":
		return cmp.Compare(o.dev.First, r.dev.First)
	case "last":
		return cmp.Compare(o.dev.Last, r.dev.Last)
	case "name":
		return cmp.Compare(r.name, o.name)
	case "device":
		return cmp.Compare(r.device, o.device)
	case "type":
		return cmp.Compare(r.kind, o.kind)
	}
	return cmp.Compare(r.dev.Number, o.dev.Number)
}

func (s *Server) listDevices(a args) error {
	filter, err := a.text("filter")
	if err != nil {
		return err
	}
	by, err := a.order(deviceColumns, "period_down")
	if err != nil {
		return err
	}
	p, err := a.page()
	if err != nil {
		return err
	}
	rows, err := s.deviceRows()
	if err != nil {
		return err
	}
	words := strings.Fields(strings.ToLower(filter))
	rows = slices.DeleteFunc(rows, func(r deviceRow) bool { return !r.fits(words) })
	slices.SortStableFunc(rows, func(x, y deviceRow) int {
		n := x.compare(&y, deviceColumns[by.column])
		if by.rising {
			n = -n
		}
		return cmp.Or(n, cmp.Compare(x.dev.Number, y.dev.Number))
	})
	r := &s.reply
	r.columns(deviceColumns)
	for i := min(p.offset, len(rows)); i < min(p.offset+p.limit, len(rows)); i++ {
		x := &rows[i]
		r.row()
		r.num(uint64(x.dev.Number))
		for _, text := range []string{x.device, x.name, x.dev.From().String(), x.kind, x.why} {
			r.cell(text)
		}
		r.flag(x.online)
		r.flag(x.dev.Flags&device.Randomised != 0)
		r.flag(x.dev.Flags&device.Hidden != 0)
		for _, n := range []uint64{uint64(x.dev.First), uint64(x.dev.Last), uint64(x.dev.Flows), x.rate, x.today.Down, x.today.Up, x.period.Down, x.period.Up} {
			r.num(n)
		}
		r.addresses(x.addresses)
		if !r.endRow() {
			break
		}
	}
	r.endRows(len(rows))
	return nil
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
			return id
		}
		if found == device.None && (strings.EqualFold(x.Name(), text) || slices.ContainsFunc(x.Addresses(nil), func(a netip.Addr) bool { return a.String() == text })) {
			found = id
		}
	}
	return found
}

// named finds the device that the argument "device" names, and calls fn under the lock.
func (s *Server) named(a args, fn func(*device.Table, device.ID) error) error {
	text, err := a.text("device")
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
		return errors.New("device: there is none that is called so: netifyd devices lists them")
	}
	if u.Devices.At(id).Kind == device.Group {
		return errors.New("device: this stands for several devices")
	}
	return fn(u.Devices, id)
}

func (s *Server) setDevice(a args) error {
	name, err := a.text("name")
	if err != nil {
		return err
	}
	kind, err := a.text("type")
	if err != nil {
		return err
	}
	hidden, hide, err := a.flag("hidden")
	if err != nil {
		return err
	}
	return s.done(s.named(a, func(d *device.Table, id device.ID) error {
		if _, ok := a["name"]; ok {
			d.Rename(id, name)
		}
		if _, ok := a["type"]; ok && !d.SetType(id, kind) {
			return errors.New("type: there are too many different ones: use one that another device has")
		}
		if hide {
			d.Hide(id, hidden)
		}
		return nil
	}))
}

func (s *Server) forgetDevice(a args) error {
	return s.done(s.named(a, func(d *device.Table, id device.ID) error { return d.Forget(id) }))
}

func (s *Server) resetUsage(a args) error {
	if sure, _, err := a.flag("confirm"); err != nil || !sure {
		return errors.New("confirm: say true, since what was used cannot be had back")
	}
	s.past = [2]past{}
	return s.done(s.house.ResetUsage())
}

// done answers a method that changes something.
func (s *Server) done(err error) error {
	if err == nil {
		s.reply.is("done", true)
	}
	return err
}
