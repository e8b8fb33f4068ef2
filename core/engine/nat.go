package engine

import (
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/conntrack"
	"netifyd/core/flow"
)

// A router shows most traffic twice: on the side of its devices, and on the
// provider's side, where NAT has put its own address in place of theirs. The
// kernel's connection table knows which pairs of ends are translated.

// nats remembers the pairs of ends of translated connections, for the flows
// that will be told soon. Fixed: the oldest of a set goes first.
type nats struct {
	missed atomic.Bool // connections began that it was not told of

	mu      sync.Mutex
	seeds   [2]uint64
	entries []natEntry
	turn    uint32
}

// natEntry is a pair of ends by a hash.
type natEntry struct {
	tag  uint32 // 0: free
	turn uint32 // of its making, twice; odd where the other pair is a device's whose interface is captured
}

const natWays = 4

// natPlaces is how many pairs are remembered beside so many flows: each
// connection has two, and is asked for soon.
func natPlaces(flows int) int {
	n := natWays
	for n < flows {
		n *= 2
	}
	return n
}

// natCount is how many pairs a configuration remembers.
func natCount(c *config.Config) int {
	if !hasWAN(c) {
		return 0
	}
	return natPlaces(c.MaxFlows)
}

func newNATs(flows int) *nats {
	return &nats{seeds: [2]uint64{rand.Uint64(), rand.Uint64()}, entries: make([]natEntry, natPlaces(flows))}
}

// set is where a pair may be, and its tag. The key's group counts for nothing.
func (x *nats) set(k flow.Key) (set []natEntry, tag uint32) {
	k.Group = 0
	at := int(k.Hash(x.seeds[0])) & (len(x.entries) - 1) &^ (natWays - 1)
	return x.entries[at : at+natWays], k.Hash(x.seeds[1]) | 1
}

// note takes over what is known of a pair.
func (x *nats) note(k flow.Key, translated, twin bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	set, tag := x.set(k)
	at := &set[0]
	for i := range set {
		e := &set[i]
		if e.tag == tag {
			at = e
			break
		}
		if at.tag != 0 && (e.tag == 0 || e.turn < at.turn) {
			at = e
		}
	}
	if !translated {
		if at.tag == tag {
			*at = natEntry{}
		}
		return
	}
	x.turn += 2
	*at = natEntry{tag: tag, turn: x.turn}
	if twin {
		at.turn++
	}
}

// find says whether a pair is translated, and whether the other one is a device's.
func (x *nats) find(k *flow.Key) (translated, twin bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	set, tag := x.set(*k)
	for i := range set {
		if set[i].tag == tag {
			return true, set[i].turn&1 != 0
		}
	}
	return false, false
}

// hasWAN says that the provider's side is captured live.
func hasWAN(c *config.Config) bool {
	for i := range c.Interfaces {
		if c.Interfaces[i].Role == config.WAN && c.Interfaces[i].File == "" {
			return true
		}
	}
	return false
}

// watchNAT begins to note translated connections. Where netlink does not tell
// them, they are found in the text of the table each interval.
func (e *Engine) watchNAT() {
	if e.opts.NoConntrack || !hasWAN(e.cfg) {
		return
	}
	e.nats = newNATs(e.cfg.MaxFlows)
	for _, s := range e.shards {
		s.nats = e.nats
	}
	w, err := conntrack.Watch(e.noteNAT, func() { e.nats.missed.Store(true) })
	if err != nil {
		return
	}
	e.natWatch = w
	e.nats.missed.Store(true) // those that began before
	e.readNAT()
}

// readNAT reads the translated connections that nobody told of.
func (e *Engine) readNAT() {
	if e.nats == nil || e.natWatch == nil || !e.nats.missed.Swap(false) {
		return
	}
	if t, err := conntrack.Open(); err == nil {
		_, _ = t.Each(natRead, e.noteNAT)
		t.Close()
	}
}

func (e *Engine) closeNAT() {
	if e.natWatch != nil {
		e.natWatch.Close()
		e.natWatch = nil
	}
}

// natRead bounds what of the table is read to catch up: some 20 000 connections.
const natRead = 8 << 20

// noteNAT notes what a connection that began is.
func (e *Engine) noteNAT(c *conntrack.Conn) { e.noteTuples(&c.Tuples, c.NAT()) }

func (e *Engine) noteTuples(t *[2]core.Tuple, translated bool) {
	var k flow.Key
	twin := translated && (e.behindLAN(&t[0]) || e.behindLAN(&t[1]))
	makeKey(&k, 0, &t[0])
	e.nats.note(k, translated, twin)
	if translated {
		makeKey(&k, 0, &t[1])
		e.nats.note(k, true, twin)
	}
}

// behindLAN says that a sender is a device that a capture of ours sees.
func (e *Engine) behindLAN(t *core.Tuple) bool {
	for _, ifc := range e.ifaces {
		if ifc.label.Internal && ifc.cfg.File == "" && ifc.addresses.Load().Behind(t.Version, &t.Src) {
			return true
		}
	}
	return false
}

// mark says of a flow that is about to be told whether it is translated, and
// whether it is the twin of one that another capture tells.
func (s *Shard) mark(r *flow.Record) {
	ifc := s.set.ifaces[r.Iface]
	if s.nats != nil && !ifc.label.Internal && r.Flags&flow.NAT == 0 {
		translated, twin := s.nats.find(&r.Key)
		if translated {
			r.Flags |= flow.NAT
		}
		if twin {
			r.Marks |= flow.Twin
		}
	}
	if r.Flags&flow.Announced == 0 && s.routed(r, ifc) {
		r.Marks |= flow.Twin
	}
	s.unact(r)
}

// routed says that this router has sent a flow's packets on, from or to a device
// that another capture sees: on the provider's side either end may be the
// device's; between two networks of devices the capture of the local one counts.
func (s *Shard) routed(r *flow.Record, ifc *iface) bool {
	if len(s.set.ifaces) < 2 || ifc.cfg.File != "" || r.Tunnel != 0 || !forwards.Load() {
		return false
	}
	own, local := ifc.addresses.Load(), r.Local()
	if ifc.label.Internal && !own.Routes() {
		return false // a mirror port
	}
	return s.elsewhere(r, local, ifc, own) || !ifc.label.Internal && s.elsewhere(r, 1-local, ifc, own)
}

// elsewhere says that an end is a device behind another captured interface.
func (s *Shard) elsewhere(r *flow.Record, side flow.Side, ifc *iface, own *flow.Addresses) bool {
	a := &r.Addr[side]
	if flow.Addr(r.Version, a).IsLinkLocalUnicast() || own.Behind(r.Version, a) {
		return false
	}
	for _, other := range s.set.ifaces {
		if other.group != ifc.group && other.label.Internal && other.cfg.File == "" && other.addresses.Load().Behind(r.Version, a) {
			return true
		}
	}
	return false
}

// forwards says that this machine is a router.
var forwards atomic.Bool

// lookForwards looks whether it is. Where the system does not say, it may be.
func lookForwards() {
	const v4, v6 = "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"
	yes := func(path string) bool {
		b, err := os.ReadFile(path)
		return err != nil || len(b) > 0 && b[0] != '0'
	}
	forwards.Store(yes(v4) || yes(v6))
}
