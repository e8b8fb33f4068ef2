package action

import (
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/core/config"
)

// Times of the worker.
const (
	leastPause = 250 * time.Millisecond // between two Syncs of a target, and restPart times as long as one took
	restPart   = 4
	creditMost = time.Second     // that the worker gives way to packets at once
	yieldEvery = 32              // changes
	putOffMost = 2 * time.Second // that a Sync is put off while packets wait
	firstRetry = time.Second     // after an error; doubled up to lastRetry
	lastRetry  = time.Minute
)

// pace changes the times, for tests.
func (w *worker) pace(pause, retry time.Duration) {
	w.pause, w.first, w.lastTry = pause, retry, 8*retry
}

// slot is a target that is open, or to be opened.
type slot struct {
	index  int
	spec   *config.Target
	target Target // nil: it could not be opened yet
	stale  atomic.Bool

	due    time.Time // when it is to be opened or mended; zero: not at all
	synced time.Time
	took   time.Duration // the last Sync
	wait   time.Duration // before the next try
	count  Count
	syncs  uint64
	errors uint64 // of opening and of Sync, which Count does not know
	failed string // what went wrong last; empty: it goes well
	last   string // newest error, also where it goes well since
	at     time.Time
	late   []Subject // flows that ended while what they shall be held in was to be made whole; at most lateMost
}

// lateMost is how many flows are kept that end between a reload of the firewall
// and the Sync that answers it. The oldest go, and are counted as lost.
const lateMost = 128

// worker tells targets of changes: one goroutine for all of them.
type worker struct {
	room                  *Room
	slots                 [MaxTargets]*slot
	turns                 chan *Set
	bell                  chan struct{}
	sleep                 atomic.Bool
	dirty                 atomic.Uint64 // slots that are to be mended
	purge                 atomic.Uint64 // of these, those that let go of what is only held
	quit                  chan struct{}
	ended                 chan struct{}
	ready                 chan struct{} // closed once the first targets were opened
	batch                 []Subject
	pause, first, lastTry time.Duration
	credit                time.Duration // that the worker may give way now
	yielded               time.Time     // when credit was reckoned

	mu sync.Mutex // of what others read of slots
}

func newWorker(r *Room) *worker {
	return &worker{room: r, turns: make(chan *Set, 16), bell: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{}), ready: make(chan struct{}), batch: make([]Subject, piece), pause: leastPause, first: firstRetry, lastTry: lastRetry}
}

