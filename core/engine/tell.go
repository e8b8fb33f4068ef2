package engine

import (
	"time"

	"netifyd/core"
	"netifyd/core/attr"
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
	if r.Flags&flow.Announced == 0 {
		r.Flags |= flow.Announced
		r.FirstSent = s.now
	}
	s.tell(r, set, core.KindFlow, 0)
}

// tell makes a line about a flow in every dialect in use.
func (s *Shard) tell(r *flow.Record, set *attr.Set, kind core.Kind, why event.Reason) {
	want := s.out.Dialects()
	if want == 0 {
		return
	}
	defer s.told(r)
	if set == nil && kind == core.KindFlow {
		set = s.metadata(r)
	}
	s.describe(r, set)
	for d := event.Dialect(0); d < event.NumDialects; d++ {
		if want.Has(d) {
			s.lines.line = s.appendLine(s.lines.line[:0], d, r, kind, why)
			s.out.Offer(d, kind, core.Wanted, s.lines.line)
		}
	}
}

func (s *Shard) appendLine(dst []byte, d event.Dialect, r *flow.Record, kind core.Kind, why event.Reason) []byte {
	since := time.Duration(s.now - max(s.lastStat, r.First))
	switch kind {
	case core.KindFlowStats:
		return event.AppendStats(dst, d, &s.lines.flow, since)
	case core.KindFlowPurge:
		return event.AppendPurge(dst, d, &s.lines.flow, why, since)
	}
	return event.AppendFlow(dst, d, &s.lines.flow)
}

// describe fills in what a line says of a flow.
func (s *Shard) describe(r *flow.Record, set *attr.Set) {
	f := &s.lines.flow
	ifc := s.set.ifaces[r.Iface]
	*f = event.Flow{Rec: r, Attrs: set, Iface: &ifc.label, Digest: event.Digest(ifc.label.Name, r)}
	if set != nil {
		f.DNSName = set.Get(attr.DNSHostName)
	}
	if r.App != 0 {
		f.AppTag = s.set.apps.Tag(r.App)
	}
	if r.Tunnel != 0 {
		f.Tunnel = s.carrier(r)
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
	t.Version, t.GTPVersion, t.OtherType = c.Version, 1, flow.OtherRemote
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
	if stray(r) {
		s.bookLast(r, true)
		s.slots.Free(r)
		s.stats.Strays++
		return
	}
	s.giveUp(r)
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
