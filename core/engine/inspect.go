package engine

import (
	"netifyd/core/flow"
	"netifyd/core/packet"
	"netifyd/core/proto"
	"netifyd/detect"
)

// IP protocol numbers that the corridor treats apart.
const (
	ipTCP = 6
	ipUDP = 17
)

// staleSlot is how long a slot must have rested before another flow may have
// it: longer than most round trips, so that the next bytes would be there.
const staleSlot = 5e8

func over(protocol uint8) detect.Transport {
	switch protocol {
	case ipTCP:
		return detect.TCP
	case ipUDP:
		return detect.UDP
	}
	return detect.IP
}

// inspect shows a packet of an undecided flow, or of one that feeds, to the detectors.
func (s *Shard) inspect(r *flow.Record, v *packet.View, side flow.Side) {
	if r.Flags&(flow.Waiting|flow.Decided) == flow.Waiting {
		if answered(r) {
			s.giveUp(r)
		}
		return
	}
	if len(v.Payload) == 0 && (v.Protocol == ipTCP || v.Protocol == ipUDP) {
		return
	}
	if len(v.Payload) == 1 && v.Protocol == ipTCP && r.Flags&flow.OpenerKnown == 0 && r.Detect == 0 {
		return // a keep-alive with a byte of garbage (RFC 9293, section 3.8.4) says nothing
	}
	opener := r.Opener()
	in := &s.in
	*in = detect.Input{
		Over: over(v.Protocol), IPProtocol: v.Protocol, FromServer: side != opener, Opened: r.Flags&flow.OpenerKnown != 0,
		ServerPort: r.Port[1-opener], ClientPort: r.Port[opener],
	}
	if in.Over == detect.UDP {
		in.Lost = v.PayLen - len(v.Payload)
	}
	defer s.inspected(r)
	if r.Flags&flow.Decided != 0 {
		s.feed(r, v)
		return
	}
	if r.Detect == 0 {
		r.Trip = uint8(min(max(v.Time-r.First, 0)/1e6, 255))
	}
	if r.Detect < 255 {
		r.Detect++
	}
	s.table.Refresh(r)
	switch {
	case in.Over == detect.TCP:
		s.inspectTCP(r, v, side)
	default:
		s.inspectDatagram(r, v)
	}
	if r.Flags&flow.Decided == 0 && (int(r.Detect) >= s.set.maxDetection && s.seenEnough(r) || isAnnounced(r) && r.Detect >= announcedLook) {
		s.giveUp(r)
	}
}

// announcedLook is how many packets of an announced flow are looked at for
// something that contradicts what another flow said of it.
const announcedLook = 4

// isAnnounced says that all that is known of a flow is what another one said.
func isAnnounced(r *flow.Record) bool { return r.Proto != proto.Unknown && r.Flags&flow.Matched == 0 }

// seenEnough says that a flow which had its packets had bytes too: some
// programs cut a hello into segments of a few bytes. What is kept of a stream
// bounds it, and so does the number of packets. A flow whose protocol is known
// and whose hello is not complete yet is waited for longer.
func (s *Shard) seenEnough(r *flow.Record) bool {
	const most = 4096 // packets
	small := 8        // bytes a packet
	if r.Flags&flow.Matched != 0 {
		small = 64
	}
	if r.Slot == 0 || r.Protocol != ipTCP || r.TotalPackets >= most {
		return true
	}
	slot := s.slots.Of(r, s.now)
	return len(slot.Bytes(0))+len(slot.Bytes(1)) >= small*int(r.TotalPackets)
}

// direction is 0 for bytes to the server, 1 for bytes to the client.
func direction(in *detect.Input) int {
	if in.FromServer {
		return 1
	}
	return 0
}

// dataSeq is the sequence number of the first byte of a segment: behind the
// SYN, which takes one (RFC 9293, section 3.4; RFC 7413 for data with it).
func dataSeq(v *packet.View) uint32 {
	if v.TCPFlags&packet.SYN != 0 {
		return v.Seq + 1
	}
	return v.Seq
}

