package packet

import "unsafe"

// Shape of the fragment pool.
const (
	BufferSize      = 16 << 10 // bytes of a datagram's payload that are kept
	FragmentTimeout = 15e9     // nanoseconds; RFC 791, section 3.2, has 15 seconds
	maxSpans        = 16       // separate stretches of a datagram received so far
	stretch         = 2 * FragmentTimeout
	maxSum          = 1 << 30 // bytes counted for one datagram, repeated fragments included
)

// FragmentCounters are cumulative.
type FragmentCounters struct {
	Held     uint64 // fragments taken into the pool
	Joined   uint64 // datagrams made whole
	Expired  uint64 // datagrams given up
	Overflow uint64 // fragments that found the pool full
	Dropped  uint64 // fragments of no use: cut, contradictory, or in too many pieces
}

// pool is a fixed set of datagrams being joined.
type pool struct {
	entries []datagram
	live    int
	spent   []*datagram // viewed, but lent until the next call
	count   FragmentCounters
}

func (p *pool) init(n int) {
	p.entries = make([]datagram, max(n, 0))
	p.spent = make([]*datagram, 0, len(p.entries))
	buf := make([]byte, len(p.entries)*BufferSize)
	for i := range p.entries {
		p.entries[i].buf = buf[i*BufferSize : (i+1)*BufferSize : (i+1)*BufferSize]
	}
}

// spend takes g out of the search. Its bytes stay until reclaim.
func (p *pool) spend(g *datagram) {
	g.id, g.version = 0, 0 // no packet has IP version 0
	p.spent = append(p.spent, g)
}

// reclaim frees what was lent to the caller of the last Decode or Expire.
func (p *pool) reclaim() {
	if len(p.spent) == 0 {
		return
	}
	for _, g := range p.spent {
		g.live = false
		p.live--
	}
	p.spent = p.spent[:0]
}

// find gives the entry that f belongs to, or takes one for it; nil if the pool
// is full.
func (p *pool) find(f *fragment, v *View) *datagram {
	for i := range p.entries {
		g := &p.entries[i]
		if g.live && g.id == f.id && g.version == v.Version && g.src == v.Src && g.dst == v.Dst &&
			(v.Version == 6 || g.protocol == f.protocol) {
			if !g.staleAt(v.Time) {
				return g
			}
			p.count.Expired++
			p.start(g, f, v)
			return g
		}
	}
	g := p.free(f.offset == 0, v.Time)
	if g != nil {
		p.start(g, f, v)
	}
	return g
}

// free gives an unused entry, else one whose time is over, else, for a first
// fragment, one that has none: stray later fragments cannot fill the pool.
func (p *pool) free(first bool, now int64) *datagram {
	var stray *datagram
	var stale *datagram
	for i := range p.entries {
		g := &p.entries[i]
		switch {
		case !g.live:
			p.live++
			return g
		case g.version == 0: // lent
		case g.staleAt(now):
			stale = g
		case first && !g.hasFirst && (stray == nil || g.deadline < stray.deadline):
			stray = g
		}
	}
	if stale == nil {
		stale = stray
	}
	if stale != nil {
		p.count.Expired++
	}
	return stale
}

func (p *pool) start(g *datagram, f *fragment, v *View) {
	g.live, g.hasFirst = true, false
	g.version, g.protocol, g.id = v.Version, f.protocol, f.id
	g.src, g.dst = v.Src, v.Dst
	g.deadline = v.Time + FragmentTimeout
	g.total, g.ipLen, g.wireLen, g.pieces = 0, 0, 0, 0
}

// Shift moves the times until which fragments are waited for, where the clock was set.
func (d *Decoder) Shift(by int64) {
	for i := range d.pool.entries {
		d.pool.entries[i].deadline += by
	}
}

// stale gives an entry whose time is over.
func (p *pool) stale(now int64) *datagram {
	if p.live == 0 {
		return nil
	}
	for i := range p.entries {
		if g := &p.entries[i]; g.live && g.version != 0 && g.staleAt(now) {
			return g
		}
	}
	return nil
}

// Bytes is the memory that a decoder for n datagrams takes.
func Bytes(n int) int { return n * (BufferSize + int(unsafe.Sizeof(datagram{}))) }
