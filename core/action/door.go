package action

import (
	"math"
	"time"

	"netifyd/core/expr"
)

// held is what is known of the flow at a place of the table: the rules that it
// matches, and the slots that were told of it.
type held struct {
	targets uint64
	rules   Bits
	sum     uint32 // of what it was judged by; 0: it was not
}

// Door is where a shard tells the rules of its flows. It belongs to the shard.
// Nothing in it allocates, locks or waits.
type Door struct {
	room  *Room
	set   *Set
	flows []held
	queue *queue // nil: nothing is told, as in a replay

	active Bits // rules that hold now
	minute int64
	pauses uint64 // as the room counted when active was made
	stir   uint64 // the same of what groups hold
	shrunk uint64 // and of members that they lost
	redo   int    // next place to be judged anew; -1: none
	again  uint64 // slots that are to be mended once all are judged

	// Matched, if set, is told the place of each flow that begins to match a rule.
	Matched func(place int)

	marks []uint64 // by piece of the table: the queue's tail when a Sync read it
}

// pauseSlack is how long after the end of the last pause rules are looked at each second.
const pauseSlack = 5e9

// minuteOf is the minute of a time in nanoseconds.
func minuteOf(now int64) int64 { return now / 60e9 }

// adopt puts other rules in place of those of before. The shard rests. A flow goes
// on matching the rules that stay, until it is judged anew: it is no further hit of them.
func (d *Door) adopt(set *Set, now int64) {
	var keep uint64
	var stays [MaxRules]int // the place of a rule of before among those of now, -1: it is gone
	if d.set != nil {
		for slot, t := range set.targets {
			if t != nil && d.set.targets[slot] != nil && sameTarget(t, d.set.targets[slot]) {
				keep |= 1 << slot
			}
		}
		for i := range d.set.rules {
			stays[i] = set.recorded(d.set.rules[i].record)
		}
	}
	for i := range d.flows {
		h := &d.flows[i]
		h.targets &= keep
		h.sum = 0
		var rules Bits
		h.rules.each(func(i int) {
			if at := stays[i]; at >= 0 {
				rules.set(at)
			} else {
				d.set.rules[i].record.living.Add(-1)
			}
		})
		h.rules = rules
	}
	d.set, d.redo, d.again = set, -1, 0
	d.active, d.minute, d.pauses = set.active(now), minuteOf(now), d.room.pauses.Load()
	d.stir, d.shrunk = d.room.stir.Load(), d.room.shrunk.Load()
	if set.again {
		d.redo, d.again = 0, set.changed
	}
}

// Tick lets time pass. Each minute, and when somebody paused a rule, it looks
// which rules hold; when others do, living flows are judged anew.
func (d *Door) Tick(now int64) {
	minute, pauses, stir, shrunk := minuteOf(now), d.room.pauses.Load(), d.room.stir.Load(), d.room.shrunk.Load()
	if stir != d.stir {
		d.stir, d.redo = stir, 0
	}
	if shrunk != d.shrunk {
		d.shrunk, d.again = shrunk, d.again|d.set.hold
	}
	if minute == d.minute && pauses == d.pauses && now > d.room.pausedTo.Load()+pauseSlack {
		return
	}
	d.minute, d.pauses = minute, pauses
	was := d.active
	if d.active = d.set.active(now); d.active != was {
		d.redo = 0
		d.again |= d.set.fed(was.without(&d.active)) & d.set.hold
	}
}

// Redo gives the next place of the table, of so many, that is to be judged
// anew; -1: none.
func (d *Door) Redo(places int) int {
	if d.redo < 0 {
		return -1
	}
	if d.redo >= places {
		d.redo = -1
		if d.again != 0 {
			d.room.renew(d.again)
			d.again = 0
		}
		return -1
	}
	d.redo++
	return d.redo - 1
}

// Pending says that flows are to be judged anew.
func (d *Door) Pending() bool { return d.redo >= 0 }

// News says whether the flow at a place is to be judged, since what it is judged
// by has another sum than when it was, and keeps the sum.
func (d *Door) News(place int, sum uint32) bool {
	h := &d.flows[place]
	if sum |= 1; h.sum == sum {
		return false
	}
	h.sum = sum
	return true
}

