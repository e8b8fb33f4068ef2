package sink

import (
	"slices"
	"time"

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
		p.dialects = p.dialects.With(c.dialect)
	}
	for _, j := range p.joins {
		j.done = j.done || !slices.Contains(p.clients, j.client)
	}
}

// Dialects is Outlet's.
func (p *Port) Dialects() event.Dialects { return p.dialects }

// Offer is Outlet's. An agent_status is told to each client with the number of events that it lost.
func (p *Port) Offer(d event.Dialect, kind core.Kind, line []byte) bool {
	kept := true
	for _, c := range p.clients {
		if c.dialect != d {
			continue
		}
		own := line
		if kind == core.KindStatus {
			p.status = event.AppendClientStatus(p.status[:0], line, c.queue.lost())
			own = p.status
		}
		kept = c.queue.push(own) && kept
	}
	return kept
}

// Wait lets clients catch up: it returns when the queue of each is at most
// half full, or after patience; a client for which it waited in vain is not
// waited for again until it has caught up. For replays, which nothing else slows down.
func (p *Port) Wait(patience time.Duration) {
	const step = time.Millisecond
	for waited := time.Duration(0); p.behind(false); waited += step {
		if waited >= patience {
			p.behind(true)
			return
		}
		time.Sleep(step)
	}
}

// behind says that somebody must be waited for; with giveUp it marks them.
func (p *Port) behind(giveUp bool) (any bool) {
	for _, c := range p.clients {
		switch {
		case !c.queue.busy():
			c.stuck.Store(false)
		case giveUp:
			c.stuck.Store(true)
		case !c.stuck.Load():
			any = true
		}
	}
	return any
}
