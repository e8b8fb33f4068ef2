package engine

import (
	"sync"
	"unsafe"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/alert"
	"netifyd/core/attr"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/expr"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/packet"
	"netifyd/core/proto"
	"netifyd/core/risk"
	"netifyd/core/sink"
	"netifyd/core/usage"
	"netifyd/detect"
)

// shardBytes is what a Shard takes beside its tables: result, kept metadata,
// what is remembered of names and digests, line buffers.
const shardBytes = int(unsafe.Sizeof(Shard{})+unsafe.Sizeof(expectations{})+unsafe.Sizeof(kin{})) + lineRoom + attr.Size + nameRoom

// Shard walks packets down the corridor. It owns its flow table and every
// buffer; whoever calls it holds mu, which a reader takes once a batch.
type Shard struct {
	mu     sync.Mutex
	halted bool       // the file that is read here rests
	busy   bool       // the reader of a file is in the middle of a piece, though it may have let go of mu
	resume *sync.Cond // of mu: halted or busy no more

	set    *settings
	dec    *packet.Decoder
	table  *flow.Table
	slots  *flow.Slots
	blocks *flow.Blocks
	carry  *flow.Tunnels
	hints  *hint.Table
	seen   *device.Pairs
	expect *expectations
	shunts shunts
	kin    *kin
	usage  *usage.Table  // of all shards; nil: nothing is booked
	probes *alert.Probes // of all shards; nil: nobody counts
	out    sink.Outlet
	known  connections // of the kernel; nil: it is not asked

	now      int64 // newest packet's time, or the source's clock on an idle line
	nextTick int64 // when something is to be done next
	nextTurn int64 // when the wheel moves next
	sweep    sweep // of flow_stats
	budget   budget
	shown    int // flows that late clients were told of since the last batch
	lastBook int64
	nextBook int64 // when usage is booked
	toBook   int   // records at the end of the table that are still to be booked
	booked   bool  // the usage has not looked at the sums since
	timeless bool  // of a file beside a device, which alone tells the usage the time
	fast     speed // makes rates of what is booked
	clock    shardClock
	turning  bool         // the wheel asks what becomes of a record
	nats     *nats        // nil: none
	own      *ownDoors    // nil: none
	door     *action.Door // to the rules; nil: there are none

	view    packet.View
	key     flow.Key
	in      detect.Input
	cut     bool         // there was no room for all of the newest metadata
	stray   bool         // no card took the newest datagram for its own, though some may have the flow
	turned  detect.Input // see otherWay, and which cards are left for it
	others  detect.Candidates
	res     detect.Result
	soft    expr.Input
	risk    risk.Input
	signs   risk.Memo
	subject action.Subject
	kept    attr.Set // metadata read back from blocks
	lines   lines

	memo      memo
	past      past
	questions questions
	stats     Stats
	counts    []ifaceStats // by interface, since the last status

	// Method values, made once: one made at each call would be garbage.
	onEnd    func(*flow.Record)
	deadline func(*flow.Record) int64
}

// Stats counts what happened to the flows of a shard since it was made.
type Stats struct {
	Opened, Ended  uint64
	SlotsExhausted uint64 // flows that were given up since every slot was in use
	Unanswered     uint64 // SYNs that nobody answered, which no event tells of
	Untold         uint64 // flows that no event tells of since there were too many
	Faults         uint64 // flows on whose bytes something panicked, and packets that did it alone
	Shunted        uint64 // flows that were left to the kernel
	Strays         uint64 // ends of connections that were gone

	protocols [proto.Places]uint32 // flows that ended, by protocol's place
}

// byProtocol counts the flows that ended.
func (s *Stats) byProtocol() map[proto.ID]uint64 {
	m := map[proto.ID]uint64{}
	for i, n := range s.protocols {
		if n > 0 {
			m[proto.At(i)] = uint64(n)
		}
	}
	return m
}

// newShard makes the n-th part of the tables that the configuration asks for.
func newShard(c *config.Config, set *settings, shards int, hints *hint.Table, seed uint64, out sink.Outlet) *Shard {
	detect.Prepare()
	flows := perShard(c.MaxFlows, shards)
	s := &Shard{
		set: set, hints: hints, expect: new(expectations), kin: new(kin), out: out, lines: newLines(), counts: make([]ifaceStats, len(set.ifaces)),
		dec:    packet.New(perShard(c.Fragments, shards)),
		table:  flow.New(flows, seed),
		slots:  flow.NewSlots(perShard(c.Slots, shards)),
		blocks: flow.NewBlocks(blocksFor(flows)),
		carry:  flow.NewTunnels(tunnelPlaces),
		seen:   device.NewPairs(devicePlaces),
	}
	s.risk = risk.Input{Set: &s.res.Set, Src: &s.view.Src, Dst: &s.view.Dst, Memo: &s.signs}
	s.resume = sync.NewCond(&s.mu)
	s.shunts.init(len(set.ifaces))
	s.onEnd, s.deadline = s.evicted, s.due
	return s
}

