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

// track follows sequence numbers and the end of a TCP flow. Numbers wrap, so
// they are compared by their difference (RFC 9293, section 3.4).
func (s *Shard) track(ifc *iface, r *flow.Record, v *packet.View, side flow.Side) {
	length := uint32(v.PayLen)
	if v.TCPFlags&(packet.SYN|packet.FIN) != 0 {
		length++
	}
	next := r.Next[side]
	switch d := int32(v.Seq - next); {
	case next == 0 || v.TCPFlags&packet.SYN != 0:
		r.Next[side] = v.Seq + length
	case d == 0:
		r.Next[side] = next + length
	case d > 0:
		r.SeqErrors++
		s.counts[ifc.index].TCPSeqErrors++
		if length > 0 {
			r.Next[side] = v.Seq + length
		}
	case length > 0:
		r.Retrans++
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