// Forget lets the flow at a place be judged though nothing of it is news.
func (d *Door) Forget(place int) { d.flows[place].sum = 0 }

// AsksState says that a rule asks whether detection has ended, or was updated:
// then that is news too.
func (d *Door) AsksState() bool { return d.set.state }

// AsksDigest says that a target wants Subject.Digest: it takes longer than all else of one.
func (d *Door) AsksDigest() bool { return d.set.digests }

// Judge says what changes for the flow at a place, of which something is news.
func (d *Door) Judge(place int, in *expr.Input, now int64) (c Change) {
	match, targets := d.set.judge(in, &d.active)
	h := &d.flows[place]
	if match == h.rules && targets == h.targets {
		return c
	}
	gained := match.without(&h.rules)
	if d.Matched != nil && !gained.empty() {
		d.Matched(place)
	}
	for i := gained.first(); i >= 0; i = gained.first() {
		gained[i>>6] &^= 1 << (i & 63)
		rec := d.set.rules[i].record
		rec.hits.Add(1)
		rec.living.Add(1)
		rec.last.Store(now / 1e9)
	}
	d.left(h.rules.without(&match))
	c = Change{Add: targets &^ h.targets, Remove: h.targets &^ targets, Rule: ruleOf(match.without(&h.rules), match)}
	h.rules, h.targets = match, targets
	return c
}

func ruleOf(gained, match Bits) uint16 {
	i := gained.first()
	if i < 0 {
		i = match.first()
	}
	if i < 0 {
		return math.MaxUint16
	}
	return uint16(i)
}

// left counts a flow that matches rules no more.
func (d *Door) left(rules Bits) {
	for i := rules.first(); i >= 0; i = rules.first() {
		rules[i>>6] &^= 1 << (i & 63)
		d.set.rules[i].record.living.Add(-1)
	}
}

// End says what changes when the flow at a place ends. What is held for a time is
// left; a slot that is to be made whole is told of it, since the flow is in no walk then.
func (d *Door) End(place int) (c Change) {
	h := &d.flows[place]
	if h.targets == 0 && h.rules.empty() {
		h.sum = 0
		return c
	}
	d.left(h.rules)
	c = Change{Add: h.targets & d.set.hold & d.room.broken.Load(), Remove: h.targets &^ d.set.hold, Rule: math.MaxUint16, Ended: true}
	*h = held{}
	return c
}

// Send lets the worker tell targets of a change for the flow at a place. Where
// there is no room it is counted, and mended later.
func (d *Door) Send(c Change, place int, s *Subject) {
	if d.queue == nil || d.room.muted.Load() {
		return
	}
	s.Rule = c.Rule
	if !d.queue.put(c, place, s) {
		d.room.lost.Add(1)
		d.room.mend(c.Add | c.Remove)
		return
	}
	d.room.wake()
}

// Waited says how long packets waited for the shard, in nanoseconds.
func (d *Door) Waited(age int64) {
	if age > lateAge {
		d.room.behind.Store(time.Now().UnixNano() + lateAge)
	}
}

// lateAge is how long packets may wait before the worker gives way to them. A kernel
// whose clock ticks a hundred times a second hands over what is up to 20 ms old.
const lateAge = int64(30 * time.Millisecond)

// piece is how many places of a table a Sync reads while the shard rests.
const piece = 128

// Mark notes that a Sync reads the piece of the table at a place: changes of its
// flows that wait in the queue are in what it reads. The shard rests.
func (d *Door) Mark(at int) {
	if d.queue != nil {
		d.marks[at/piece] = d.queue.tail.Load()
	}
}

// Piece is the end of the piece that begins at a place.
func Piece(at int) int { return at + piece }

// Slots are the slots that were told of the flow at a place, of those in mask,
// and the first rule that it matches.
func (d *Door) Slots(place int, mask uint64) (slots uint64, rule uint16) {
	h := &d.flows[place]
	return h.targets & mask, ruleOf(Bits{}, h.rules)
}
