package engine

import "netifyd/core/flow"

// flow_stats of a full table would fill every client's queue at once. So the
// table is told in parts, spread over the interval; each flow has its turn once
// an interval.

// sweepParts is how many parts the table has. Each holds every sweepParts-th
// place of the slab, so that few flows are spread as well as many.
const sweepParts = 256

// sweep is where the round of flow_stats has come to.
type sweep struct {
	told  [sweepParts]int64 // when each part was told last; 0: never
	part  int               // the next one
	from  int64             // when the one before was due; 0: nothing has begun
	begun bool              // the first part was told
}

// due is when the next part is told: the first an interval after the first packet.
func (w *sweep) due(interval int64) int64 {
	if !w.begun {
		return w.from + interval
	}
	return w.from + max(1, interval/sweepParts)
}

// shift moves all times.
func (w *sweep) shift(by int64) {
	for i := range w.told {
		if w.told[i] != 0 {
			w.told[i] += by
		}
	}
	if w.from != 0 {
		w.from += by
	}
}

// reported is when the part of a flow was told last, 0 if never.
func (s *Shard) reported(r *flow.Record) int64 { return s.sweep.told[s.table.Place(r)%sweepParts] }

// report tells the parts whose time has come: after a pause of an interval or
// more all of them, once. It gives when the next one is due.
func (s *Shard) report(now int64) int64 {
	w := &s.sweep
	if w.from == 0 {
		w.from = now
	}
	for n := 0; n < sweepParts && now >= w.due(s.set.interval); n++ {
		w.from, w.begun = w.due(s.set.interval), true
		s.counters(w.part)
		w.told[w.part] = now
		w.part = (w.part + 1) % sweepParts
	}
	if w.begun && now >= w.due(s.set.interval) {
		w.from = now
	}
	return w.due(s.set.interval)
}
