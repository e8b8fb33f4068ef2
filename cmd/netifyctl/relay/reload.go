package relay

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/lane"
)

// handover is how long a batch that is being sent may take when the configuration
// is read again.
const handover = 5 * time.Second

// serve runs a relay until ctx ends. When it is told to, it reads the configuration
// again, and another relay goes on; outputs of the same name go on with what waits. A configuration that is no good
// changes nothing.
func serve(ctx context.Context, r *Relay, again <-chan os.Signal, load func() (*config.Config, error)) {
	for r != nil {
		r = r.serve(ctx, again, load)
	}
}

// serve runs until ctx ends, and then gives nil, or until there is a relay to go on.
func (r *Relay) serve(ctx context.Context, again <-chan os.Signal, load func() (*config.Config, error)) (next *Relay) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() { defer close(done); r.Run(running) }()
	for next == nil {
		select {
		case <-done:
			return nil
		case <-again:
			next = r.next(load)
		}
	}
	next.inherit(r)
	heirs := map[*lane.Lane]*lane.Lane{} // of ours
	for i, l := range r.lanes {
		for k := range next.c.Outputs {
			if next.c.Outputs[k].Name == r.c.Outputs[i].Name {
				heirs[l] = next.lanes[k]
				l.Leave()
			}
		}
	}
	stop()
	<-done
	for l, heir := range heirs {
		heir.Inherit(l)
	}
	r.log("the configuration was read again")
	return next
}

// inherit takes over what the relay of before knows of the agent, and whether it was said that it does not tell.
func (r *Relay) inherit(old *Relay) {
	old.mu.Lock()
	defer old.mu.Unlock()
	r.asked = old.asked
	if r.agent == "" && old.c.Agent == "" && old.c.Control == r.c.Control {
		r.agent = old.agent
	}
}

// next makes a relay of the configuration as it is now; nil: it is no good.
func (r *Relay) next(load func() (*config.Config, error)) *Relay {
	c, err := load()
	if err == nil {
		var next *Relay
		if next, err = New(c, r.log); err == nil {
			for _, w := range c.Warnings {
				r.log("warning: %s", w)
			}
			return next
		}
	}
	r.log("%v\nthe configuration of before stays", err)
	return nil
}

// last is the newest epoch of this process: numbers of batches begin anew with each.
var last atomic.Uint64

// epoch is the time in seconds, or the second after the last one where that is not over.
func epoch() uint64 {
	for {
		before := last.Load()
		if e := max(uint64(time.Now().Unix()), before+1); last.CompareAndSwap(before, e) {
			return e
		}
	}
}
