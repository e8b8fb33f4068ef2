package engine

import (
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
