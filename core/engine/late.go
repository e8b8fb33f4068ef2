package engine

import (
	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect"
)

// Where several shards share an interface, the kernel hands each its packets a
// block at a time, so one may learn the name of an address, or of a flow that
// is announced, after another has seen the flow itself. Such a flow is looked
// at a second time.

// lateAfter is when: longer than a block is held and a shard may lag.
const lateAfter = second

// expectLate schedules the second look at a flow that is told for the first
// time and of which others may have more to tell.
func (s *Shard) expectLate(r *flow.Record) {
	if s.set.several && r.Flags&flow.HintHit == 0 && s.set.ifaces[r.Iface].live() && r.Tunnel == 0 {
		r.Marks |= flow.Late
		if !s.turning {
			s.table.Schedule(r, s.now+lateAfter)
		}
	}
}

// lookLate is the second look: what other shards have learnt since is told as an update.
func (s *Shard) lookLate(r *flow.Record) {
	r.Marks &^= flow.Late
	defer s.told(r)
	announced := proto.Unknown
	if r.Proto == proto.Unknown || r.Flags&flow.Guessed != 0 {
		announced = s.expect.take(r)
	}
	s.res.Reset(r.Proto)
	if announced != proto.Unknown {
		s.res.Reset(announced)
		r.Flags &^= flow.Guessed
		r.Confidence, r.Card = flow.ByDPI, int16(detect.Card(announced))
	}
	s.res.Set.Unpack(s.blocks.Append(s.lines.packed[:0], r.Meta))
	told := uint32((r.First + int64(r.Sent)*1e6) / second)
	if !s.isShared(r) {
		if name, ok := s.hint(r, told); ok {
			r.Flags |= flow.HintHit
			s.res.Put(attr.DNSHostName, name)
		}
	}
	wasApp := r.App
	if r.Flags&flow.HintHit == 0 && announced == proto.Unknown && !isMedia(r.Proto) {
		return
	}
	if !s.keep(r) && wasApp == r.App {
		return
	}
	if r.Confidence == flow.ByNothing && r.App != 0 {
		r.Confidence = flow.ByHint
	}
	if r.Flags&flow.Announced != 0 {
		r.Flags |= flow.Updated
		s.announce(r, &s.res.Set)
	}
}
