package query

import (
	"cmp"
	"errors"
	"slices"
	"sort"

	"netifyd/core/device"
	"netifyd/core/usage"
)

// charted is how many labels have a counter of their own in totals; the others
// are added up. A monitoring system keeps a series for each that it ever saw.
const charted = 64

// chart is which labels have a counter of their own. They are chosen anew once
// an hour, and the sum of the others is mended when they change, so that no
// counter falls or leaps by it.
type chart struct {
	hour   int64 // since which the choice holds
	labels []usage.Label
	mend   usage.Octets // to add to the others; wraps
}

// choose takes the largest labels of all, which come with the largest first. As
// long as there is room each new one gets a counter.
func (c *chart) choose(all []total, hour int64) {
	for i := 0; i < len(all) && len(c.labels) < charted; i++ {
		if !slices.Contains(c.labels, all[i].label) {
			c.labels = append(c.labels, all[i].label)
		}
	}
	if c.hour == hour {
		return
	}
	was := c.others(all)
	c.labels = c.labels[:0]
	for i := range all[:min(charted, len(all))] {
		c.labels = append(c.labels, all[i].label)
	}
	is := c.others(all)
	c.hour = hour
	c.mend.Down += was.Down - is.Down
	c.mend.Up += was.Up - is.Up
}

// others is what the labels have that have no counter of their own.
func (c *chart) others(all []total) (sum usage.Octets) {
	sum = c.mend
	for i := range all {
		if !slices.Contains(c.labels, all[i].label) {
			sum.Down, sum.Up = sum.Down+all[i].Down, sum.Up+all[i].Up
		}
	}
	return sum
}

// total is what a label has had since the start.
type total struct {
	label usage.Label
	usage.Count
}

// totals are counters since the start of the agent, for what draws curves of them.
func (s *Server) totals(a args) error {
	by, err := a.text("by")
	if err != nil {
		return err
	}
	p, err := a.page()
	if err != nil {
		return err
	}
	u := s.house.Usage()
	if u == nil {
		return errNoUsage
	}
	s.reply.signed("now", s.house.Now()/1e9)
	switch by {
	case "application":
		s.labelTotals(u, p)
	case "device", "":
		s.deviceTotals(u, p)
	default:
		return errors.New("by: want device or application")
	}
	return nil
}

func (s *Server) deviceTotals(u *usage.Table, p page) {
	d := u.Devices
	l := s.list(p, "id", "device", "name", "down", "up")
	for at := device.Others; int(at) < d.Cap() && !l.done; {
		d.Lock() // in pieces, for the shards
		for end := min(int(at)+4*writePiece, d.Cap()); int(at) < end; at++ {
			x := d.At(at)
			_, _, n := u.Used(at)
			if x == nil || x.Second() || x.Kind == device.Group && n == (usage.Octets{}) {
				continue
			}
			l.put(func(r *reply) {
				r.num(uint64(x.Number))
				r.cell(d.Text(at))
				r.cell(x.Name())
				r.num(n.Down)
				r.num(n.Up)
			})
		}
		d.Unlock()
	}
	l.end()
}

func (s *Server) labelTotals(u *usage.Table, p page) {
	var all []total
	u.Devices.Lock()
	hour, _, _ := u.Spans()
	u.Totals(func(label usage.Label, n usage.Count) {
		if label.Sum() == usage.Internet && label != usage.Wan {
			all = append(all, total{label, n})
		}
	})
	u.Devices.Unlock()
	sort.Slice(all, func(i, j int) bool {
		x, y := &all[i], &all[j]
		return cmp.Or(cmp.Compare(y.Sum(), x.Sum()), cmp.Compare(x.label, y.label)) < 0
	})
	s.chart.choose(all, hour.Start)
	l := s.list(p, "application", "protocol", "name", "down", "up")
	for _, label := range s.chart.labels {
		i := slices.IndexFunc(all, func(x total) bool { return x.label == label })
		if i < 0 {
			continue
		}
		l.put(func(r *reply) {
			s.label(label)
			r.num(all[i].Down)
			r.num(all[i].Up)
		})
	}
	rest := s.chart.others(all)
	l.put(func(r *reply) {
		r.num(0)
		r.num(0)
		r.cell("others")
		r.num(rest.Down)
		r.num(rest.Up)
	})
	l.end()
}
