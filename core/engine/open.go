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
		case asksFromReserved(detect.TCP, v.SrcPort, v.DstPort):
			return side
		case v.SrcPort < v.DstPort || asksFromReserved(detect.TCP, v.DstPort, v.SrcPort):
			return 1 - side
		}
		return side
	case ipUDP:
		if asksFromReserved(detect.UDP, v.DstPort, v.SrcPort) || v.SrcPort < 1024 && v.DstPort >= 1024 && !mayAsk(detect.UDP, v.SrcPort) {
			return 1 - side
		}
	}
	return side
}

// asksFromReserved says that a client of ONC RPC asks a server above the
// system's ports from a reserved one (RFC 5531, appendix A).
func asksFromReserved(over detect.Transport, client, server uint16) bool {
	return server >= 1024 && mayAsk(over, client) && detect.IsUsual(over, server)
}

// mayAsk says that a port is one that bindresvport takes, from 512 up, and that no protocol is usual at.
func mayAsk(over detect.Transport, port uint16) bool {
	return port >= 512 && port < 1024 && !detect.IsUsual(over, port)
}
