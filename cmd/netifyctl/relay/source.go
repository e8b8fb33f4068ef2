package relay

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/process"
	"netifyd/cmd/netifyctl/stream"
)

// source is one connection to the agent's stream, with those who hear it.
type source struct {
	stream stream.Stream
	log    func(string, ...any)
	hear   []process.Processor
	flows  *process.Flows // of hear, where somebody is told of flows
	ticks  []ticker       // guarded by mu
	losing []loser        // are told what the agent lost on the way here

	mu      sync.Mutex // guards what hear holds, against ticks
	dropped uint64     // as the agent's last status said

	stats struct {
		sync.Mutex
		connected bool
		err       string
		lines     uint64
		lost      uint64 // in the agent's queue for us
		long      uint64 // lines that were too long
		broken    uint64 // lines that are no object with a type
		opened    uint64
	}
}

// ticker does something when time has passed.
type ticker interface{ Tick(now time.Time) }

type loser struct {
	lane  *lane.Lane
	table *lane.Table
}

// kinds are the lines that somebody wants. The agent's status tells what was
// lost on the way.
func (s *source) kinds() []string {
	kinds := []string{"agent_status"}
	for _, p := range s.hear {
		wanted := p.Kinds()
		if len(wanted) == 0 {
			return nil
		}
		for _, k := range wanted {
			if !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
	}
	return kinds
}

func (s *source) run(ctx context.Context) {
	s.stream.Kinds = s.kinds()
	s.stream.Open = func() {
		s.dropped = 0
		s.mu.Lock()
		if s.flows != nil {
			s.flows.Opened(time.Now())
		}
		s.mu.Unlock()
		s.stats.Lock()
		defer s.stats.Unlock()
		s.stats.connected = true
		s.stats.opened++
	}
	s.stream.Gone = func(err error, _ time.Duration) {
		s.stats.Lock()
		defer s.stats.Unlock()
		if text := err.Error(); text != s.stats.err {
			s.log("stream: %s: %v; it is tried again", s.stream.Address, err)
			s.stats.err = text
		}
		s.stats.connected = false
	}
	s.stream.Long = func() {
		s.stats.Lock()
		defer s.stats.Unlock()
		s.stats.long++
	}
	go s.tick(ctx)
	s.stream.Run(ctx, s.line)
}

// tick tells the processors that time passes.
func (s *source) tick(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			s.mu.Lock()
			for _, p := range s.ticks {
				p.Tick(now)
			}
			s.mu.Unlock()
		}
	}
}

func (s *source) line(kind string, line []byte) {
	s.stats.Lock()
	s.stats.lines++
	if kind == "" {
		s.stats.broken++
	} else if s.stats.err != "" { // a socket that speaks something else is connected too, but tells no line
		s.log("stream: connected")
		s.stats.err = ""
	}
	s.stats.Unlock()
	if kind == "" {
		return // it is no line of an agent, and readers would choke on it
	}
	if kind == "agent_status" {
		s.status(line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.hear {
		p.Event(kind, line)
	}
}

// status learns what the agent's queue for us had no room for.
func (s *source) status(line []byte) {
	var status struct {
		Dropped uint64 `json:"client_dropped"`
	}
	if json.Unmarshal(line, &status) != nil || status.Dropped <= s.dropped {
		return
	}
	n := status.Dropped - s.dropped
	s.dropped = status.Dropped
	s.stats.Lock()
	s.stats.lost += n
	s.stats.Unlock()
	for _, l := range s.losing {
		l.lane.Lose(l.table, n)
	}
}
