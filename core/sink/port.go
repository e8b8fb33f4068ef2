package sink

import (
	"slices"

	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/expr"
)

// Port is a Fanout's Outlet for one goroutine. A client receives what goes
// through a port from the Poll on that found it: after its greeting, and after
// the caller had the chance to tell it what was there before.
type Port struct {
	fanout   *Fanout
	seen     *[]*client
	clients  []*client
	joins    []*Join
	dialects event.Dialects
	status   []byte

	wants    []*wants                  // of each of clients
	fits     []bool                    // the filter of each, as Select found
	kinds    [event.NumDialects]uint32 // that somebody wants of all flows
	filtered uint32                    // that somebody wants of some flows
}

// Port makes an outlet. Each goroutine that offers lines needs one.
func (f *Fanout) Port() *Port { return &Port{fanout: f} }

// Poll is Outlet's.
func (p *Port) Poll() []*Join {
	if now := p.fanout.clients.Load(); now != p.seen {
		p.update(now)
	}
	if len(p.joins) > 0 {
		p.joins = slices.DeleteFunc(p.joins, func(j *Join) bool { return j.done })
	}
	return p.joins
}

func (p *Port) update(now *[]*client) {
	for _, c := range *now {
		if !slices.Contains(p.clients, c) {
			p.joins = append(p.joins, &Join{client: c})
		}
	}
	p.seen, p.clients, p.dialects = now, *now, 0
	p.kinds, p.filtered, p.wants, p.fits = [event.NumDialects]uint32{}, 0, p.wants[:0], p.fits[:0]
	for _, c := range p.clients {
		w := c.wants.Load()
		p.wants, p.fits = append(p.wants, w), append(p.fits, true)
		d := c.door.Dialect
		p.dialects = p.dialects.With(d)
		switch {
		case w == nil:
			p.kinds[d] = allKinds
		case w.filter != nil:
			p.filtered |= w.kinds
		default:
			p.kinds[d] |= w.kinds
		}
	}
	for _, j := range p.joins {
		j.done = j.done || !slices.Contains(p.clients, j.client)
	}
}

// Dialects is Outlet's.
func (p *Port) Dialects() event.Dialects { return p.dialects }

// Wants is Outlet's. Only clients of dialect 5 have filters.
func (p *Port) Wants(d event.Dialect, kind core.Kind) bool {
	kinds := p.kinds[d]
	if d == event.V5 {
		kinds |= p.filtered
	}
	return kinds>>kind&1 != 0
}

// Filters is Outlet's.
func (p *Port) Filters(kind core.Kind) bool { return kind.OfFlow() && p.filtered>>kind&1 != 0 }

// Select is Outlet's.
func (p *Port) Select(kind core.Kind, in *expr.Input) bool {
	any := p.kinds[event.V5]>>kind&1 != 0
	for i, w := range p.wants {
		if w != nil && w.filter != nil {
			p.fits[i] = w.has(kind) && w.filter.Match(in)
			any = any || p.fits[i]
		}
	}
	return any
}

// Offer is Outlet's. An agent_status is told to each client with the number of events that it lost.
func (p *Port) Offer(d event.Dialect, kind core.Kind, rank core.Rank, line []byte) bool {
	kept := true
	for i, c := range p.clients {
		if c.door.Dialect != d {
			continue
		}
		if w := p.wants[i]; !w.has(kind) || w != nil && w.filter != nil && kind.OfFlow() && !p.fits[i] {
			continue
		}
		own := line
		if kind == core.KindStatus {
			p.status = event.AppendClientStatus(p.status[:0], line, c.queue.lost())
			own = p.status
		}
		kept = c.queue.push(own, rank) && kept
	}
	return kept
}
