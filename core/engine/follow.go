package engine

import (
	"bytes"
	"math/bits"
	"time"

	"netifyd/core"
	"netifyd/core/flow"
)

// remembered is how long a connection that is seen no more is kept: one that
// rests loses its mark and gets it again with its next packets.
const remembered = 10 * time.Minute

// known is what the kernel had counted of a connection when it was last read:
// of the opener's packets, of the answers.
type known [2]core.Count

// given is a record whose totals follow the kernel's counters: they are
// raised to those less base, which is what belongs to the time before the
// record, and below zero where the kernel began to count anew.
type given struct {
	first          int64 // of the record, as if nobody had set the clock; another one has another
	packets, bytes int64 // base
}

// offloadBytes is the memory of an offload that follows connections.
func offloadBytes() int { return ledgerBytes[known]() + ledgerBytes[given]() + offloadBuffer }

func (o *offload) begin() {
	if o.since == 0 {
		o.blind()
	}
}

// forget drops what was not seen for long.
func (o *offload) forget() {
	old := core.Unset() - int64(remembered)
	o.connections.forget(old)
	o.given.forget(old)
}

// follow takes over the counters of a line of the connection table, if its
// connection is offloaded or has been.
func (e *Engine) follow(o *offload, line []byte) {
	c, textNAT := &o.conn, e.nats != nil && e.natWatch == nil
	if len(o.connections.entries) == 0 && !textNAT && !bytes.Contains(line, mark) || !c.parse(line) {
		return
	}
	if textNAT {
		e.noteTuples(&c.tuples, c.translated())
	}
	e.takeOver(o)
}

// takeOver takes over the counters of o.conn, if it is offloaded or has been.
func (e *Engine) takeOver(o *offload) {
	c := &o.conn
	if !c.counted {
		o.uncounted = o.uncounted || c.marked
		return
	}
	var name flow.Key
	makeKey(&name, 0, &c.tuples[0])
	was := o.connections.find(&name)
	before := was != nil
	if !before {
		if !c.marked {
			return
		}
		if was = o.connections.add(&name); was == nil {
			o.blind()
			return
		}
	}
	for n, ifc := range e.ifaces {
		if int(ifc.group) != n+1 || ifc.cfg.File != "" {
			continue // of the group of an earlier one; no traffic of now
		}
		var first, key flow.Key
		for way := range c.tuples {
			side := makeKey(&key, ifc.group, &c.tuples[way])
			if way == 0 {
				first = key
			} else if key == first {
				break // no NAT
			}
			for _, s := range e.byIface[n] {
				s.mu.Lock()
				if r := s.table.Find(&key); r != nil {
					o.raise(s, r, way^int(side), was.value, before)
				}
				s.mu.Unlock()
			}
		}
	}
	was.value, was.at = c.count, core.Unset()
}

func makeKey(k *flow.Key, group uint8, t *core.Tuple) flow.Side {
	return flow.MakeKey(k, t.Version, t.Protocol, group, &t.Src, &t.Dst, t.SrcPort, t.DstPort)
}

// raise lifts the totals of a record to what the kernel counted; they never
// sink. lower is the direction of the connection that the record's lower side
// sends. The caller holds the shard.
func (o *offload) raise(s *Shard, r *flow.Record, lower int, was known, before bool) {
	if r.Tunnel != 0 {
		return // the kernel counts the ends that it forwards between, not what they carry
	}
	if r.Shunt != 0 {
		s.settle(r)
	}
	now, then := sum(o.conn.count), sum(was)
	anew := before && (now.Packets < then.Packets || now.Bytes < then.Bytes)
	e := o.given.find(&r.Key)
	old := e != nil
	if !old {
		if e = o.given.add(&r.Key); e == nil {
			return
		}
	}
	g, first := &e.value, r.First-s.clock.jumped
	switch fresh := !old || g.first != first; {
	case fresh && r.Protocol == ipTCP && r.Flags&flow.OpenerKnown != 0, fresh && !before && first > o.since:
		g.packets, g.bytes = 0, 0 // the record saw the connection begin
	case fresh && before && !anew:
		g.packets, g.bytes = int64(then.Packets), int64(then.Bytes)
	case fresh || anew:
		g.packets, g.bytes = int64(now.Packets)-int64(r.TotalPackets), int64(now.Bytes)-int64(r.TotalBytes)
	}
	g.first, e.at = first, core.Unset()
	packets := max(0, int64(now.Packets)-g.packets-int64(r.TotalPackets))
	octets := max(0, int64(now.Bytes)-g.bytes-int64(r.TotalBytes))
	if packets == 0 && octets == 0 {
		return
	}
	if anew {
		was = known{}
	}
	var grown [2]core.Count // by side
	for side, way := range [2]int{lower, 1 - lower} {
		c, w := o.conn.count[way], was[way]
		grown[side] = core.Count{Packets: less(c.Packets, w.Packets), Bytes: less(c.Bytes, w.Bytes)}
	}
	// What was captured of each side since the last flow_stats is about what was captured since the last look.
	p := share(uint64(packets), grown[0].Packets, grown[1].Packets, uint64(r.Packets[0]), uint64(r.Packets[1]))
	b := share(uint64(octets), grown[0].Bytes, grown[1].Bytes, r.Bytes[0], r.Bytes[1])
	for side := range p {
		r.Packets[side] += uint32(p[side])
		r.Bytes[side] += b[side]
	}
	r.TotalPackets += uint64(packets)
	r.TotalBytes += uint64(octets)
	r.Last = max(r.Last, s.now)
	r.Flags |= flow.Active | flow.Offloaded
	r.Next = [2]uint32{} // what went by unseen is no gap
}

// share parts n between the sides as what grew less what was captured.
func share(n, lower, upper, capturedLower, capturedUpper uint64) [2]uint64 {
	a, b := less(lower, capturedLower), less(upper, capturedUpper)
	if a+b == 0 {
		a, b = lower, upper
	}
	if a+b == 0 {
		return [2]uint64{n, 0}
	}
	hi, lo := bits.Mul64(n, a)
	q, _ := bits.Div64(hi, lo, a+b)
	return [2]uint64{q, n - q}
}

func less(a, b uint64) uint64 { return a - min(a, b) }
