package engine

import (
	"math"

	"netifyd/core/attr"
	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/usage"
)

// bookPiece is how many records are booked at a time. On the slowest routers
// that is half a millisecond, in which no packet is taken and nobody has the lock.
const bookPiece = 1024

// pieceApart is how long the packets have between two pieces.
const pieceApart = second / 100

// account begins to book at whole multiples of the interval, so that all shards
// book in the same second, and lets the usage look at the sums a turn later: by
// then all have booked, and a stream that flows evenly is an even curve.
func (s *Shard) account(now int64) {
	if s.usage == nil {
		return
	}
	for s.toBook > 0 { // of the last turn: nothing came in between
		s.bookSome()
	}
	if !s.timeless && (s.booked || s.lastBook == 0) {
		s.usage.Devices.Lock()
		s.usage.Tick(now)
		s.usage.Devices.Unlock()
		s.booked = false
	}
	if now >= s.nextBook {
		s.beginBook()
		s.nextBook, s.booked = now-now%s.set.book+s.set.book, true
	}
}

// beginBook begins to book what every flow carried since the last time.
func (s *Shard) beginBook() {
	s.fast = newSpeed(s.now-s.lastBook, s.set.book)
	s.lastBook = s.now
	s.toBook = s.table.Cap()
}

// bookOn books a piece, if there is one, and says when the next one is due.
func (s *Shard) bookOn(now int64) int64 {
	if s.toBook > 0 {
		s.bookSome()
	}
	if s.toBook > 0 {
		return now + pieceApart
	}
	return math.MaxInt64
}

// bookSome books a piece, and notes how fast its flows are.
func (s *Shard) bookSome() {
	from := s.table.Cap() - s.toBook
	to := min(from+bookPiece, s.table.Cap())
	s.toBook = s.table.Cap() - to
	if s.shunts.used > 0 {
		s.settleSome(from, to)
	}
	now := uint32(s.now / second)
	w, seen := usage.Where{}, -1
	s.usage.Devices.Lock()
	defer s.usage.Devices.Unlock()
	s.usage.Apart()
	part := s.table.Part(from, to)
	for i := range part {
		r := &part[i]
		if r.Flags&flow.Unbooked == 0 && r.Rate[0]|r.Rate[1] == 0 || !r.IsFlow() || r.Marks&flow.Own != 0 {
			continue
		}
		if lower, upper, ok := s.usage.Again(r, now); ok {
			r.Rate = [2]uint32{s.fast.of(uint64(lower)), s.fast.of(uint64(upper))}
		} else {
			if int(r.Iface) != seen {
				seen, w = int(r.Iface), s.where(r)
			}
			lower, upper := s.usage.Book(r, &w, now)
			r.Rate = [2]uint32{s.fast.of(lower), s.fast.of(upper)}
		}
		if r.Marks&flow.AtRisk != 0 {
			s.tellRisk(r)
		}
	}
	if s.toBook == 0 {
		s.usage.Together()
	}
}

// settleSome asks the kernel what it counted of some flows, before they are
// booked: nobody else shall wait for that.
func (s *Shard) settleSome(from, to int) {
	for i := from; i < to; i++ {
		if r := s.table.At(i); r != nil && r.Shunt != 0 {
			s.settle(r)
		}
	}
}

// speed makes bytes a second of bytes. A processor of 32 bits multiplies for
// what fits its words, where a division would cost as much as the booking.
type speed struct {
	ms     uint64
	second uint64 // of ms, times 1<<32
}

// newSpeed is for bytes of some nanoseconds. Those since a time that nobody
// knows, at the first harvest, are taken for usual.
func newSpeed(ns, usual int64) speed {
	if ns <= 0 || ns > 1000*usual {
		ns = usual
	}
	ms := uint64(max(ns/1e6, 1))
	return speed{ms, 1000<<32/ms + 1}
}

func (x speed) of(bytes uint64) uint32 {
	if bytes|x.second < 1<<32 {
		return uint32(uint64(uint32(bytes)) * uint64(uint32(x.second)) >> 32)
	}
	return uint32(min(bytes*1000/x.ms, math.MaxUint32))
}

// bookLast books what a flow that ends has not been booked for.
func (s *Shard) bookLast(r *flow.Record, stray bool) {
	if s.usage == nil {
		return
	}
	w := s.where(r)
	w.Stray = stray
	if !stray {
		s.visit(r, true)
	}
	s.usage.Devices.Lock()
	if !stray {
		s.usage.Book(r, &w, uint32(s.now/second)) // now at the latest its device is known
		if r.Marks&flow.AtRisk != 0 {
			s.tellRisk(r)
		}
		s.probe(r)
	}
	s.usage.End(r, &w, uint32(s.now/second))
	s.usage.Devices.Unlock()
}

// recount prepares a flow for counters that begin anew.
func (s *Shard) recount(r *flow.Record) {
	if s.usage != nil {
		s.visit(r, false)
		usage.Carry(r)
	}
}

// visit adds what the counters of a flow show to the name that it is with.
func (s *Shard) visit(r *flow.Record, ended bool) {
	host := s.hostOf(r)
	if len(host) == 0 {
		return
	}
	s.usage.Devices.Lock()
	if r.Device == 0 {
		w := s.where(r)
		s.usage.Book(r, &w, uint32(s.now/second))
	}
	s.usage.Visit(r, host, ended)
	s.usage.Devices.Unlock()
}

// hostOf is the name of the server that a flow is with, for the names of the
// usage; nil where there is none or nobody counts it. Valid until the shard reads other metadata.
func (s *Shard) hostOf(r *flow.Record) []byte {
	if r.Meta == 0 || r.Other != flow.OtherRemote || s.set.ifaces[r.Iface].wanOnly {
		return nil
	}
	b := s.packed(r)
	if name := attr.Packed(b, attr.HostName); len(name) > 0 {
		return name
	}
	return attr.Packed(b, attr.DNSHostName)
}

// hear lets the devices read what their owners say of themselves: the datagram
// of this moment, or the user agent of a request.
func (s *Shard) hear(r *flow.Record) {
	if s.usage == nil || s.set.ifaces[r.Iface].wanOnly {
		return
	}
	d, now := s.usage.Devices, uint32(s.now/1e9)
	if r.Protocol == ipUDP && device.Hears(s.res.Protocol) {
		d.Lock()
		d.Hear(s.res.Protocol, &s.view.SrcMAC, s.view.Version, &s.view.Src, s.view.Payload, now)
		d.Unlock()
	}
	if agent := s.res.Get(attr.HTTPUserAgent); agent != nil && r.LocalOrigin() {
		local := r.Local()
		d.Lock()
		d.Agent(&r.MAC[local], r.Version, &r.Addr[local], agent)
		d.Unlock()
	}
}

func (s *Shard) where(r *flow.Record) usage.Where {
	ifc := s.set.ifaces[r.Iface]
	return usage.Where{WAN: ifc.wanOnly, Addresses: ifc.addresses.Load()}
}
