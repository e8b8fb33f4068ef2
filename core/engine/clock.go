package engine

import (
	"sync"
	"time"

	"netifyd/core"
)

// A shard's time is that of its packets. When somebody sets the machine's clock
// (a router without one asks the net for the time, a virtual machine is woken),
// no time has passed for the flows: the shard's time and all that it has noted
// move with the clock.

// leastJump is how far the clock must jump to count: a smaller jump is made up
// for by the next packets, and is added to the next one.
const leastJump = second

// jumpLasts is how long frames may lie in a ring from before a jump.
const jumpLasts = 60 * second

// clock tells the shards of live captures of jumps. What they share moves once.
type clock struct {
	move func(since, by int64) // what shards share; since when the machine's clock was as it was

	mu     sync.Mutex
	ahead  int64 // wall clock less the steady one
	jumped int64 // sum of all jumps
}

func (c *clock) start(move func(since, by int64)) {
	var b core.Batch
	b.Stamp()
	c.ahead, c.move = b.Now-b.Steady, move
}

// jumps gives the sum of all jumps until now.
func (c *clock) jumps(now, steady int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead := now - steady
	if by := ahead - c.ahead; by >= leastJump || by <= -leastJump {
		c.move(c.ahead, by)
		c.ahead = ahead
		c.jumped += by
	}
	return c.jumped
}

// jumped moves what the shards share.
func (e *Engine) jumped(since, by int64) {
	e.log.Warn().Str("by", time.Duration(by).Round(time.Millisecond).String()).Msg("somebody set the clock: flows and what was learnt move with it")
	e.hints.Shift(by)
	e.expect.shift(by)
	e.kin.shift(by)
	if e.usage != nil {
		// In whole seconds, and from one second before: else the next jump might leave some out.
		e.usage.Devices.Shift(uint32(max(since/second-1, 0)), int64(time.Duration(by).Round(time.Second)/time.Second))
		e.usage.Shift(by)
	}
}

// shardClock is what a shard knows of jumps.
type shardClock struct {
	of     *clock // nil: the shard of a capture file
	jumped int64  // of the clock's jumps, those that the shard has made
	jump   int64  // the newest one, while frames from before it may come
	at     int64  // when that was, by the steady clock

	// Of a capture file: odd times, and the time of the shard when they came.
	doubt, leap     int64
	doubtAt, leapAt int64
	doubts          int // in a row
}

// adjust moves the shard by what the clock has jumped, and the frames that were
// captured before.
func (s *Shard) adjust(b *core.Batch) {
	c := &s.clock
	if c.of == nil || b.Steady == 0 {
		return
	}
	if by := c.of.jumps(b.Now, b.Steady) - c.jumped; by != 0 {
		c.jumped += by
		c.jump, c.at = by, b.Steady
		s.shift(by)
	}
	if c.jump == 0 {
		return
	}
	if b.Steady-c.at > jumpLasts {
		c.jump = 0
		return
	}
	for i := range b.Frames {
		f := &b.Frames[i]
		if distance(f.Time+c.jump, b.Now) < distance(f.Time, b.Now) {
			f.Time += c.jump
		}
	}
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// shift moves the shard's time and all that it has noted.
func (s *Shard) shift(by int64) {
	if s.now == 0 {
		return
	}
	s.now += by
	s.nextTurn = s.now - s.now%second + second
	s.nextTick = 0 // soon: it is found anew
	s.sweep.shift(by)
	s.budget.at += by
	s.nextBook = 0 // soon, and then at whole multiples of the interval again
	if s.lastBook != 0 {
		s.lastBook += by
	}
	s.table.Shift(by)
	s.slots.Shift(by)
	s.dec.Shift(by)
	s.past.shift(by)
}

// What a capture file says of time is believed within these bounds. A packet
// that is older than the newest one by more came from a clock that was set, or
// has no time at all; one that is newer by more may have a wrong time.
const (
	maxLate = 60 * second
	maxLeap = 30 * 24 * 3600 * second
)

// inARow is how many packets must agree that the clock was set back.
const inARow = 8

// odd looks at a frame whose time is far from that of the shard, and says
// whether time passes to it. A leap is believed when the next frame agrees; a
// frame that is too old is taken as one of now, until several in a row say that
// the clock was set back.
func (s *Shard) odd(f *core.Frame) bool {
	c := &s.clock
	switch {
	case s.now == 0 || c.of != nil:
		return true
	case f.Time > s.now:
		agreed := c.leapAt == s.now && distance(f.Time, c.leap) <= maxLeap
		c.leap, c.leapAt = f.Time, s.now
		return agreed
	case c.doubtAt == s.now && distance(f.Time, c.doubt) <= maxLate:
		c.doubts++
	default:
		c.doubts = 1
	}
	c.doubt, c.doubtAt = f.Time, s.now
	if c.doubts < inARow {
		f.Time = s.now
		return false
	}
	s.shift(f.Time - s.now)
	return false
}
