package query

import (
	"cmp"
	"net/netip"

	"netifyd/core/device"
	"netifyd/core/usage"
)

// How much history a device is shown with.
var deviceSteps = []struct {
	name  string
	step  usage.Kind
	count int
}{{"hours", usage.Hour, 24}, {"days", usage.Day, 31}, {"months", usage.Period, 13}}

// device tells everything of one device: who it is and why, what it used when,
// and of which applications.
func (s *Server) device(a args) error {
	text, err := a.device()
	if err != nil {
		return err
	}
	period, err := a.text("period")
	if err != nil {
		return err
	}
	local, _, err := a.flag("local")
	if err != nil {
		return err
	}
	u := s.house.Usage()
	if u == nil {
		return errNoUsage
	}
	now := s.house.Now() / 1e9
	q := question{sum: usage.Internet}
	if local {
		q.sum = usage.Local
	}
	var clock *usage.Clock
	if clock, q.device, err = s.writeDevice(u, text, now); err != nil {
		return err
	}
	if q.span, err = spanOf(clock, cmp.Or(period, "today"), now); err != nil {
		return err
	}
	if clock != nil {
		for _, x := range deviceSteps {
			if err := s.series(u, clock, q, x.name, x.step, x.count, now); err != nil {
				return err
			}
		}
	}
	q.byLabel = true
	rows, estimated, lossy, err := s.gather(u, &q)
	if err != nil {
		return err
	}
	r := &s.reply
	r.is("estimated", estimated)
	r.is("lossy", lossy)
	r.signed("from", q.span.Start)
	r.signed("to", q.span.End)
	r.table("applications", "application", "protocol", "name", "down", "up", "flows")
	for i := range rows[:min(defaultRows, len(rows))] {
		x := &rows[i]
		r.row()
		s.label(x.label)
		r.count(x)
		if !r.endRow() {
			break
		}
	}
	r.endTable(len(rows))
	return nil
}

// count writes the cells of what was used.
func (r *reply) count(x *used) {
	r.num(x.Down)
	r.num(x.Up)
	r.num(uint64(x.Flows))
}

// writeDevice writes who a device is.
func (s *Server) writeDevice(u *usage.Table, text string, now int64) (*usage.Clock, uint32, error) {
	d, r := u.Devices, &s.reply
	d.Lock()
	defer d.Unlock()
	id := findDevice(d, text)
	if text == "" || id == device.None {
		return nil, 0, noDevice(text)
	}
	x := seenDevice{Device: d.At(id), Share: u.ShareOf(id), table: d, now: uint32(now)}
	kind, why := d.Type(x.Device)
	r.signed("now", now)
	r.number("id", uint64(x.Number))
	r.text("device", d.Text(id))
	r.text("known_by", x.Kind.String())
	r.text("name", x.Name())
	r.text("name_from", x.From().String())
	r.table("names", "name", "from")
	names := x.Names()
	for i := range names {
		if names[i].From != device.FromNobody {
			r.row()
			r.cell(names[i].String())
			r.cell(names[i].From.String())
			r.endRow()
		}
	}
	r.endTable(r.rows)
	r.text("type", kind)
	r.text("type_from", why)
	r.name("evidence")
	r.b = append(r.b, '[')
	d.Evidence(x.Device, func(text string) { r.cell(text) })
	r.b = append(r.b, ']')
	r.text("vendor", d.Vendor(x.Device))
	r.is("online", x.online())
	r.is("randomised", x.Flags&device.Randomised != 0)
	r.is("hidden", x.Flags&device.Hidden != 0)
	r.is("resolver", x.Flags&device.Resolver != 0)
	for _, n := range [...]struct {
		name  string
		value uint64
	}{{"first", uint64(x.First)}, {"last", uint64(x.Last)}, {"flows", uint64(x.Flows)}, {"down_rate", uint64(x.Down)}, {"up_rate", uint64(x.Up)},
		{"today_down", x.Today.Down}, {"today_up", x.Today.Up}, {"period_down", x.Period.Down}, {"period_up", x.Period.Up}} {
		r.number(n.name, n.value)
	}
	r.name("same")
	r.b = append(r.b, '[')
	for at := device.ID(1); int(at) < d.Cap(); at++ {
		if y := d.At(at); y != nil && y.Second() && d.Main(at) == id {
			r.cell(d.Text(at))
		}
	}
	r.b = append(r.b, ']')
	r.name("addresses")
	var room [5]netip.Addr
	r.addresses(x.Addresses(room[:0]))
	return u.Clock(), x.Number, nil
}

// series writes what the device used in each of the last steps, those without
// anything included, so that a face draws one bar for each row.
func (s *Server) series(u *usage.Table, c *usage.Clock, q question, name string, step usage.Kind, count int, now int64) error {
	q.step, q.stepped = step, true
	q.span = lastSteps(c, step, count, now)
	rows, _, _, err := s.gather(u, &q)
	if err != nil {
		return err
	}
	r := &s.reply
	r.table(name, "start", "down", "up", "flows")
	for at := q.span.Start; at < q.span.End; at = stepOf(c, step, at).End {
		x := used{start: at}
		if len(rows) > 0 && rows[0].start == at {
			x, rows = rows[0], rows[1:]
		}
		r.row()
		r.num(uint64(at))
		r.count(&x)
		r.endRow()
	}
	r.endTable(r.rows)
	return nil
}

// stepOf is the hour, the day or the period around a time.
func stepOf(c *usage.Clock, step usage.Kind, at int64) usage.Span {
	switch step {
	case usage.Hour:
		return c.Hour(at)
	case usage.Day:
		return c.Day(at)
	}
	return c.Period(at)
}

// lastSteps is the time of the last steps, that of now included.
func lastSteps(c *usage.Clock, step usage.Kind, count int, now int64) usage.Span {
	span := stepOf(c, step, now)
	for range count - 1 {
		span.Start = stepOf(c, step, span.Start-1).Start
	}
	return span
}
