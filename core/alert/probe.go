package alert

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"sync"
	"unsafe"
)

// A host that tries ports, or asks for connections that nobody answers, shows in
// no single flow. So what ends without having come about is counted by the host
// that asked for it, in fixed memory, for a minute each.

// Bounds of what is counted. A host is told of from enough tries in a window on.
const (
	probeWindow = 60 // seconds
	probeSets   = 32
	probeWays   = 4
	enough      = 20        // tries; ports or hosts: about as many, see few
	few         = 17        // bits of a sketch of 64 that 20 different things set, about
	maxTries    = 1<<16 - 1 // kept of a host
	manyTries   = 1 << 15   // after these, Drain makes room for more
	good        = 4         // tries for each connection of the same host that came about
)

// Probes counts tries by host. The shards count, when a flow ends; the goroutine that keeps the house judges.
type Probes struct {
	mu    sync.Mutex
	seed  uint64
	hosts [probeSets][probeWays]probe
}

// ProbeBytes is the memory of Probes.
const ProbeBytes = int(unsafe.Sizeof(Probes{}))

// probe is what one host tried in a window.
type probe struct {
	host         [16]byte
	ports, peers uint64 // sketches: a bit for each, by hash
	since        uint32 // seconds since 1970; 0: the place is free
	tries, came  uint16 // at most maxTries, as the ones below
	silent       uint16 // tries that nobody answered at all
	told         uint16 // tries that alerts have told of
	device       uint16 // place in the table of devices; 0: none
	port         uint16 // the last one
}

// Try is a connection over TCP that has ended.
type Try struct {
	Host, Peer [16]byte // who asked for it, and whom; IPv4 as ::ffff:0:0/96
	Port       uint16   // of Peer
	Device     uint32   // place of Host in the table of devices; 0: none
	Came       bool     // it came about
	Silent     bool     // nothing was answered; else it was refused
}

// NewProbes makes an empty table. Its hashes are of chance, so that nobody can
// choose addresses that push others out.
func NewProbes() *Probes { return &Probes{seed: rand.Uint64()} }

func (p *Probes) hash(x *[16]byte) uint64 {
	h := p.seed
	for i := 0; i < 16; i += 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(x[i:]))
	}
	return h
}

func mix(h uint64) uint64 {
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

// Count takes a try. now is in seconds since 1970.
func (p *Probes) Count(t *Try, now uint32) {
	h := p.hash(&t.Host)
	p.mu.Lock()
	defer p.mu.Unlock()
	set := &p.hosts[h%probeSets]
	var e *probe
	for i := range set {
		if set[i].since != 0 && set[i].host == t.Host {
			e = &set[i]
			break
		}
	}
	if t.Came {
		if e != nil {
			e.came = more(e.came)
		}
		return
	}
	if e == nil {
		e = free(set, now)
		*e = probe{host: t.Host, since: now}
	} else if now-e.since >= probeWindow {
		*e = probe{host: t.Host, since: now}
	}
	e.device, e.port = uint16(t.Device), t.Port
	e.tries = more(e.tries)
	if t.Silent {
		e.silent = more(e.silent)
	}
	e.ports |= 1 << (mix(p.seed^uint64(t.Port)) % 64)
	e.peers |= 1 << (p.hash(&t.Peer) % 64)
}

// more counts up to maxTries.
func more(n uint16) uint16 { return uint16(min(uint32(n)+1, maxTries)) }

// free is the place that is given to another host: one whose window is over, or
// the one that tried least.
func free(set *[probeWays]probe, now uint32) *probe {
	e := &set[0]
	for i := range set {
		x := &set[i]
		if x.since == 0 || now-x.since >= probeWindow {
			return x
		}
		if x.tries < e.tries {
			e = x
		}
	}
	return e
}

// kind is what the tries of a host amount to.
func (e *probe) kind() (Kind, bool) {
	ports, peers := bits.OnesCount64(e.ports), bits.OnesCount64(e.peers)
	switch {
	case e.since == 0 || e.tries < enough || int(e.tries) < good*int(e.came):
		return 0, false
	case ports >= few && peers <= ports/4:
		return ScanPorts, true
	case peers >= few && ports <= peers/4 && e.port != 80 && e.port != 443:
		return ScanHosts, true // web servers of all the world do not answer where the line is down
	case peers <= 4 && e.silent >= enough:
		return SynUnanswered, true
	}
	return 0, false // as a program does that looks for peers, each at a port of its own
}

// Found is what the tries of a host amount to.
type Found struct {
	Alert
	Place uint32 // in the table of devices, of the host; 0: none
}

// Drain calls fn for every host whose tries are worth an alert, with what was
// not told before. The caller finds the number of the device.
func (p *Probes) Drain(fn func(Found)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.hosts {
		for k := range p.hosts[i] {
			e := &p.hosts[i][k]
			kind, ok := e.kind()
			if !ok || e.told == e.tries {
				continue
			}
			f := Found{Alert{Kind: kind, Host: e.host, Value: uint64(e.tries - e.told)}, uint32(e.device)}
			if kind != ScanPorts {
				f.Label = uint32(e.port)
			}
			if e.tries >= manyTries {
				e.tries /= 2
			}
			e.told = e.tries
			fn(f)
		}
	}
}
