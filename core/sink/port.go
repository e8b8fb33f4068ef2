package sink

import (
	"slices"

	"netifyd/core"
	"netifyd/core/event"
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
	for _, c := range p.clients {
		p.dialects = p.dialects.With(c.door.Dialect)
	}
	for _, j := range p.joins {
		j.done = j.done || !slices.Contains(p.clients, j.client)
	}
}

// Dialects is Outlet's.
func (p *Port) Dialects() event.Dialects { return p.dialects }

// Offer is Outlet's. An agent_status is told to each client with the number of events that it lost.
func (p *Port) Offer(d event.Dialect, kind core.Kind, rank core.Rank, line []byte) bool {
	kept := true
	for _, c := range p.clients {
		if c.door.Dialect != d {
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
