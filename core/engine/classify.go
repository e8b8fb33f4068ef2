package engine

import (
	"hash/maphash"

	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect"
)

// match notes what a detector found in a flow that had no protocol yet, and tells of it.
func (s *Shard) match(r *flow.Record, card int) {
	p := &detect.Registry[card]
	r.Card = int16(card)
	r.Flags |= flow.Matched
	if p.Feed {
		r.Flags |= flow.Feeding
	}
	r.Confidence = flow.ByDPI
	if p.Tier == detect.Heuristic || s.res.Partial {
		r.Confidence = flow.ByPartialDPI
	}
	s.learn(r)
	s.keep(r)
	if !s.tellable() {
		s.table.Schedule(r, r.Last+holdFirst)
		return
	}
	s.announce(r, &s.res.Set)
}

// holdFirst is how long the first event waits for a name that more bytes will bring.
const holdFirst = second

// tellable says that the first event is worth sending: it has a name, or no
// more bytes are wanted.
func (s *Shard) tellable() bool { return !s.res.More || s.res.Has(attr.HostName) }

// improve notes what later bytes added. It is told when the flow is decided.
func (s *Shard) improve(r *flow.Record) {
	if !s.learn(r) {
		s.res.More = true // the true answer may still come
		return
	}
	news := s.keep(r)
	switch {
	case r.Flags&flow.Announced != 0 && news:
		r.Flags |= flow.Pending
		s.act(r, &s.res.Set)
	case r.Flags&flow.Announced == 0 && s.tellable():
		s.announce(r, &s.res.Set)
	}
}

// keep stores what s.res says of the flow and reports whether that is news.
func (s *Shard) keep(r *flow.Record) bool {
	s.cut = false
	s.hinted(r)
	was, wasApp := r.Proto, r.App
	r.Proto = s.res.Protocol
	r.ProtoCategory = s.set.apps.ProtocolCategory(r.Proto)
	if r.Proto != was {
		r.Marks &^= flow.Risky // they are those of what it was taken for
	}
	if r.Flags&flow.Named == 0 || r.Proto != was || !s.res.Has(attr.HostName) {
		s.name(r, &s.res.Set)
	}
	s.judge(r)
	if s.set.apps.HasSoft() {
		s.soften(r, &s.res.Set)
	}
	packed := s.res.Set.AppendPacked(s.lines.packed[:0])
	sum := checksum(packed)
	if sum == r.Sum && was == r.Proto && wasApp == r.App {
		return false
	}
	r.Sum = sum
	s.blocks.Free(r.Meta)
	r.Meta = 0
	if n := s.blocks.Budget(); len(packed) > n {
		packed, s.cut = attr.Cut(packed, n), true
	}
	r.Meta = s.blocks.Keep(packed)
	return true
}

// sumSeed is of this process: sums never leave it.
var sumSeed = maphash.MakeSeed()

// checksum of metadata: only to notice that they changed. That of none is 0.
func checksum(b []byte) uint32 {
	if len(b) == 0 {
		return 0
	}
	sum := maphash.Bytes(sumSeed, b)
	return uint32(sum ^ sum>>32)
}

// decide ends inspection and tells what changed since the last event; set is
// the flow's metadata, nil: as kept.
func (s *Shard) decide(r *flow.Record, set *attr.Set) {
	s.slots.Free(r)
	s.table.Mark(r, flow.Decided)
	if r.Flags&(flow.Matched|flow.Announced) == flow.Matched {
		s.announce(r, set)
	}
	if r.Flags&flow.Pending != 0 {
		r.Flags &^= flow.Pending
		r.Flags |= flow.Updated
		s.announce(r, set)
	}
	if r.Flags&flow.Announced != 0 {
		s.complete(r, set)
	}
}

// giveUp decides a flow with what is known: its protocol if one matched, else
// a guess by port, marked as one, else Unknown.
func (s *Shard) giveUp(r *flow.Record) {
	var left *detect.Candidates
	if r.Slot != 0 {
		slot := s.slots.Of(r, s.now)
		if left = (*detect.Candidates)(&slot.Candidates); slot.Blank(0) {
			left = new(detect.Candidates)
		}
	}
	s.giveUpWith(r, left)
}

// giveUpWith is giveUp where the cards are known that have not refused the
// flow; nil: none was asked.
func (s *Shard) giveUpWith(r *flow.Record, left *detect.Candidates) {
	if r.Flags&flow.Decided != 0 {
		return
	}
	defer s.givenUp(r)
	if r.Flags&flow.Matched == 0 {
		s.guess(r, left)
	}
	s.decide(r, nil)
	if r.Flags&flow.Announced == 0 && (s.set.unknownFlows || r.Proto != proto.Unknown) {
		s.announce(r, nil)
		s.complete(r, nil)
	}
}

// metadata reads back what was kept of a flow.
func (s *Shard) metadata(r *flow.Record) *attr.Set {
	s.kept.Unpack(s.packed(r))
	return &s.kept
}

// packed is what was kept of a flow as it lies in its blocks, valid until the
// shard reads or writes other metadata: for whoever wants one value of it.
func (s *Shard) packed(r *flow.Record) []byte {
	return s.blocks.Append(s.lines.packed[:0], r.Meta)
}
