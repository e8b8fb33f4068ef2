package engine

import (
	"hash/maphash"

	"netifyd/core/attr"
	"netifyd/core/flow"
	"netifyd/core/packet"
	"netifyd/core/proto"
	"netifyd/detect"
)

// open fills in a new flow: who opened it, which side is ours, and the name
// that a DNS answer gave to the other side.
func (s *Shard) open(r *flow.Record, ifc *iface, v *packet.View, side flow.Side) {
	r.Iface, r.Via = uint8(ifc.index), uint8(ifc.index)
	r.VLAN = v.VLAN
	r.MAC[side], r.MAC[1-side] = v.SrcMAC, v.DstMAC
	r.DSCP[side] = v.DSCP
	if opener(v, side) == flow.Upper {
		r.Flags |= flow.OpenerUpper
	}
	if v.Protocol == ipTCP && v.TCPFlags&packet.SYN != 0 {
		r.Flags |= flow.OpenerKnown
	}
	ours := ifc.addresses.Load().Orient(r)
	if v.Tunnel.Type != packet.TunnelNone {
		r.Tunnel = v.Tunnel.Type
		r.TunnelRef = s.carry.Handle(s.table, &v.Tunnel)
	}
	if ours {
		local := r.Local()
		s.seen.Saw(r.MAC[local], r.Version, &r.Addr[local])
	}
	s.stats.Opened++
	s.table.Schedule(r, r.Last+s.idle(r))
	if over(v.Protocol) == detect.IP {
		return
	}
	if s.own != nil && v.Protocol == ipTCP && s.own.has(r) {
		r.Marks |= flow.Own
		s.table.Mark(r, flow.Decided)
		return
	}
	if id := s.expect.take(r); id != proto.Unknown {
		r.Proto, r.Confidence = id, flow.ByDPI
		r.Card = int16(detect.Card(id))
	}
}

// opener is the side that opened the flow of a first packet, as far as the
// packet shows: the sender of a SYN, the receiver of a SYN with ACK, in
// mid-stream the higher port; for UDP the sender, unless it answers from a
// well-known port.
func opener(v *packet.View, side flow.Side) flow.Side {
	switch v.Protocol {
	case ipTCP:
		switch {
		case v.TCPFlags&(packet.SYN|packet.ACK) == packet.SYN:
			return side
		case v.TCPFlags&packet.SYN != 0:
			return 1 - side
		case v.SrcPort == v.DstPort:
			return flow.Lower
		case v.SrcPort > v.DstPort:
			return side
		}
		return 1 - side
	case ipUDP:
		// Clients of ONC RPC ask from reserved ports (RFC 5531, appendix A), which bindresvport takes from 512 up.
		const reserved = 512
		if v.SrcPort < 1024 && v.DstPort >= 1024 && (v.SrcPort < reserved || detect.IsUsual(detect.UDP, v.SrcPort)) {
			return 1 - side
		}
	}
	return side
}

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
	s.hinted(r)
	packed := s.res.Set.AppendPacked(s.lines.packed[:0])
	sum := checksum(packed)
	was, wasApp := r.Proto, r.App
	r.Proto = s.res.Protocol
	r.ProtoCategory = s.set.apps.ProtocolCategory(r.Proto)
	if r.Flags&flow.Named == 0 || r.Proto != was || !s.res.Has(attr.HostName) {
		s.name(r, &s.res.Set)
	}
	if s.set.apps.HasSoft() {
		s.soften(r, &s.res.Set)
	}
	if sum == r.Sum && was == r.Proto && wasApp == r.App {
		return false
	}
	r.Sum = sum
	s.blocks.Free(r.Meta)
	r.Meta = 0
	if n := s.blocks.Budget(); len(packed) > n {
		packed = attr.Cut(packed, n)
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
			s.hints.Learn(client, &a.Addr, name, app, uint32(s.now/1e9), a.TTL)
		}
	}
	if e := &s.res.Expect; e.Port != 0 {
		s.expect.add(e, r, s.now)
	}
	return true
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
		left = (*detect.Candidates)(&s.slots.Of(r, s.now).Candidates)
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

func (s *Shard) guess(r *flow.Record, left *detect.Candidates) {
	before := proto.Unknown
	if r.Proto == proto.Unknown {
		before, _ = s.past.find(r)
		r.Proto = before
	}
	s.res.Reset(r.Proto) // that of an announced flow, or of one that goes on
	s.keep(r)
	if before != proto.Unknown {
		r.Confidence = flow.ByHint
	} else if r.Proto == proto.Unknown {
		if r.Proto = s.byPort(r, left); r.Proto != proto.Unknown {
			r.Confidence = flow.ByPort
			r.Flags |= flow.Guessed
		} else if r.App != 0 {
			r.Confidence = flow.ByHint
		}
	}
	r.ProtoCategory = s.set.apps.ProtocolCategory(r.Proto)
}

// byPort guesses the protocol of a flow whose server spoke.
func (s *Shard) byPort(r *flow.Record, left *detect.Candidates) proto.ID {
	if !answered(r) && !looped(r) || r.Detect == 0 && r.Flags&flow.OpenerKnown == 0 {
		return proto.Unknown
	}
	if !began(r) {
		left = nil // cards read beginnings: what they said of the middle counts for nothing
	}
	return s.portOf(r, left)
}

// portOf is the protocol that the server's port is taken for. Where nobody saw
// who opened the flow, its first packet may have been an answer, and the other
// port is looked at too.
func (s *Shard) portOf(r *flow.Record, left *detect.Candidates) proto.ID {
	if !s.set.portGuess {
		return proto.Unknown
	}
	carrier := over(r.Protocol)
	id := detect.Guess(carrier, r.Port[1-r.Opener()], left)
	if id == proto.Unknown && r.Flags&flow.OpenerKnown == 0 {
		id = detect.Guess(carrier, r.Port[r.Opener()], left)
	}
	if id == proto.Unknown && carrier == detect.TCP && (r.Port[0] == ftpDataPort || r.Port[1] == ftpDataPort) {
		return proto.FTPD // any bytes may be a file's, and the control connection was not seen
	}
	return id
}

// ftpDataPort is that which an FTP server opens data connections from (RFC 959, section 3.2).
const ftpDataPort = 20

// answered says that the server of a flow spoke, and did not just refuse.
func answered(r *flow.Record) bool { return r.Flags&(flow.SawLower<<(1-r.Opener())) != 0 }

// looped says that a flow goes to the address that it comes from: a neighbour
// sends it back, as an echo of BFD asks for (RFC 5881, section 4), and that is the answer.
func looped(r *flow.Record) bool { return r.Addr[flow.Lower] == r.Addr[flow.Upper] }

// began says that a flow was seen from its beginning, as far as it has one: each datagram stands for itself.
func began(r *flow.Record) bool { return r.Protocol != ipTCP || r.Flags&flow.OpenerKnown != 0 }

// metadata reads back what was kept of a flow.
func (s *Shard) metadata(r *flow.Record) *attr.Set {
	s.kept.Unpack(s.blocks.Append(s.lines.packed[:0], r.Meta))
	return &s.kept
}
