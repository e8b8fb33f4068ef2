package flow

import (
	"unsafe"

	"netifyd/core/packet"
)

const tunnelWays = 4 // places that one tunnel may be at

type tunnelEntry struct {
	packet.Tunnel        // as first seen
	back          uint32 // identifier seen from the other side (GTP TEID), 0: not yet
	gen           uint16
}

// Tunnels remembers the carriers of flows, so that a record holds a small
// handle only. When it is full the place is used anew and older handles say nothing.
// Each place says how many carriers it has had, which 16 bits of a handle repeat.
type Tunnels struct{ entries []tunnelEntry }

// NewTunnels returns room for n carriers; n is a power of two, at least 4.
func NewTunnels(n int) *Tunnels { return &Tunnels{entries: make([]tunnelEntry, n)} }

// TunnelBytes is the memory of room for n carriers.
func TunnelBytes(n int) int { return n * int(unsafe.Sizeof(tunnelEntry{})) }

// Handle finds or remembers a carrier. The records of table hold the handles.
func (p *Tunnels) Handle(table *Table, t *packet.Tunnel) uint32 {
	k := Key{Addr: [2][16]byte{t.Src, t.Dst}, Port: [2]uint16{uint16(t.ID), uint16(t.ID >> 16)}, Protocol: uint8(t.Type), Version: t.Version}
	at := int(k.Hash(0)) & (len(p.entries) - 1) &^ (tunnelWays - 1)
	oldest := at
	for i := at; i < at+tunnelWays; i++ {
		e := &p.entries[i]
		if e.gen != 0 && e.Tunnel == *t {
			return handle(i, e.gen)
		}
		if e.gen < p.entries[oldest].gen {
			oldest = i
		}
	}
	e := &p.entries[oldest]
	gen := p.entries[at].gen
	for i := at; i < at+tunnelWays; i++ {
		gen = max(gen, p.entries[i].gen)
	}
	if gen == 1<<16-1 {
		gen = p.renumber(table, at)
	}
	*e = tunnelEntry{Tunnel: *t, gen: gen + 1}
	return handle(oldest, e.gen)
}

// renumber begins to count anew in the ways from at on, and gives the number
// that was used last. A handle that says nothing any more is taken from its
// record, so that it never speaks of a later carrier.
func (p *Tunnels) renumber(table *Table, at int) uint16 {
	var was [tunnelWays]uint16
	for i := range was {
		was[i] = p.entries[at+i].gen
	}
	for i := range was {
		if was[i] == 0 {
			continue
		}
		p.entries[at+i].gen = 1
		for _, gen := range was {
			if gen != 0 && gen < was[i] {
				p.entries[at+i].gen++ // the oldest goes first, as before
			}
		}
	}
	for i := range table.slab {
		r := &table.slab[i]
		place, gen := int(r.TunnelRef&0xffff), uint16(r.TunnelRef>>16)
		switch {
		case gen == 0 || place < at || place >= at+tunnelWays:
		case gen == was[place-at]:
			r.TunnelRef = handle(place, p.entries[place].gen)
		default:
			r.TunnelRef = 0
		}
	}
	return tunnelWays
}

// SetBack notes the identifier that the other direction of a carrier uses.
func (p *Tunnels) SetBack(h, id uint32) {
	if e := p.entry(h); e != nil {
		e.back = id
	}
}

func handle(i int, gen uint16) uint32 { return uint32(gen)<<16 | uint32(i) }

func (p *Tunnels) entry(h uint32) *tunnelEntry {
	i, gen := int(h&0xffff), uint16(h>>16)
	if gen == 0 || i >= len(p.entries) || p.entries[i].gen != gen {
		return nil
	}
	return &p.entries[i]
}

// Get gives the carrier of a handle as it was first seen, and the identifier
// of the way back; nil where it was forgotten. Valid until the next Handle.
func (p *Tunnels) Get(h uint32) (t *packet.Tunnel, back uint32) {
	if e := p.entry(h); e != nil {
		return &e.Tunnel, e.back
	}
	return nil, 0
}