func (s *Shard) inspectTCP(r *flow.Record, v *packet.View, side flow.Side) {
	in, dir := &s.in, direction(&s.in)
	if r.Hops != 0 && s.doubts(r, v, side) {
		s.keepDoubted(r, v, side)
		return
	}
	if r.Slot == 0 {
		if start := streamStart(r, side); start == 0 || start == v.Seq {
			*one(in, dir) = v.Payload
			cand := detect.Start(in)
			if s.ask(r, &cand) {
				return // decided on the segment as it lies in the ring
			}
			s.keepTCP(r, v, side, &cand)
			return
		}
		cand := detect.Open(detect.TCP)
		s.others = cand
		s.keepTCP(r, v, side, &cand)
		return
	}
	slot := s.slots.Of(r, s.now)
	if slot.Awaits != 0 && (in.FromServer || v.Payload[0] != slot.Awaits) {
		if !in.FromServer {
			s.giveUp(r)
		}
		return
	}
	if start := streamStart(r, side); start != 0 && !slot.Started(dir) {
		slot.Start(dir, start)
	}
	grew := slot.Insert(dir, dataSeq(v), v.Payload)
	if r.Hops != 0 && (slot.Believe(1-dir, v.Ack) || slot.Continue(dir, dataSeq(v))) {
		r.Hops, grew = 0, true
	}
	if !grew {
		return
	}
	in.ToServer, in.ToClient = slot.Bytes(0), slot.Bytes(1)
	s.ask(r, (*detect.Candidates)(&slot.Candidates))
}

// streamStart is the sequence number of the first byte of a side whose bytes
// were not seen yet; 0: take what comes. A flow joined midway tells nothing: a
// keep-alive repeats a number that lies before the next byte (RFC 9293, section 3.8.4).
func streamStart(r *flow.Record, side flow.Side) uint32 {
	if r.Flags&flow.OpenerKnown == 0 {
		return 0
	}
	return r.Next[side]
}

// one is the field of in for the bytes of a direction.
func one(in *detect.Input, dir int) *[]byte {
	if dir == 1 {
		return &in.ToClient
	}
	return &in.ToServer
}

func (s *Shard) keepTCP(r *flow.Record, v *packet.View, side flow.Side, cand *detect.Candidates) {
	slot := s.takeSlot(r)
	if slot == nil {
		return
	}
	slot.Candidates, slot.Turned = *cand, s.others
	if start := streamStart(r, side); start != 0 {
		slot.Start(direction(&s.in), start)
	}
	slot.Insert(direction(&s.in), dataSeq(v), v.Payload)
}

func (s *Shard) inspectDatagram(r *flow.Record, v *packet.View) {
	in, dir := &s.in, direction(&s.in)
	*one(in, dir) = v.Payload
	if r.Slot == 0 {
		var cand detect.Candidates
		if r.Flags&flow.Matched == 0 {
			cand = detect.Start(in)
		}
		if s.ask(r, &cand) || !s.keeps(r) {
			return
		}
		if slot := s.takeSlot(r); slot != nil {
			slot.Candidates = cand
			if !s.opensWay(r, v) {
				s.keepDatagram(slot, v)
			}
		}
		return
	}
	slot := s.slots.Of(r, s.now)
	in.SetHeld(slot.LogBytes())
	if r.Detect <= mostOpening+1 && r.Flags&flow.Matched == 0 {
		s.reopen(slot, v)
	}
	switch {
	case s.ask(r, (*detect.Candidates)(&slot.Candidates)):
	case s.opensWay(r, v):
	case s.keeps(r):
		s.keepDatagram(slot, v)
	default:
		s.slots.Free(r)
	}
}

// reopen lets every card that may begin with a datagram have it where what came
// before may only have opened the way. Less than a protocol's least message, which nobody answered, is forgotten then.
func (s *Shard) reopen(slot *flow.Slot, v *packet.View) {
	longest, sameWay := s.in.LongestHeld()
	if longest > longestOpening {
		return
	}
	const noMessage = 8 // OpenVPN's first has 14 bytes
	if sameWay && longest <= noMessage && len(v.Payload) > longestOpening {
		slot.Log = 0
		s.in.SetHeld(nil)
	}
	cand := detect.Start(&s.in)
	for w := range cand {
		slot.Candidates[w] |= cand[w]
	}
}

// opensWay says that the first datagrams of a flow only open the way through
// address translators: a few bytes that no card takes for its own (RFC 6263, section 4).
func (s *Shard) opensWay(r *flow.Record, v *packet.View) bool {
	return len(v.Payload) <= longestOpening && r.Detect <= mostOpening && r.Flags&flow.Matched == 0 && s.stray
}

// Bounds of what opens the way: bytes, datagrams.
const (
	longestOpening = 13 // the reset that begins OpenVPN has 14
	mostOpening    = 3
)

// keeps says whether earlier datagrams of an undecided flow will be wanted.
func (s *Shard) keeps(r *flow.Record) bool {
	if r.Flags&flow.Matched == 0 {
		return true
	}
	p := &detect.Registry[r.Card]
	return p.Limit > 0 && !p.Alone
}

func (s *Shard) keepDatagram(slot *flow.Slot, v *packet.View) {
	log := slot.LogBytes()
	if len(log)+detect.HeldSize(len(v.Payload)) > flow.LogRoom || len(v.Payload) > 1<<16-1 {
		return
	}
	slot.Log = len(detect.AppendHeld(log, s.in.FromServer, v.Payload, s.in.Lost))
}

