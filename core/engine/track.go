package engine

import (
	"netifyd/core/flow"
	"netifyd/core/packet"
)

// reborn says that a packet opens a new connection between ends that had one.
func reborn(r *flow.Record, v *packet.View) bool {
	return v.Protocol == ipTCP && v.TCPFlags&(packet.SYN|packet.ACK|packet.RST) == packet.SYN &&
		(closed(r) || r.Flags&flow.Decided != 0 && v.Time-r.Last > 1e9 && v.Seq != r.Next[0]-1 && v.Seq != r.Next[1]-1)
}

func closed(r *flow.Record) bool {
	return r.Flags&flow.Aborted != 0 || r.Flags&(flow.FinLower|flow.FinUpper) == flow.FinLower|flow.FinUpper
}

// padded says that what a segment carries is no data: some systems count the
// zeros that fill a short frame into the IP length of a bare acknowledgement.
// Data of zeros alone would be pushed.
func padded(v *packet.View) bool {
	return v.Protocol == ipTCP && v.TCPFlags == packet.ACK && zeros(v.Payload)
}

// track follows sequence numbers and the end of a TCP flow. Numbers wrap, so
// they are compared by their difference (RFC 9293, section 3.4).
func (s *Shard) track(ifc *iface, r *flow.Record, v *packet.View, side flow.Side) {
	length := uint32(v.PayLen)
	if v.TCPFlags&(packet.SYN|packet.FIN) != 0 {
		length++
	}
	if v.TCPFlags&packet.SYN == 0 {
		r.Flags |= flow.Followed
	} else if side == r.Opener() {
		r.Hops = max(r.Hops, v.Hops)
	}
	next := r.Next[side]
	switch d := int32(v.Seq - next); {
	case next == 0 || v.TCPFlags&packet.SYN != 0:
		if next != 0 && next == v.Seq+length {
			r.Retrans++
		}
		r.Next[side] = v.Seq + length
	case d == 0:
		r.Next[side] = next + length
	case r.Shunt != 0: // the kernel kept those between
		r.Next[side] = v.Seq + length
	case d > 0:
		r.SeqErrors++
		s.counts[ifc.index].TCPSeqErrors++
		if length > 0 {
			gap(r, v, uint32(d))
			r.Next[side] = v.Seq + length
		}
	case length > 0:
		if !fills(r, v, min(length, uint32(-d))) && !alive(v, d) {
			r.Retrans++
		}
		if end := v.Seq + length; int32(end-next) > 0 {
			r.Next[side] = end
		}
	}
	if v.TCPFlags&(packet.FIN|packet.RST) == 0 {
		return
	}
	was := closed(r)
	if v.TCPFlags&packet.RST != 0 {
		r.Flags |= flow.Aborted
		r.Resets++
		s.counts[ifc.index].TCPResets++
	} else if side == flow.Lower {
		r.Flags |= flow.FinLower
	} else {
		r.Flags |= flow.FinUpper
	}
	if !was && closed(r) {
		s.table.Schedule(r, r.Last+s.set.idleClosed)
	}
}

// reordered is the time within which what a gap left out is late, and not sent
// again: nobody can ask for it sooner than in a round trip. That of the
// connection counts where it is longer.
const reordered = 3 // milliseconds

// gap notes that n bytes were left out.
func gap(r *flow.Record, v *packet.View, n uint32) {
	now := milliseconds(v)
	if now-r.GapAt > reordered {
		r.Missing = 0
	}
	r.GapAt = now
	r.Missing = uint16(min(uint32(r.Missing)+min(n, 1<<16), 1<<16-1))
}

// fills says that n bytes from before the newest ones are those that a gap left
// out a moment ago.
func fills(r *flow.Record, v *packet.View, n uint32) bool {
	if uint32(r.Missing) < n || milliseconds(v)-r.GapAt > uint16(max(reordered, r.Trip)) {
		return false
	}
	r.Missing -= uint16(n)
	return true
}

func milliseconds(v *packet.View) uint16 { return uint16(v.Time / 1e6) }

// alive says that a segment which repeats d bytes is a keep-alive with a byte
// of garbage (RFC 9293, section 3.8.4).
func alive(v *packet.View, d int32) bool {
	return d == -1 && v.PayLen == 1 && v.TCPFlags&(packet.PSH|packet.FIN) == 0
}