// halt lets the reader of a file rest where it is, or go on.
func (s *Shard) halt(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.halted = yes
	s.resume.Broadcast()
}

// begin takes mu once the reader of a file may go on, for a piece of work that
// rest ends.
func (s *Shard) begin() {
	s.mu.Lock()
	for s.halted {
		s.resume.Wait()
	}
	s.busy = true
}

func (s *Shard) rest() {
	s.busy = false
	s.resume.Broadcast()
	s.mu.Unlock()
}

// settled waits until a piece that was begun is done. The caller holds mu.
func (s *Shard) settled() {
	for s.busy {
		s.resume.Wait()
	}
}

// walk takes a batch of frames of one interface down the corridor.
func (s *Shard) walk(ifc *iface, b *core.Batch) {
	s.adjust(b)
	for i := 0; i <= len(b.Frames); {
		i = s.guarded(ifc, b, i)
	}
}

// frame is the corridor: decode, touch, inspect. Most packets end at touch.
func (s *Shard) frame(ifc *iface, f *core.Frame) {
	if uint64(f.Time-s.now+maxLate) <= uint64(maxLate+maxLeap) || s.odd(f) {
		s.pass(ifc, f.Time)
	}
	verdict := s.dec.Decode(f, &s.view)
	s.counts[ifc.index].count(verdict, &s.view, len(f.Data))
	if verdict == packet.OK {
		s.packet(ifc, &s.view)
	}
	for s.dec.Again(&s.view) {
		s.packet(ifc, &s.view)
	}
}

// packet takes a decoded packet through the flow table to the detectors.
func (s *Shard) packet(ifc *iface, v *packet.View) {
	side := flow.MakeKey(&s.key, v.Version, v.Protocol, ifc.group, &v.Src, &v.Dst, v.SrcPort, v.DstPort)
	r, created := s.table.Touch(&s.key, v.Time, s.onEnd)
	if !created && reborn(r, v) {
		s.end(r, reasonOf(r))
		s.table.Remove(r)
		r, created = s.table.Touch(&s.key, v.Time, s.onEnd)
	}
	if created {
		s.open(r, ifc, v, side)
	} else if int(r.Via) != ifc.index && !s.moved(r, ifc, v) {
		return // the same packet seen at a second interface of the group
	}
	s.count(r, v, side)
	if r.Flags&(flow.Decided|flow.Feeding) == flow.Decided {
		if r.TotalPackets%shuntAfter == 0 && r.Shunt == 0 {
			s.shunt(r)
		}
	} else {
		if v.PayLen != 0 && v.PayLen <= flow.MaxBlank && r.Flags&flow.Decided == 0 && padded(v) {
			v.Payload, v.PayLen = nil, 0
		}
		s.inspect(r, v, side)
	}
	if v.Protocol == ipTCP {
		s.track(ifc, r, v, side)
	}
}

// movedAfter is how long a flow rests at its interface before packets at
// another one of the group are more than copies: longer than a ring keeps a packet.
const movedAfter = 500e6

// moved says that the packets of a flow come by another interface of its group
// now: a client has changed from one access point to another. The flow is told
// of under the name of its first one.
func (s *Shard) moved(r *flow.Record, ifc *iface, v *packet.View) bool {
	if r.Shunt != 0 && v.Time-r.Last > movedAfter {
		s.settle(r)
	}
	if v.Time-r.Last <= movedAfter {
		return false
	}
	s.unshunt(r)
	r.Via, r.Next = uint8(ifc.index), [2]uint32{}
	return true
}

// count adds a packet to its flow.
func (s *Shard) count(r *flow.Record, v *packet.View, side flow.Side) {
	bytes := uint64(v.IPLen)
	r.Last = v.Time
	r.Packets[side&1]++
	r.Bytes[side&1] += bytes
	r.TotalPackets++
	r.TotalBytes += bytes
	flags := r.Flags | flow.Active
	if v.TCPFlags&packet.RST == 0 { // to refuse is no answer
		flags |= flow.SawLower << (side & 1)
	}
	r.Flags = flags
	if flags&(flow.SawLower|flow.SawUpper|flow.TwoWay) == flow.SawLower|flow.SawUpper {
		s.twoWay(r, v, side)
	}
}

// twoWay notes that the other side sent something.
func (s *Shard) twoWay(r *flow.Record, v *packet.View, side flow.Side) {
	s.table.Mark(r, flow.TwoWay)
	r.DSCP[side] = v.DSCP
	if r.Tunnel == packet.TunnelGTP && v.Tunnel.Type == r.Tunnel {
		s.carry.SetBack(r.TunnelRef, v.Tunnel.ID)
	}
}

// pass lets time pass to now, which may lie before the newest packet's time
// when frames are out of order; time never goes back.
func (s *Shard) pass(ifc *iface, now int64) {
	if now <= s.now {
		return
	}
	s.now = now
	if now >= s.nextTick {
		s.tick(ifc, now)
	}
}