// takeSlot gives the flow a slot; where none is free, the one that rested
// longest, and where none rested, the flow is decided with what is known.
func (s *Shard) takeSlot(r *flow.Record) *flow.Slot {
	if slot := s.slots.Take(s.table, r, s.now); slot != nil {
		return slot
	}
	if old, used := s.slots.Oldest(s.table); old != nil && s.now-used > staleSlot {
		s.giveUp(old)
		return s.slots.Take(s.table, r, s.now)
	}
	s.stats.SlotsExhausted++
	s.giveUp(r)
	return nil
}

// ask puts what is in s.in to the detectors and says whether no more bytes of the flow are wanted.
func (s *Shard) ask(r *flow.Record, cand *detect.Candidates) bool {
	if r.Flags&flow.Matched != 0 {
		if detect.Again(&s.in, int(r.Card), &s.res, s.before(r)) != detect.Match {
			return false
		}
		s.improve(r)
	} else {
		for w, off := range s.set.disabled {
			cand[w] &^= off
		}
		verdict, card := detect.Inspect(&s.in, cand, &s.res)
		s.stray = verdict == detect.Odd
		if verdict != detect.Match {
			card = s.otherWay(r)
		}
		switch {
		case card != detect.None:
		case verdict == detect.NeedMore || verdict == detect.Odd:
			return false
		default:
			s.refused(r, cand)
			return true
		}
		if isAnnounced(r) && (s.res.Partial || detect.Registry[card].Tier == detect.Heuristic) {
			s.giveUp(r) // only proof weighs more than what the other flow said
			return true
		}
		s.match(r, card)
	}
	if s.res.More && !s.full(r) && (s.res.Awaits == 0 || !s.cut) { // what found no room is told now or never
		if r.Slot != 0 {
			s.slots.Of(r, s.now).Awaits = s.res.Awaits
		}
		return false
	}
	s.decide(r, &s.res.Set)
	return true
}

// otherWay looks at a connection the other way round and says which card knows
// it with certainty. Where nobody saw it opened, who is the server is a guess by
// the ports, and that may be wrong where neither is one of the system's (RFC
// 6335, section 6). None: no card; else the directions are turned.
func (s *Shard) otherWay(r *flow.Record) (card int) {
	const system = 1024
	if r.Protocol != ipTCP || r.Flags&flow.OpenerKnown != 0 || min(r.Port[0], r.Port[1]) < system || isAnnounced(r) {
		return detect.None
	}
	in := &s.turned
	*in = s.in
	in.ToServer, in.ToClient = s.in.ToClient, s.in.ToServer
	in.ServerPort, in.ClientPort, in.FromServer = s.in.ClientPort, s.in.ServerPort, !s.in.FromServer
	cand := &s.others
	if r.Slot != 0 {
		cand = (*detect.Candidates)(&s.slots.Of(r, s.now).Turned)
	} else {
		*cand = detect.Start(in)
	}
	for w, off := range s.set.disabled {
		cand[w] &^= off
	}
	verdict, card := detect.Inspect(in, cand, &s.res)
	if verdict != detect.Match || s.res.Partial || detect.Registry[card].Tier == detect.Heuristic {
		return detect.None
	}
	if r.Slot != 0 && !s.slots.Of(r, s.now).Turn() {
		return detect.None
	}
	s.in = *in
	r.Flags ^= flow.OpenerUpper
	return card
}

// refused decides a flow that no card knows. One that was joined midway, and
// whose port says what it may be, first waits for a packet of the server.
func (s *Shard) refused(r *flow.Record, cand *detect.Candidates) {
	if !began(r) && !answered(r) && !isAnnounced(r) && s.portOf(r, nil) != proto.Unknown {
		r.Flags |= flow.Waiting
		s.slots.Free(r)
		return
	}
	s.giveUpWith(r, cand)
}

// before is what was kept of a flow's metadata, for a card that adds to it.
func (s *Shard) before(r *flow.Record) []byte {
	if !detect.Registry[r.Card].Adds {
		return nil
	}
	return s.blocks.Append(s.lines.packed[:0], r.Meta)
}

// full says that the slot has no room for what a detector still wants.
func (s *Shard) full(r *flow.Record) bool {
	if r.Slot == 0 || s.in.Over != detect.TCP {
		return false
	}
	slot := s.slots.Of(r, s.now)
	return slot.Full(0) && slot.Full(1)
}

// feed shows a later packet of a decided flow to its detector, for what it tells about other flows.
func (s *Shard) feed(r *flow.Record, v *packet.View) {
	*one(&s.in, direction(&s.in)) = v.Payload
	if detect.Again(&s.in, int(r.Card), &s.res, nil) == detect.Match {
		s.learn(r)
	}
}