func (w *worker) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// run works until quit is closed; then it takes back what is to be taken back.
func (w *worker) run() {
	defer close(w.ended)
	ready := sync.OnceFunc(func() { close(w.ready) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.sleep.Store(true)
		if w.waits() {
			w.ring()
		}
		select {
		case set := <-w.turns:
			w.sleep.Store(false)
			w.turn(set)
			w.mend(time.Now())
			ready()
		case <-w.bell:
			w.sleep.Store(false)
		case <-timer.C:
			w.sleep.Store(false)
		case <-w.quit:
			w.drain()
			w.close()
			return
		}
		w.drain()
		timer.Reset(w.mend(time.Now()))
	}
}

// waits says that a queue holds something, or that a slot is to be mended: what
// came while the worker was busy rang no bell.
func (w *worker) waits() bool {
	if w.dirty.Load() != 0 {
		return true
	}
	for _, q := range w.room.queues() {
		if q.next() != nil {
			return true
		}
	}
	return false
}

// turn opens and closes targets as other rules have them.
func (w *worker) turn(set *Set) {
	for i := range w.slots {
		s, spec := w.slots[i], set.targets[i]
		if s != nil && (spec == nil || !sameTarget(s.spec, spec)) {
			w.shut(s)
			s = nil
		}
		if s == nil && spec != nil {
			s = &slot{index: i, spec: spec, due: time.Now()}
			w.room.broken.And(^(uint64(1) << i))
		}
		w.mu.Lock()
		w.slots[i] = s
		w.mu.Unlock()
	}
}

// drain tells targets of all that waits, and lets them send it.
func (w *worker) drain() {
	for {
		var touched uint64
		for _, q := range w.room.queues() {
			for n := 0; n < len(q.entries); n++ {
				e := q.next()
				if e == nil {
					break
				}
				if n%yieldEvery == 0 {
					w.yield()
				}
				touched |= e.add | e.remove
				w.tell(e)
				q.done()
			}
		}
		if touched == 0 {
			return
		}
		w.each(touched, func(s *slot) error { return s.target.Flush() })
	}
}

// yield gives way to packets that wait for a processor: for the time of a burst,
// and on a line that is always too fast for half of the time.
func (w *worker) yield() {
	now := time.Now()
	w.credit = min(w.credit+now.Sub(w.yielded)/2, creditMost)
	for w.yielded = now; w.credit > 0 && w.behind(); now = time.Now() {
		time.Sleep(time.Millisecond)
		w.credit -= time.Since(now)
		w.yielded = time.Now()
	}
}

// behind says that packets wait longer than they should.
func (w *worker) behind() bool {
	return time.Now().UnixNano() < w.room.behind.Load()
}

// tell tells targets of one change. The last slot that it comes to may be that
// which resets the connection: others must be done by then.
func (w *worker) tell(e *entry) {
	if e.ended {
		w.keep(e)
	}
	w.each(e.remove, func(s *slot) error { return s.target.Remove(&e.subject) })
	reset := w.resets() & e.add
	w.each(e.add&^reset, func(s *slot) error { return s.target.Add(&e.subject, ttl(s.spec)) })
	if reset != 0 {
		w.each(e.add&^reset, func(s *slot) error { return s.target.Flush() })
		w.each(reset, func(s *slot) error { return s.target.Add(&e.subject, 0) })
	}
}

// keep keeps a flow that ended for the slots that cannot be told now.
func (w *worker) keep(e *entry) {
	broken := w.room.broken.Load() & e.add
	e.add &^= broken
	for ; broken != 0; broken &= broken - 1 {
		s := w.slots[bits.TrailingZeros64(broken)]
		if s == nil {
			continue
		}
		if len(s.late) == lateMost {
			s.late = append(s.late[:0], s.late[1:]...)
			w.room.lost.Add(1)
		}
		s.late = append(s.late, e.subject)
	}
}

// breaks notes that what a slot holds is to be made whole.
func (w *worker) breaks(s *slot) {
	if s.spec.Hold {
		w.room.broken.Or(1 << s.index)
	}
}

// resets are the slots of targets that drop connections.
func (w *worker) resets() (mask uint64) {
	for i, s := range w.slots {
		if s != nil && s.spec.Type == "reset" {
			mask |= 1 << i
		}
	}
	return mask
}

func ttl(t *config.Target) uint32 { return uint32(t.TTL / time.Second) }

// each calls fn for the open targets of slots. One that fails is mended later.
func (w *worker) each(mask uint64, fn func(*slot) error) {
	for ; mask != 0; mask &= mask - 1 {
		s := w.slots[bits.TrailingZeros64(mask)]
		if s == nil || s.target == nil {
			continue
		}
		err := fn(s)
		w.mu.Lock()
		s.count = s.target.Count()
		w.mu.Unlock()
		if err != nil {
			w.fail(s, err)
		}
	}
}

// fail notes an error, says it once, and has the target mended later.
func (w *worker) fail(s *slot, err error) {
	w.breaks(s)
	now, text := time.Now(), err.Error()
	w.mu.Lock()
	said := s.failed == text && !s.spec.LogErrors
	s.failed, s.last, s.at = text, text, now
	w.mu.Unlock()
	if !said {
		w.room.say(true, fmt.Sprintf("target %s: %s", s.spec.Name, text))
	}
	s.wait = min(max(2*s.wait, w.first), w.lastTry)
	if due := now.Add(s.wait); s.due.IsZero() || s.due.After(due) {
		s.due = due
	}
}

// well notes that a target does what it is told.
func (w *worker) well(s *slot) {
	w.mu.Lock()
	was := s.failed
	s.failed = ""
	w.mu.Unlock()
	s.wait = 0
	if was != "" {
		w.room.say(false, fmt.Sprintf("target %s: works again", s.spec.Name))
	}
}

func (w *worker) shut(s *slot) {
	if s.target == nil {
		return
	}
	if err := s.target.Close(); err != nil && err.Error() != s.failed {
		w.room.say(true, fmt.Sprintf("target %s: %s", s.spec.Name, err))
	}
}

// close closes all targets: sets first, since what is left there is in force
// without end, and those that are alike beside each other, since time is short.
// After a start that failed the one that was opened first is the last: it made what others share.
func (w *worker) close() {
	if w.room.undone.Load() {
		for _, s := range slices.Backward(w.slots[:]) {
			if s == nil {
				continue
			}
			if m, ok := s.target.(Maker); ok {
				m.Unmake()
			}
			w.shut(s)
		}
		return
	}
	for _, sets := range [...]bool{true, false} {
		var all sync.WaitGroup
		for _, s := range w.slots {
			if s != nil && isSet(s.spec) == sets {
				all.Go(func() { w.shut(s) })
			}
		}
		all.Wait()
	}
}
