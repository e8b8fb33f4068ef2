package engine

import (
	"errors"

	"netifyd/core"
	"netifyd/core/flow"
)

// Flows are left to the kernel only once it pays: a system call costs about as
// much as the packets of a short flow.
const (
	shuntAfter = 64   // packets of a decided flow, and then again and again where there was no room
	maxShunted = 1024 // flows of a shard that the kernel counts at a time
)

// shunted is what the kernel had counted of a flow when it was last asked, by side.
type shunted struct {
	seen [2]core.Count
	next uint16 // free list, plus one
}

// shunts are the flows of a shard that the kernel counts.
type shunts struct {
	sources []core.Shunter // by interface; nil: packets are not left to the kernel there
	refused []bool         // by interface: no more flows, but those that were taken are counted
	table   [maxShunted]shunted
	free    uint16        // plus one
	used    int           // flows that the kernel counts now
	tuples  [2]core.Tuple // what is asked for, by side: one made at each call would be garbage
	notice  func(error)
}

func (x *shunts) init(ifaces int) {
	x.sources, x.refused = make([]core.Shunter, ifaces), make([]bool, ifaces)
	for i := range x.table {
		x.table[i].next = uint16(i + 2)
	}
	x.table[maxShunted-1].next = 0
	x.free = 1
}

// tuple names the packets that a side of a flow sends, until it is called again.
func (x *shunts) tuple(r *flow.Record, side flow.Side) *core.Tuple {
	t := &x.tuples[side]
	*t = core.Tuple{Src: r.Addr[side], Dst: r.Addr[1-side], SrcPort: r.Port[side], DstPort: r.Port[1-side], Protocol: r.Protocol, Version: r.Version}
	return t
}

// shunt leaves the packets of a decided flow to the kernel, where that is to be had.
func (s *Shard) shunt(r *flow.Record) {
	x := &s.shunts
	src := x.sources[r.Via]
	if src == nil || x.refused[r.Via] || x.free == 0 || r.Tunnel != 0 || r.Protocol != ipTCP && r.Protocol != ipUDP || closed(r) {
		return
	}
	lower, upper := x.tuple(r, flow.Lower), x.tuple(r, flow.Upper)
	err := src.Shunt(lower)
	if err == nil {
		if err = src.Shunt(upper); err != nil {
			src.Unshunt(lower)
		}
	}
	if err != nil {
		if errors.Is(err, errors.ErrUnsupported) {
			x.refused[r.Via] = true
			x.notice(err)
		}
		return
	}
	r.Shunt = x.free
	e := &x.table[x.free-1]
	x.free = e.next
	x.used++
	e.seen = [2]core.Count{}
	s.stats.Shunted++
}

// settle adds what the kernel has counted since it was last asked. A flow that
// the kernel no longer knows, since its interface was gone, is taken back.
func (s *Shard) settle(r *flow.Record) {
	src, e := s.shunts.sources[r.Via], &s.shunts.table[r.Shunt-1]
	n, known := &s.counts[r.Via], src != nil
	for side := flow.Lower; side <= flow.Upper && src != nil; side++ {
		c, ok := src.Shunted(s.shunts.tuple(r, side))
		if !ok {
			known = false
			continue
		}
		packets, bytes := c.Packets-e.seen[side].Packets, c.Bytes-e.seen[side].Bytes
		if packets == 0 {
			continue
		}
		e.seen[side] = c
		r.Packets[side] += uint32(packets)
		r.Bytes[side] += bytes
		r.TotalPackets += packets
		r.TotalBytes += bytes
		r.Last = s.now
		r.Flags |= flow.Active
		n.shunted(r.Protocol, packets, bytes)
	}
	if !known {
		s.takeBack(r)
	}
}

// unshunt settles for the last time and takes the flow's packets back.
func (s *Shard) unshunt(r *flow.Record) {
	if r.Shunt != 0 {
		s.settle(r)
	}
	if r.Shunt != 0 {
		s.takeBack(r)
	}
}

// takeBack ends the shunt of a flow. Packets that went by unseen are no gap in its sequence.
func (s *Shard) takeBack(r *flow.Record) {
	if src := s.shunts.sources[r.Via]; src != nil {
		for side := flow.Lower; side <= flow.Upper; side++ {
			src.Unshunt(s.shunts.tuple(r, side))
		}
	}
	s.shunts.table[r.Shunt-1].next = s.shunts.free
	s.shunts.free = r.Shunt
	s.shunts.used--
	r.Shunt, r.Next = 0, [2]uint32{}
}

// unshuntAll is for the end, before the sources are closed.
func (s *Shard) unshuntAll() {
	for i := range s.table.Cap() {
		if r := s.table.At(i); r != nil {
			s.unshunt(r)
		}
	}
}

// shunted counts packets that the kernel kept. Their link headers are counted
// as those of Ethernet, which is the only link that can be shunted.
func (c *ifaceStats) shunted(protocol uint8, packets, bytes uint64) {
	c.Raw += packets
	c.Ethernet += packets
	c.PcapReceived += packets
	c.IP += packets
	c.IPBytes += bytes
	c.WireBytes += bytes + packets*(14+24)
	if protocol == ipTCP {
		c.TCP += packets
	} else {
		c.UDP += packets
	}
}
