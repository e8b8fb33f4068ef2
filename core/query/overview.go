package query

import (
	"cmp"
	"errors"
	"slices"

	"netifyd/core/alert"
	"netifyd/core/device"
	"netifyd/core/usage"
)

// How many devices and applications an overview names: unless it is asked for another number, and at the most.
const (
	usualLeads = 8
	maxLeads   = 50
)

// lately is for how long a flow at risk counts, in seconds.
const lately = 3600

// newDevice is how long a device counts as new, in seconds.
const newDevice = 86400

// overview tells at a glance what is going on. It reads the tables once and no
// file, since a page asks for it every few seconds.
func (s *Server) overview(a args) error {
	since, err := a.number("since", 0)
	if err != nil {
		return err
	}
	by, err := a.text("by")
	if err != nil {
		return err
	}
	limit, err := a.number("limit", usualLeads)
	if err != nil {
		return err
	}
	o := overview{by: by, limit: int(min(limit, maxLeads))}
	switch by {
	case "now", "today", "month":
	case "":
		o.by = "now"
	default:
		return errors.New("by: want now, today or month")
	}
	o.now = o.by == "now"
	now := s.house.Now()
	r, agent := &s.reply, &s.agent
	s.house.Agent(agent)
	r.signed("now", now/1e9)
	r.text("version", agent.Version)
	r.text("by", o.by)
	if u := s.house.Usage(); u != nil {
		s.rates(u, since)
		if err := s.leaders(u, &o, uint32(now/1e9)); err != nil {
			return err
		}
	}
	r.object("words")
	r.number("devices", uint64(o.online))
	r.number("new_devices", uint64(o.fresh))
	r.number("flows", agent.Flows)
	r.number("down_rate", o.sum.downRate)
	r.number("up_rate", o.sum.upRate)
	r.number("down", o.sum.Down)
	r.number("up", o.sum.Up)
	r.number("lost", agent.DroppedLately)
	ring := s.house.Alerts()
	if ring != nil {
		r.number("at_risk", uint64(ring.Count(alert.RiskFound, uint32(now/1e9)-lately)))
	}
	r.close()
	if ring != nil {
		r.number("alerts", uint64(ring.Newest()))
	}
	s.warnings(agent)
	return nil
}

// rates writes the curve of the last five minutes: what captures of role wan
// saw, or where there are none what all devices had of the Internet.
func (s *Server) rates(u *usage.Table, since int64) {
	u.Devices.Lock()
	samples := u.Samples(s.samples[:0])
	at, step := u.Sampled()
	u.Devices.Unlock()
	wan := ofWAN(samples)
	last := at / 1e9
	if missing := (last - since) / int64(step); since > 0 && missing < int64(len(samples)) {
		samples = samples[len(samples)-int(max(missing, 0)):]
	}
	r := &s.reply
	r.number("step", uint64(step))
	r.signed("newest", last)
	r.object("wan")
	r.text("of", map[bool]string{true: "wan", false: "devices"}[wan])
	for _, way := range [...]string{"down", "up"} {
		r.name(way)
		r.b = append(r.b, '[')
		for i := range samples {
			x := &samples[i]
			n := [...]uint32{x.Down, x.Up, x.WANDown, x.WANUp}
			at := 0
			if wan {
				at = 2
			}
			if way == "up" {
				at++
			}
			r.num(uint64(n[at]))
		}
		r.b = append(r.b, ']')
	}
	r.close()
}

// ofWAN says that captures of role wan saw the traffic of a curve.
func ofWAN(samples []usage.Sample) bool {
	return slices.ContainsFunc(samples, func(x usage.Sample) bool { return x.WANDown|x.WANUp != 0 })
}

// overview is what is found for one.
type overview struct {
	by            string
	limit         int
	now           bool
	online, fresh int
	sum           struct {
		downRate, upRate uint64
		usage.Octets
	}
}

// key is what shares are sorted by. Those that rest now are sorted by their bytes.
func (o *overview) key(x *usage.Share, n *usage.Octets) uint64 {
	if rate := x.Rate(); o.now && rate != 0 {
		return rate << 24
	}
	if o.now {
		return min((n.Down+n.Up+1023)>>10, 1<<24-1)
	}
	return n.Down + n.Up
}

// lead is one of the first.
type lead struct {
	key    uint64
	amount usage.Octets
	usage.Share
}

// leads are the first, in no order until sort.
type leads struct {
	list  []lead
	most  int // that are named
	least int // where the smallest is, once there are as many
	n     int // of all that have anything
}

