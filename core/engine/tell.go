package engine

import (
	"math"
	"time"

	"netifyd/core"
	"netifyd/core/attr"
	"netifyd/core/conntrack"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// lines are the buffers that events are made in.
type lines struct {
	line   []byte
	packed []byte
	name   []byte
	flow   event.Flow
	tunnel event.Tunnel

	tuple core.Tuple
	conn  conntrack.Conn

	digested digested

	of *flow.Record // whose full record line holds in dialect 5; nil: nobody's
	at uint64       // its packets then
}

// digested is the digest of the flow that was told of last, which often is the
// next too, and what it was made of: a digest takes longer than most lines.
type digested struct {
	key    flow.Key
	mac    [6]byte // of the lower side
	iface  *iface
	digest [20]byte
}

// digest is the digest of a flow.
func (l *lines) digest(ifc *iface, r *flow.Record) [20]byte {
	if d := &l.digested; d.iface != ifc || d.key != r.Key || d.mac != r.MAC[flow.Lower] {
		*d = digested{r.Key, r.MAC[flow.Lower], ifc, event.Digest(ifc.label.Name, r)}
	}
	return l.digested.digest
}

// Room for a line and for a name.
const (
	lineRoom = 16384
	nameRoom = 256
)

func newLines() lines {
	return lines{line: make([]byte, 0, lineRoom), packed: make([]byte, 0, attr.Size), name: make([]byte, 0, nameRoom)}
}

// announce tells what is known of a flow; set is its metadata, nil: as kept.
func (s *Shard) announce(r *flow.Record, set *attr.Set) {
	kind := core.KindFlow
	if r.Flags&flow.Announced == 0 {
		if s.withheld(r) {
			return
		}
		s.mark(r)
		s.joinCall(r)
		s.expectLate(r)
		r.Flags |= flow.Announced
		r.Sent = uint32(min(s.now/1e6-r.First/1e6, math.MaxUint32))
	} else {
		kind = core.KindFlowUpdate
	}
	s.act(r, set)
	s.tell(r, set, kind, 0)
}

// complete calls a flow's record complete, once. In dialect 5 that is a line of
// its own, which says what the flow carried until now.
func (s *Shard) complete(r *flow.Record, set *attr.Set) {
	if r.Flags&flow.Complete != 0 || r.Flags&flow.Announced == 0 && !s.set.unknownFlows {
		return
	}
	r.Completed = uint32(min((s.now-r.First)/1e3, math.MaxUint32))
	s.act(r, set)
	if s.tell(r, set, core.KindFlowComplete, 0) {
		for side := range r.ToldBytes {
			r.ToldBytes[side] = uint32(min(r.Bytes[side], event.MostToldBytes))
			r.ToldPackets[side] = uint16(min(r.Packets[side], event.MostToldPackets))
		}
	}
	r.Flags |= flow.Complete
}

// tell makes a line about a flow in every dialect that it is wanted in. five
// says that dialect 5 is one of them.
func (s *Shard) tell(r *flow.Record, set *attr.Set, kind core.Kind, why event.Reason) (five bool) {
	if r.Flags&flow.Untold != 0 {
		return false
	}
	if kind == core.KindFlowComplete && s.lines.of == r && s.lines.at == r.TotalPackets {
		return s.retell(r, set)
	}
	want := s.out.Dialects()
	if kind == core.KindFlowComplete {
		want = want.Without(event.V3).Without(event.V4) // which do not tell it
	}
	if want == 0 {
		s.lines.of = nil
		return false
	}
	rank := s.rank(r)
	s.lines.of = nil
	defer s.told(r)
	if s.nats != nil && r.Flags&flow.NAT == 0 {
		s.mark(r)
	}
	if set == nil && isFull(kind) {
		set = s.metadata(r)
	}
	kind5 := kind
	if want.Has(event.V5) {
		kind5, five = inFive(kind, r)
		five = five && s.wanted(r, set, kind5)
	}
	if want = want.Without(event.V5); want == 0 && !five {
		return five
	}
	s.describe(r, set)
	if kind == core.KindFlowUpdate {
		kind = core.KindFlow // as the dialects before 5 call it
	}
	for d := event.Dialect(0); d < event.V5; d++ {
		if want.Has(d) {
			s.offer(d, r, kind, rank, why)
		}
	}
	if five {
		s.offer(event.V5, r, kind5, rank, why)
		if kind5 == core.KindFlow {
			s.lines.of, s.lines.at = r, r.TotalPackets
		}
	}
	return five
}

// retell calls the full record complete that was just told in dialect 5: its line says all.
func (s *Shard) retell(r *flow.Record, set *attr.Set) bool {
	s.lines.of = nil
	defer s.told(r)
	if !s.wanted(r, set, core.KindFlowComplete) {
		return false
	}
	s.lines.line = event.Complete(s.lines.line)
	s.out.Offer(event.V5, core.KindFlowComplete, s.rank(r), s.lines.line)
	return true
}

// offer makes a line and offers it.
func (s *Shard) offer(d event.Dialect, r *flow.Record, kind core.Kind, rank core.Rank, why event.Reason) {
	s.lines.line = s.appendLine(s.lines.line[:0], d, r, kind, why)
	s.out.Offer(d, kind, rank, s.lines.line)
}

// wanted says whether somebody of dialect 5 wants to hear this of the flow.
func (s *Shard) wanted(r *flow.Record, set *attr.Set, kind core.Kind) bool {
	return s.out.Wants(event.V5, kind) && (!s.out.Filters(kind) || s.selected(r, set, kind))
}

// selected says whether somebody's filter lets this of the flow pass.
func (s *Shard) selected(r *flow.Record, set *attr.Set, kind core.Kind) bool {
	if set == nil {
		set = s.metadata(r)
	}
	return s.out.Select(kind, s.input(r, set))
}

// isFull says that lines of a kind have a flow's full record.
func isFull(kind core.Kind) bool { return kind != core.KindFlowStats && kind != core.KindFlowPurge }

// inFive is what dialect 5 calls news of a kind about a flow; false: it does not tell them.
func inFive(kind core.Kind, r *flow.Record) (core.Kind, bool) {
	done := r.Flags&flow.Complete != 0
	switch kind {
	case core.KindFlow, core.KindFlowUpdate:
		if done {
			return core.KindFlowUpdate, true
		}
		return kind, kind == core.KindFlow || r.Flags&flow.Decided == 0 // else flow_dpi_complete follows
	case core.KindFlowStats:
		return kind, done && (r.Packets[0] > uint32(r.ToldPackets[0]) || r.Packets[1] > uint32(r.ToldPackets[1]))
	case core.KindFlowPurge:
		return kind, done
	}
	return kind, true
}

func (s *Shard) appendLine(dst []byte, d event.Dialect, r *flow.Record, kind core.Kind, why event.Reason) []byte {
	f := &s.lines.flow
	f.Interval = s.covered(d, r)
	switch kind {
	case core.KindFlowStats:
		return event.AppendStats(dst, d, f)
	case core.KindFlowPurge:
		return event.AppendPurge(dst, d, f, why)
	}
	dst = event.AppendFlow(dst, d, f)
	switch kind {
	case core.KindFlowUpdate:
		return event.Update(dst)
	case core.KindFlowComplete:
		return event.Complete(dst)
	}
	return dst
}

// covered is the time that a flow's counters by side cover.
func (s *Shard) covered(d event.Dialect, r *flow.Record) time.Duration {
	last := s.reported(r)
	from := max(last, r.First)
	switch done := r.CompletedAt(); {
	case r.Flags&flow.Complete == 0:
		from = r.First // no flow_stats before
	case done < last:
	case d == event.V5:
		from = done
	default:
		from = r.First
	}
	return time.Duration(s.now - from)
}

// describe fills in what a line says of a flow.
func (s *Shard) describe(r *flow.Record, set *attr.Set) {
	f := &s.lines.flow
	ifc := s.set.ifaces[r.Iface]
	*f = event.Flow{Rec: r, Attrs: set, Iface: &ifc.label, Digest: s.lines.digest(ifc, r), Named: s.set.named}
	if set != nil {
		f.DNSName = set.Get(attr.DNSHostName)
	}
	if set != nil {
		f.Risks = s.risks(r, set)
	}
	if r.App != 0 {
		f.AppTag = s.set.apps.Tag(r.App)
	}
	if r.Tunnel != 0 {
		f.Tunnel = s.carrier(r)
	}
	if set != nil && s.known != nil {
		f.Conntrack = s.connected(r)
	}
}

// carrier describes the outer packet of a tunnelled flow from the local side.
func (s *Shard) carrier(r *flow.Record) *event.Tunnel {
	t := &s.lines.tunnel
	*t = event.Tunnel{Type: r.Tunnel}
	c, back := s.carry.Get(r.TunnelRef)
	if c == nil {
		return t // its place in the table was used anew
	}
	t.Version, t.DSCP, t.GTPVersion, t.OtherType = c.Version, c.DSCP, 1, flow.OtherRemote
	// c is as the flow's first packet came: its sender opened the inner flow.
	if r.LocalOrigin() {
		t.Local, t.Other, t.LocalPort, t.OtherPort, t.LocalTEID, t.OtherTEID = c.Src, c.Dst, c.SrcPort, c.DstPort, c.ID, back
	} else {
		t.Local, t.Other, t.LocalPort, t.OtherPort, t.LocalTEID, t.OtherTEID = c.Dst, c.Src, c.DstPort, c.SrcPort, back, c.ID
	}
	return t
}

// reasonOf is why a flow ends that is not ended by the agent.
func reasonOf(r *flow.Record) event.Reason {
	if r.Protocol == ipTCP && closed(r) {
		return event.Closed
	}
	return event.Idle
}

// end tells the last of a flow and lets go of what it holds. The caller removes the record.
func (s *Shard) end(r *flow.Record, why event.Reason) {
	s.unshunt(r)
	if r.Marks&flow.Own != 0 {
		return
	}
	defer s.actLast(r)
	if stray(r) {
		s.bookLast(r, true)
		s.slots.Free(r)
		s.stats.Strays++
		return
	}
	if s.unanswered(r) {
		s.bookLast(r, false)
		s.slots.Free(r)
		s.stats.Unanswered++
		s.stats.Ended++
		return
	}
	r.Marks |= flow.Ended
	s.giveUp(r)
	if r.Marks&flow.Late != 0 {
		s.lookLate(r)
	}
	s.rememberPast(r)
	s.tellOneSided(r)
	s.bookLast(r, false)
	if r.Proto != proto.Unknown || s.set.unknownFlows {
		s.tell(r, nil, core.KindFlowPurge, why)
	}
	s.blocks.Free(r.Meta)
	r.Meta = 0
	s.stats.Ended++
	s.stats.protocols[r.Proto.Place()]++
}

// stray says that a flow is only what followed a connection that has ended:
// a FIN that was sent again, an answer to it. It is not told of.
func stray(r *flow.Record) bool {
	return r.Protocol == ipTCP && r.Detect == 0 && r.Flags&(flow.OpenerKnown|flow.Announced) == 0 &&
		r.Flags&(flow.FinLower|flow.FinUpper|flow.Aborted) != 0
}

// evicted ends a flow whose place is needed, or whose time has come.
func (s *Shard) evicted(r *flow.Record) { s.end(r, reasonOf(r)) }
