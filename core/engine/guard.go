package engine

import (
	"netifyd/core"
	"netifyd/core/flow"
)

// A detector that panics on somebody's bytes must not end the agent. Each place
// that works on one flow defers one of these, so that no panic passes through
// the table and its wheel: the flow stays unknown, is counted, and all others go on.

// guarded walks frames from i on, lets time pass, and returns where to go on.
// It comes back early only when a packet could not be read without a panic.
func (s *Shard) guarded(ifc *iface, b *core.Batch, i int) (next int) {
	defer func() {
		if next <= len(b.Frames) && recover() != nil {
			s.stats.Faults++
			next++
		}
	}()
	for next = i; next < len(b.Frames); next++ {
		s.frame(ifc, &b.Frames[next])
	}
	if b.Steady != 0 || len(b.Frames) == 0 {
		s.pass(ifc, b.Now) // the newest packet of a file may have a wrong time
	}
	return next + 1
}

// inspected gives up a flow whose inspection panicked. Deferred.
func (s *Shard) inspected(r *flow.Record) {
	if recover() != nil {
		s.fault(r)
		s.giveUp(r)
	}
}

// givenUp decides a flow that could not even be given up. Deferred.
func (s *Shard) givenUp(r *flow.Record) {
	if recover() != nil {
		s.fault(r)
		s.slots.Free(r)
		s.table.Mark(r, flow.Decided)
	}
}

// told counts a line that could not be made. Deferred.
func (s *Shard) told(r *flow.Record) {
	if recover() != nil {
		s.fault(r)
	}
}

// fault counts a flow once.
func (s *Shard) fault(r *flow.Record) {
	r.Flags &^= flow.Feeding
	if r.Marks&flow.Faulty == 0 {
		r.Marks |= flow.Faulty
		s.stats.Faults++
	}
}

// expire takes the datagrams whose missing fragments are no longer waited for
// down the corridor.
func (s *Shard) expire(ifc *iface, now int64) {
	for s.expireOne(ifc, now) {
	}
}

func (s *Shard) expireOne(ifc *iface, now int64) (more bool) {
	defer func() {
		if recover() != nil {
			s.stats.Faults++
			more = true
		}
	}()
	if !s.dec.Expire(now, &s.view) {
		return false
	}
	s.packet(ifc, &s.view)
	return true
}