// offer takes a share among the first, if it has any.
func (l *leads) offer(key uint64, x *usage.Share, amount *usage.Octets) {
	if key == 0 {
		return
	}
	l.n++
	switch {
	case len(l.list) < l.most:
		l.list = append(l.list, lead{key, *amount, *x})
	case len(l.list) == 0:
		return
	case key > l.list[l.least].key:
		l.list[l.least] = lead{key, *amount, *x}
	default:
		return
	}
	for i := range l.list {
		if l.list[i].key < l.list[l.least].key {
			l.least = i
		}
	}
}

// sort puts the largest first; of equal ones that which was there first.
func (l *leads) sort() {
	for i := range l.list { // there are few
		for ; i > 0 && l.list[i].before(&l.list[i-1]); i-- {
			l.list[i], l.list[i-1] = l.list[i-1], l.list[i]
		}
	}
}

func (x *lead) before(y *lead) bool {
	return cmp.Or(cmp.Compare(y.key, x.key), cmp.Compare(x.Device, y.Device), cmp.Compare(x.Label, y.Label)) < 0
}

// leaders writes the devices and the applications that come first.
func (s *Server) leaders(u *usage.Table, o *overview, now uint32) error {
	d := u.Devices
	d.Lock()
	defer d.Unlock()
	var before []pastLabel
	for {
		hour, span, period := u.Spans()
		p := &s.past[0]
		if o.by == "month" {
			span, p = period, &s.past[1]
		}
		if hour.End == 0 {
			break // no clock: there is nothing but this hour
		}
		d.Unlock()
		var err error
		before, err = p.of(s.house.History(), u, span, hour.Start)
		d.Lock()
		if err != nil {
			return err
		}
		if h, _, _ := u.Spans(); h == hour {
			break
		}
	}
	devices, labels := leads{list: s.leads[0][:0], most: o.limit}, leads{list: s.leads[1][:0], most: o.limit}
	u.Shares(func(x *usage.Share) {
		if x.Device == device.None {
			if i, ok := slices.BinarySearchFunc(before, x.Label, func(b pastLabel, l usage.Label) int { return cmp.Compare(b.label, l) }); ok {
				x.Hour = usage.Octets{Down: x.Hour.Down + before[i].Down, Up: x.Hour.Up + before[i].Up}
				s.seen[i>>6] |= 1 << (i & 63)
			}
			labels.offer(o.key(x, &x.Hour), x, &x.Hour)
			return
		}
		n := &x.Today
		if o.by == "month" {
			n = &x.Period
		}
		sum := &o.sum
		sum.downRate, sum.upRate = sum.downRate+uint64(x.Down), sum.upRate+uint64(x.Up)
		sum.Down, sum.Up = sum.Down+n.Down, sum.Up+n.Up
		if dev := d.At(x.Device); dev.Kind != device.Group {
			if dev.Flows > 0 || dev.Online(now) {
				o.online++
			}
			if now < dev.First+newDevice {
				o.fresh++
			}
		}
		devices.offer(o.key(x, n), x, n)
	})
	for i := range before { // what this hour has not seen
		if s.seen[i>>6]>>(i&63)&1 == 0 {
			x := usage.Share{Label: before[i].label}
			labels.offer(o.key(&x, &before[i].Octets), &x, &before[i].Octets)
		}
	}
	s.seen = [pastLabels / 64]uint64{}
	devices.sort()
	labels.sort()
	s.writeLeaders(u, &devices, &labels, now)
	return nil
}

func (s *Server) writeLeaders(u *usage.Table, devices, labels *leads, now uint32) {
	r, d := &s.reply, u.Devices
	r.table("devices", "id", "device", "name", "type", "online", "down_rate", "up_rate", "down", "up")
	for i := range devices.list {
		x := &devices.list[i]
		dev := d.At(x.Device)
		kind, _ := d.Type(dev)
		r.row()
		r.num(uint64(dev.Number))
		r.cell(d.Text(x.Device))
		r.cell(dev.Name())
		r.cell(kind)
		r.flag(dev.Flows > 0 || dev.Online(now))
		r.amounts(x)
		r.endRow()
	}
	r.endTable(devices.n)
	r.table("applications", "application", "protocol", "name", "down_rate", "up_rate", "down", "up")
	for i := range labels.list {
		x := &labels.list[i]
		r.row()
		s.label(x.Label)
		r.amounts(x)
		r.endRow()
	}
	r.endTable(labels.n)
}

// amounts writes the cells of rates and bytes.
func (r *reply) amounts(x *lead) {
	for _, v := range [...]uint64{uint64(x.Down), uint64(x.Up), x.amount.Down, x.amount.Up} {
		r.num(v)
	}
}

// label writes three cells: the application's identifier, or the protocol's, and the name.
func (s *Server) label(l usage.Label) {
	id, ok := l.Protocol()
	if !ok {
		id = 0
	}
	s.reply.num(uint64(l.App()))
	s.reply.num(uint64(id))
	s.reply.cell(l.Name(s.apps.Tag))
}
