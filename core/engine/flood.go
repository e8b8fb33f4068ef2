package engine

import (
	"netifyd/core"
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// A scan or a flood makes flows of one packet by the thousand a second. On a
// live line they must not hide the flows that mean something, neither in the
// queues of clients nor by the work that their events make. A replay tells all.

// Of flows without a protocol of their own so many are told in a second, and so
// many at once.
const (
	spareRate  = 1000
	spareBurst = 2000
)

// budget is what is left to tell of such flows, in events times a second.
type budget struct{ left, at int64 }

// take says whether one more may be told.
func (b *budget) take(now int64) bool {
	const one = second / spareRate
	b.left = min(b.left+max(0, now-b.at), spareBurst*one)
	b.at = now
	if b.left < one {
		return false
	}
	b.left -= one
	return true
}

// spare says that a flow was not recognised: its protocol is unknown, or a guess.
func (s *Shard) spare(r *flow.Record) bool {
	return (r.Proto == proto.Unknown || r.Flags&flow.Guessed != 0) && s.set.ifaces[r.Iface].live()
}

func (s *Shard) rank(r *flow.Record) core.Rank {
	if s.spare(r) {
		return core.Spare
	}
	return core.Wanted
}

// withheld says that a flow which nobody was told of is not told of, since
// there are too many such. That holds for all its events.
func (s *Shard) withheld(r *flow.Record) bool {
	if !s.spare(r) || s.budget.take(s.now) {
		return false
	}
	r.Flags |= flow.Untold
	s.stats.Untold++
	return true
}

// release tells of a flow after all: one that both sides go on with is no part of a flood.
func (s *Shard) release(r *flow.Record) {
	if r.Flags&flow.TwoWay == 0 || !s.budget.take(s.now) {
		return
	}
	r.Flags &^= flow.Untold | flow.Complete
	s.announce(r, nil)
	s.complete(r, nil)
}

// waits says that what a flow carried is told later: it is withheld, or nobody
// was told of it yet, nobody answered it, and no card knows it.
func (s *Shard) waits(r *flow.Record) bool {
	return r.Flags&flow.Untold != 0 || r.Flags&(flow.Announced|flow.TwoWay) == 0 && s.spare(r)
}

// unanswered says that a TCP flow is a SYN that nobody answered: one side sent
// it, perhaps again, and nothing else came.
func (s *Shard) unanswered(r *flow.Record) bool {
	return r.Protocol == ipTCP && r.Flags&(flow.OpenerKnown|flow.Announced|flow.TwoWay|flow.Followed) == flow.OpenerKnown && r.Detect == 0 &&
		r.Flags&(flow.SawLower<<(1-r.Opener())) == 0 && s.set.ifaces[r.Iface].live()
}
