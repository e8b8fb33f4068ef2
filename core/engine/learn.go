package engine

import (
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// learn passes on what a flow told about others. It says whether the flow's
// own is to be believed: an answer to what was never asked is not.
func (s *Shard) learn(r *flow.Record) (believed bool) {
	id, v := s.res.Protocol, &s.view
	if s.res.Asks != 0 {
		s.questions.note(s.res.Asks, v, s.now)
	}
	if s.res.Replies != 0 && !s.questions.answered(s.res.Replies, v, s.now) {
		s.res.NAnswers = 0
		return false
	}
	s.hear(r)
	if s.res.Call != 0 && r.Protocol == ipUDP {
		s.kin.check(r, s.res.Call, s.now)
	}
	if name := s.res.Answered; name != nil && s.res.NAnswers > 0 && !s.isShared(r) {
		client, app := &v.Dst, uint32(0)
		if id == proto.MDNS {
			client = &everybody
		}
		if a := s.memo.host(s.set.apps, name); a != nil {
			app = a.ID
		}
		own := id == proto.MDNS || id == proto.LLMNR // a device speaks for itself
		for i := range s.res.Answers[:s.res.NAnswers] {
			a := &s.res.Answers[i]
			if own && a.V6 == (v.Version == 6) && a.Addr != v.Src {
				continue
			}
			s.hints.Learn(client, &a.Addr, name, app, min(v.Time, s.now), a.TTL)
		}
	}
	if e := &s.res.Expect; e.Port != 0 {
		s.expect.add(e, r, s.now)
	}
	return true
}
