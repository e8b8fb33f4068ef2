package action

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"netifyd/core/config"
)

// Options of a room.
type Options struct {
	Queue int // changes of a shard that may wait
	// Open makes a target. The settings of all of them come from spec; stale is Common.Stale.
	Open func(spec *config.Target, labels string, stale func()) (Target, error)
	// Flows copies the flows of one piece of a table that one of the slots of mask
	// was told of into list, while the shard of that number rests, and gives the
	// next place, -1 at the end. mark: call Door.Mark for the piece.
	Flows func(shard, at int, mask uint64, list []Subject, mark bool) (n, next int)
	Say   func(warn bool, text string)
}

// Room is the rules of an agent, and the worker that tells targets. Its methods
// are for the goroutine that runs the agent, unless they say otherwise.
type Room struct {
	options Options
	set     atomic.Pointer[Set]
	doors   atomic.Pointer[[]*Door]
	worker  *worker
	running bool

	muted    atomic.Bool   // the agent ends: flows that end are no news
	undone   atomic.Bool   // its start has failed
	lost     atomic.Uint64 // changes that found no room
	pauses   atomic.Uint64 // how often somebody paused or resumed a rule
	pausedTo atomic.Int64  // end of the last pause, nanoseconds since 1970
	stir     atomic.Uint64 // how often groups changed
	shrunk   atomic.Uint64 // how often they lost members
	behind   atomic.Int64  // until when the worker gives way to packets, nanoseconds since 1970
	broken   atomic.Uint64 // slots whose elements outlive their flows, and that are to be made whole: what ends is told of
}

// NewRoom makes a room without rules.
func NewRoom(o Options) *Room {
	r := &Room{options: o}
	r.worker = newWorker(r)
	r.doors.Store(new([]*Door))
	return r
}

// Set is the rules of now; nil: there are none. Anybody may call it.
func (r *Room) Set() *Set { return r.set.Load() }

// Door makes the door of the next shard, whose table has so many places. quiet:
// nothing is told, as of the flows of a file.
func (r *Room) Door(places int, quiet bool) *Door {
	d := &Door{room: r, flows: make([]held, places), redo: -1}
	if !quiet {
		d.queue = newQueue(r.options.Queue)
		d.marks = make([]uint64, (places+piece-1)/piece)
	}
	list := append(slices.Clone(*r.doors.Load()), d)
	r.doors.Store(&list)
	return d
}

// Announce puts rules in place: the worker learns of their targets. Each shard
// must then take them with Take, while it rests.
func (r *Room) Announce(set *Set) {
	r.set.Store(set)
	if r.running {
		r.worker.turns <- set
	}
}

// Take lets a door have the rules of now. Its shard rests.
func (d *Door) Take(now int64) { d.adopt(d.room.Set(), now) }

// opening is how long Start waits for targets to be opened.
const opening = 3 * time.Second

// Start begins to tell targets. It waits until each was opened, or could not be:
// the caller may be about to give up what that needs.
func (r *Room) Start() {
	if r.running {
		return
	}
	r.running = true
	go r.worker.run()
	set := r.Set()
	if set == nil {
		return
	}
	r.worker.turns <- set
	select {
	case <-r.worker.ready:
	case <-time.After(opening):
	}
}

// Mute says that flows end since the agent does, which is no news for targets.
func (r *Room) Mute() { r.muted.Store(true) }

// Close ends the worker and waits for it, but no longer than until a time.
func (r *Room) Close(deadline time.Time) {
	if !r.running {
		return
	}
	r.running = false
	close(r.worker.quit)
	select {
	case <-r.worker.ended:
	case <-time.After(max(time.Until(deadline), 100*time.Millisecond)):
		r.say(true, "targets were not all told that the agent ends")
	}
}

// Undo is Close after a start that failed: what targets have made goes too.
func (r *Room) Undo(deadline time.Time) {
	r.undone.Store(true)
	r.Close(deadline)
}

func (r *Room) queues() []*queue {
	var list []*queue
	for _, d := range *r.doors.Load() {
		if d.queue != nil {
			list = append(list, d.queue)
		}
	}
	return list
}

func (r *Room) wake() {
	if r.worker.sleep.Load() {
		r.worker.ring()
	}
}

// renew has the worker sync slots since rules changed: what is only held goes too.
func (r *Room) renew(slots uint64) {
	r.worker.purge.Or(slots)
	r.mend(slots)
}

// mend has the worker sync slots. Anybody may call it.
func (r *Room) mend(slots uint64) {
	r.worker.dirty.Or(slots)
	r.wake()
}

func (r *Room) open(spec *config.Target, stale func()) (Target, error) {
	return r.options.Open(spec, r.Set().labels, stale)
}

func (r *Room) say(warn bool, text string) {
	if r.options.Say != nil {
		r.options.Say(warn, text)
	}
}

