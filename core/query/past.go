package query

import (
	"sort"

	"netifyd/core/usage"
)

// pastLabels is how many labels of the hours before are remembered.
const pastLabels = 256

// past is what labels had of the Internet in a span before this hour, so that a
// page that asks every few seconds reads no file. It holds as long as the hour.
type past struct {
	span   usage.Span
	hour   int64 // start of the hour that it does not have
	labels []pastLabel
}

type pastLabel struct {
	label usage.Label
	usage.Octets
}

// of gives the labels of a span before an hour, the largest ones, by label. The
// result is valid until the next call.
func (p *past) of(h *usage.History, u *usage.Table, span usage.Span, hour int64) ([]pastLabel, error) {
	if p.labels != nil && p.span == span && p.hour == hour {
		return p.labels, nil
	}
	sums := map[usage.Label]usage.Octets{}
	if h != nil {
		pending, _ := u.Pending(nil)
		err := h.Each(span, usage.Day, pending, func(r *usage.Record) {
			if int64(r.Start) == hour {
				return
			}
			for i := range r.Entries {
				if e := &r.Entries[i]; e.Label.Sum() == usage.Internet && e.Label != usage.Wan && e.Label != usage.Peer {
					n := sums[e.Label]
					sums[e.Label] = usage.Octets{Down: n.Down + e.Down, Up: n.Up + e.Up}
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if p.labels == nil {
		p.labels = make([]pastLabel, 0, pastLabels)
	}
	p.labels = p.labels[:0]
	for label, n := range sums {
		x := pastLabel{label, n}
		switch least := p.least(); {
		case len(p.labels) < pastLabels:
			p.labels = append(p.labels, x)
		case p.labels[least].Down+p.labels[least].Up < n.Down+n.Up:
			p.labels[least] = x
		}
	}
	sort.Slice(p.labels, func(i, j int) bool { return p.labels[i].label < p.labels[j].label })
	p.span, p.hour = span, hour
	return p.labels, nil
}

// least is where the smallest label is, once there are as many as are kept.
func (p *past) least() (at int) {
	if len(p.labels) < pastLabels {
		return 0
	}
	for i := range p.labels {
		if p.labels[i].Down+p.labels[i].Up < p.labels[at].Down+p.labels[at].Up {
			at = i
		}
	}
	return at
}
