package engine

import (
	"math"

	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/sink"
)

const second = int64(1e9)

// piece is how many places of the slab are ended at a time: their lines fit
// into half a client's queue.
const piece = 64

// idle is how long a flow may rest before it ends. The counters of an offloaded
// one come once an interval only, so it may rest for two.
func (s *Shard) idle(r *flow.Record) int64 {
	idle := s.set.idleTCP
	switch {
	case r.Protocol != ipTCP:
		idle = s.set.idleFlow
	case closed(r):
		return s.set.idleClosed
	}
	if r.Flags&flow.Offloaded != 0 {
		idle = max(idle, 2*s.set.interval)
	}
	return idle
}

// due is when a flow ends that the wheel looks at. One that was recognised and
// waits for a name is told without it.
func (s *Shard) due(r *flow.Record) int64 {
	late := r.Marks&flow.Late != 0
	if r.Flags&(flow.Matched|flow.Announced) == flow.Matched {
		s.turning = true // the wheel puts the record where this says
		s.announce(r, nil)
		s.turning = false
	}
	if late {
		s.lookLate(r)
	}
	if r.Shunt != 0 {
		s.settle(r)
	}
	if r.Last > s.now+maxLeap { // of a packet with a wrong time
		r.First, r.Last = min(r.First, s.now), s.now
	}
	if r.Marks&flow.Late != 0 {
		return min(r.Last+s.idle(r), s.now+lateAfter)
	}
	return r.Last + s.idle(r)
}

// tick does what time asks for: ends idle flows each second, sends the counters
// of part of the flows as their turn comes.
func (s *Shard) tick(ifc *iface, now int64) {
	if now >= s.nextTurn {
		s.turn(ifc, now)
	}
	s.nextTick = min(s.nextTurn, s.bookOn(now), s.report(now))
}

func (s *Shard) turn(ifc *iface, now int64) {
	s.nextTurn = now - now%second + second
	if s.door != nil {
		s.door.Tick(now)
	}
	s.table.Advance(now, s.deadline, s.onEnd)
	s.expire(ifc, now)
	s.account(now)
}

// counters sends flow_stats for every flow of a part with traffic since the last ones.
func (s *Shard) counters(part int) {
	for i := part; i < s.table.Cap(); i += sweepParts {
		r := s.table.At(i)
		if r == nil || r.Detect == 0 && r.Flags&flow.Announced == 0 {
			continue
		}
		if r.Shunt != 0 {
			s.settle(r)
		}
		if r.Flags&flow.Untold != 0 {
			s.release(r)
		}
		if r.Flags&flow.Touched == 0 || s.waits(r) || !s.reportable(r) {
			continue
		}
		s.tell(r, nil, core.KindFlowStats, 0)
		s.recount(r)
		r.Flags &^= flow.Touched
		r.Packets, r.Bytes = [2]uint32{}, [2]uint64{}
		r.ToldPackets, r.ToldBytes = [2]uint16{}, [2]uint32{}
	}
}

// reportable says that a flow's counters may be told: those of a flow whose
// detection has not ended wait for that, but no longer than an interval. Then
// what is known is complete, and what comes is an update.
func (s *Shard) reportable(r *flow.Record) bool {
	if r.Flags&flow.Complete == 0 && s.now-r.First >= s.set.interval {
		s.complete(r, nil)
	}
	return r.Flags&flow.Complete != 0
}

// reschedule lets the wheel look at every flow again when it is to end now: it
// would look when it was to end before. It locks the shard for a piece at a time.
func (s *Shard) reschedule() {
	for at := 0; at < s.table.Cap(); at += bookPiece {
		s.mu.Lock()
		for i := at; i < min(at+bookPiece, s.table.Cap()); i++ {
			if r := s.table.At(i); r != nil && r.Flags&(flow.Matched|flow.Announced) != flow.Matched && r.Marks&flow.Late == 0 { // else it is looked at soon
				s.table.Schedule(r, r.Last+s.idle(r))
			}
		}
		s.mu.Unlock()
	}
}

// finish ends every flow, in the order of the slab. At the end of a file each
// ends as if it had rested; when the agent stops all are terminated.
func (s *Shard) finish(ifc *iface, terminate bool) {
	for at := 0; at >= 0; {
		at = s.finishSome(ifc, at, terminate)
	}
}

// finishSome is finish in pieces: it begins at a place of the slab and gives
// the next one, or -1 at the end. Whoever waits for clients does so between two
// pieces, when it does not hold the shard.
func (s *Shard) finishSome(ifc *iface, at int, terminate bool) (next int) {
	if at == 0 {
		s.expire(ifc, math.MaxInt64)
	}
	for i := at; i < s.table.Cap(); i++ {
		if i-at >= piece {
			return i
		}
		r := s.table.At(i)
		if r == nil {
			continue
		}
		why := reasonOf(r)
		if terminate {
			why = event.Terminated
		}
		s.end(r, why)
		s.table.Remove(r)
	}
	return -1
}

// serve tells clients that came late of the flows that were there before, as
// far as their queues have room.
func (s *Shard) serve() {
	s.shown = 0
	for _, j := range s.out.Poll() {
		if !s.set.established || s.show(j) {
			j.Done()
		}
	}
}

// showPiece is how many flows are told of between two batches, to all late
// clients together: those that come often shall not keep packets waiting.
const showPiece = 256

// show goes on telling one client and says whether it knows all flows.
func (s *Shard) show(j *sink.Join) bool {
	if j.Since == 0 {
		j.Since = s.now + 1
	}
	for ; int(j.At) < s.table.Cap(); j.At++ {
		r := s.table.At(int(j.At))
		if r == nil || r.Flags&(flow.Announced|flow.Complete) == 0 || r.Flags&flow.Untold != 0 {
			continue
		}
		if s.shown == showPiece || !s.showOne(j, r) {
			return false
		}
		s.shown++
	}
	return true
}

func (s *Shard) showOne(j *sink.Join, r *flow.Record) (fits bool) {
	fits = true // also where no line can be made
	defer s.told(r)
	s.describe(r, s.metadata(r))
	s.lines.flow.Established = true
	kind := core.KindFlow
	switch d := j.Dialect(); {
	case d == event.V5 && r.Flags&flow.Complete != 0:
		if kind = core.KindFlowComplete; r.CompletedAt() >= j.Since {
			return true // it was told as it happened
		}
	case r.Flags&flow.Announced == 0:
		return true
	}
	if f := j.Filter(); !j.Wants(kind) || f != nil && !f.Match(s.input(r, &s.kept)) {
		return true
	}
	line := s.appendLine(s.lines.line[:0], j.Dialect(), r, kind, 0)
	if fits = len(line) <= j.Room(); fits {
		j.Offer(line)
	}
	return fits
}
