package action

import (
	"iter"
	"time"
)

// mend opens what is to be opened and syncs what is to be synced, and says when
// there is something to do next.
func (w *worker) mend(now time.Time) time.Duration {
	dirty := w.dirty.Swap(0)
	next := time.Hour
	for i, s := range w.slots {
		if s == nil {
			continue
		}
		if dirty>>i&1 != 0 || s.stale.Swap(false) {
			due := s.synced.Add(max(w.pause, restPart*s.took))
			if due.Before(now) {
				due = now
			}
			if s.due.IsZero() || s.due.After(due) && s.wait == 0 {
				s.due = due
			}
		}
		if late := now.Sub(s.due); !s.due.IsZero() && late >= 0 && late < putOffMost && s.target != nil && w.behind() {
			next = min(next, 5*time.Millisecond)
			continue
		}
		if !s.due.IsZero() && !now.Before(s.due) {
			s.due = time.Time{}
			w.repair(i, s)
		}
		if refresh := s.spec.TTL / 2; refresh > 0 && s.due.IsZero() && s.target != nil {
			s.due = s.synced.Add(refresh)
		}
		if !s.due.IsZero() {
			next = min(next, max(time.Until(s.due), time.Millisecond))
		}
	}
	return next
}

// repair opens a target if it is not open, and makes it hold what it shall.
func (w *worker) repair(i int, s *slot) {
	if s.target == nil {
		t, err := w.room.open(s.spec, func() {
			w.breaks(s)
			s.stale.Store(true)
			w.ring()
		})
		if err != nil {
			w.mu.Lock()
			s.errors++
			w.mu.Unlock()
			w.fail(s, err)
			return
		}
		w.mu.Lock()
		s.target = t
		w.mu.Unlock()
	}
	if s.spec.Type == "reset" { // nothing stays that could be made whole
		w.well(s)
		return
	}
	if h, ok := s.target.(Holder); ok && w.purge.And(^(uint64(1)<<i))>>i&1 != 0 {
		h.Purge()
		s.late = s.late[:0]
	}
	w.breaks(s)
	if s.spec.Hold {
		w.drain() // so that the queue has room for what ends while it is synced
	}
	begun := time.Now()
	err := s.target.Sync(w.living(i, ttl(s.spec)))
	if err == nil {
		w.room.broken.And(^(uint64(1) << i))
	}
	w.settle(1 << i)
	for k := 0; k < len(s.late) && err == nil; k++ {
		err = s.target.Add(&s.late[k], ttl(s.spec))
	}
	if err == nil {
		err = s.target.Flush()
	}
	if err == nil {
		s.late = s.late[:0]
	}
	w.mu.Lock()
	s.synced, s.count = time.Now(), s.target.Count()
	s.took = s.synced.Sub(begun)
	s.syncs++
	if err != nil {
		s.errors++
	}
	w.mu.Unlock()
	if err != nil {
		w.fail(s, err)
		return
	}
	w.well(s)
}

// living are the flows that a slot was told of. The first walk says which: what
// changed since is in the queues, and what waited there before is in the walk.
func (w *worker) living(i int, ttl uint32) iter.Seq2[*Subject, uint32] {
	first := true
	return func(yield func(*Subject, uint32) bool) {
		mark := first
		first = false
		for k, d := range *w.room.doors.Load() {
			if d.queue == nil {
				continue
			}
			for at := 0; at >= 0; {
				n := 0
				w.yield()
				n, at = w.room.options.Flows(k, at, 1<<i, w.batch, mark)
				for k := range w.batch[:n] {
					if !yield(&w.batch[k], ttl) {
						return
					}
				}
			}
		}
	}
}

// settle tells of the changes that waited while a slot was synced, but the slot
// only of those that the walk had not seen.
func (w *worker) settle(slot uint64) {
	for _, d := range *w.room.doors.Load() {
		if d.queue == nil {
			continue
		}
		for end := d.marks[len(d.marks)-1]; d.queue.head.Load() < end; d.queue.done() {
			e := d.queue.next()
			if d.queue.head.Load() < d.marks[e.place/piece] {
				if e.remove &^= slot; !e.ended { // else the walk came too late to see the flow
					e.add &^= slot
				}
			}
			w.tell(e)
		}
		clear(d.marks)
	}
}