// Dynamic says that rules name devices or what they used: then Refresh is wanted.
func (r *Room) Dynamic() bool {
	set := r.Set()
	return set != nil && set.groups.dynamic()
}

// Refresh takes over the devices of this moment.
func (r *Room) Refresh(devices []Device) {
	changed, shrunk := r.Set().groups.refresh(devices)
	if shrunk {
		r.shrunk.Add(1)
	}
	if changed {
		r.stir.Add(1)
	}
}

// Pause lets a rule rest until a time, in nanoseconds since 1970; 0 lets it go
// on. False: there is no such rule. Anybody may call it.
func (r *Room) Pause(name string, until int64) bool {
	set := r.Set()
	if set == nil {
		return false
	}
	x := set.find(name)
	if x == nil {
		return false
	}
	x.record.paused.Store(until)
	if until > r.pausedTo.Load() {
		r.pausedTo.Store(until)
	}
	r.pauses.Add(1)
	return true
}

// RuleName is the name of the rule of a Subject; empty: there is none. Anybody may call it.
func (r *Room) RuleName(n int) string {
	if set := r.Set(); set != nil && n < len(set.rules) {
		return set.rules[n].name
	}
	return ""
}

// RuleStatus is what there is to say of a rule.
type RuleStatus struct {
	Name, Criteria string
	Enabled        bool
	Active         bool  // it holds at this time
	Paused         int64 // until when, seconds since 1970; 0: it is not
	Targets        []string
	Times          []string
	Hits           uint64
	Living         uint64
	Last           int64  // newest hit, seconds since 1970; 0: none
	Elements       uint64 // of its targets
	Errors         uint64
	Error          string // newest of its targets
}

// TargetStatus is what there is to say of a target.
type TargetStatus struct {
	Name, Type string
	Open       bool
	Count      Count
	Syncs      uint64
	Errors     uint64
	Error      string // what is wrong now; empty: it goes well
	Last       string // newest error
	At         int64  // when that was, seconds since 1970
}

// Sum is how the rules do, for the status of the agent.
type Sum struct {
	Rules, Active                     int
	Hits, Living                      uint64
	Elements, Added, Removed, Refused uint64
	Errors, Lost, Syncs               uint64
	Failing                           int // targets that do not work now
}

// Targets are the targets of now. Anybody may call it.
func (r *Room) Targets() (list []TargetStatus) {
	r.worker.mu.Lock()
	defer r.worker.mu.Unlock()
	for _, s := range r.worker.slots {
		if s == nil {
			continue
		}
		t := TargetStatus{Name: s.spec.Name, Type: s.spec.Type, Open: s.target != nil, Count: s.count, Syncs: s.syncs, Errors: s.errors + s.count.Errors, Error: s.failed, Last: s.last}
		if !s.at.IsZero() {
			t.At = s.at.Unix()
		}
		list = append(list, t)
	}
	return list
}

// Rules are the rules of now at a time, in nanoseconds since 1970. Anybody may call it.
func (r *Room) Rules(now int64) (list []RuleStatus) {
	set := r.Set()
	if set == nil {
		return nil
	}
	targets := map[string]TargetStatus{}
	for _, t := range r.Targets() {
		targets[t.Name] = t
	}
	for i := range set.rules {
		x := &set.rules[i]
		s := RuleStatus{Name: x.name, Criteria: x.program.String(), Enabled: x.enabled, Active: x.activeAt(now), Times: x.source.Times,
			Hits: x.record.hits.Load(), Living: uint64(max(x.record.living.Load(), 0)), Last: x.record.last.Load()}
		if p := x.record.paused.Load(); p > now {
			s.Paused = p / 1e9
		}
		for slot, t := range set.targets {
			if t == nil || x.targets>>slot&1 == 0 {
				continue
			}
			st := targets[t.Name]
			s.Targets = append(s.Targets, t.Name)
			s.Elements += st.Count.Elements
			s.Errors += st.Errors
			s.Error = cmp.Or(s.Error, st.Error, st.Last)
		}
		list = append(list, s)
	}
	return list
}

// Sum is the sum of all. Anybody may call it.
func (r *Room) Sum(now int64) (s Sum) {
	for _, x := range r.Rules(now) {
		s.Rules++
		if x.Active {
			s.Active++
		}
		s.Hits += x.Hits
		s.Living += x.Living
	}
	for _, t := range r.Targets() {
		s.Elements += t.Count.Elements
		s.Added += t.Count.Added
		s.Removed += t.Count.Removed
		s.Refused += t.Count.Refused
		s.Errors += t.Errors
		s.Syncs += t.Syncs
		if t.Error != "" {
			s.Failing++
		}
	}
	s.Lost = r.lost.Load()
	return s
}
