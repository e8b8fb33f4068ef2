package engine

import (
	"netifyd/core/flow"
	"netifyd/core/packet"
	"netifyd/detect"
)

// doubts says that a segment of the opener may be one that the server never
// takes: its time to live is less than that of the SYN, it acknowledges nothing
// (RFC 9293, section 3.10.7.4: such a segment is dropped) or, where the settings
// ask for it, its checksum is wrong. Programs that lead inspection astray send
// such a hello before their own. A few zeros that begin the stream may be
// padding, though they are pushed as data is.
func (s *Shard) doubts(r *flow.Record, v *packet.View, side flow.Side) bool {
	return side == r.Opener() && v.TCPFlags&packet.SYN == 0 &&
		(v.Hops < r.Hops || v.TCPFlags&packet.ACK == 0 || s.set.checksum && !v.SumFits() || v.Payload[0] == 0 && s.blank(r, v))
}

// blank says that a short segment of zeros is all that its side has said.
func (s *Shard) blank(r *flow.Record, v *packet.View) bool {
	return v.PayLen <= flow.MaxBlank && zeros(v.Payload) && (r.Slot == 0 || len(s.slots.Of(r, s.now).Bytes(direction(&s.in))) == 0)
}

func zeros(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// keepDoubted keeps a segment that is doubted, to be believed when the server
// answers and no other came for its place.
func (s *Shard) keepDoubted(r *flow.Record, v *packet.View, side flow.Side) {
	in, dir := &s.in, direction(&s.in)
	if r.Slot == 0 {
		slot := s.takeSlot(r)
		if slot == nil {
			return
		}
		slot.Candidates = detect.Open(in.Over)
		if start := streamStart(r, side); start != 0 {
			slot.Start(dir, start)
		}
	}
	s.slots.Of(r, s.now).Doubt(dir, dataSeq(v), v.Payload)
}
