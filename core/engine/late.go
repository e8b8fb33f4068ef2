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
// at a second time. So is one of a call that does not name its application:
// another flow of the call may do so.

// lateAfter is when: longer than a block is held and a shard may lag.
const lateAfter = second

// expectLate schedules the second look at a flow that is told for the first
// time and of which others may have more to tell.
func (s *Shard) expectLate(r *flow.Record) {
	if mayJoin(r) || s.othersLearn(r) {
		r.Marks |= flow.Late
		if !s.turning {
			s.table.Schedule(r, s.now+lateAfter)
		}
	}
}

// othersLearn says that other shards may know a name for the flow that this one did not find.
func (s *Shard) othersLearn(r *flow.Record) bool {
	return s.set.several && r.Flags&flow.HintHit == 0 && s.set.ifaces[r.Iface].live() && r.Tunnel == 0
}

// mayJoin says that a flow may belong to a call of which another flow names the application.
func mayJoin(r *flow.Record) bool {
	return r.Protocol == ipUDP && isMedia(r.Proto) && r.Flags&(flow.Named|flow.Guessed|flow.Soft) == 0
}

// joinCall names a flow of a call by what others said since its own bytes were
// looked at: of the evidence, only what the flow itself names (flow.Named) is
// stronger. The rest is not weighed again, since not all of it may have been kept.
func (s *Shard) joinCall(r *flow.Record) {
	if !mayJoin(r) {
		return
	}
	a := s.kin.find(r, s.now)
	if a == nil {
		return
	}
	s.kin.remember(r, r.Local(), a, s.now)
	if a.ID != r.App {
		r.App, r.AppCategory = a.ID, a.Category
		r.Flags = r.Flags&^flow.AddressApp | flow.HintApp
	}
}

// lookLate is the second look: what other shards have learnt since is told as an update.
func (s *Shard) lookLate(r *flow.Record) {
	r.Marks &^= flow.Late
	defer s.told(r)
	wasApp := r.App
	if s.joinCall(r); !s.othersLearn(r) {
		if r.App != wasApp && r.Flags&flow.Announced != 0 {
			r.Flags |= flow.Updated
			s.announce(r, nil)
		}
		return
	}
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
	s.res.Set.Unpack(s.packed(r))
	if !s.isShared(r) {
		if name, ok := s.hint(r, r.First+int64(r.Sent)*1e6); ok {
			r.Flags |= flow.HintHit
			s.res.Put(attr.DNSHostName, name)
		}
	}
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
