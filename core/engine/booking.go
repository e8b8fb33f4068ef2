package engine

import (
	"math"

	"netifyd/core/attr"
	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/usage"
)

// bookPiece is how many records are looked at before others may have the lock.
const bookPiece = 512

// harvest books what every flow carried since the last time.
func (s *Shard) harvest() {
	if s.usage == nil {
		return
	}
	last := s.lastBook
	s.lastBook = s.now
	for from := 0; from < s.table.Cap(); from += bookPiece {
		to := min(from+bookPiece, s.table.Cap())
		for i := from; i < to; i++ {
			if r := s.table.At(i); r != nil && r.Shunt != 0 {
				s.settle(r)
			}
		}
		s.usage.Devices.Lock()
		for i := from; i < to; i++ {
			if r := s.table.At(i); r != nil && r.Marks&flow.Own == 0 {
				s.rate(r, s.now-max(last, s.reported(r)))
				s.usage.Book(r, s.where(r), s.now)
			}
		}
		s.usage.Devices.Unlock()
	}
	s.usage.Devices.Lock()
	s.usage.Tick(s.now)
	s.usage.Devices.Unlock()
}

// rate notes how fast a flow is, before what it carried lately is booked.
func (s *Shard) rate(r *flow.Record, lately int64) {
	if lately < min(s.set.book, s.set.interval)/2 { // flow_stats come at any time and begin a new sample
		return // that of the sample before is newer than this one would be sure
	}
	lower, upper := usage.Unbooked(r, flow.Lower), usage.Unbooked(r, flow.Upper)
	if lower|upper == 0 || lately <= 0 {
		r.Rate = [2]uint32{}
		return
	}
	r.Rate = [2]uint32{perSecond(lower, lately), perSecond(upper, lately)}
}

func perSecond(bytes uint64, ns int64) uint32 {
	return uint32(min(bytes*1000/max(uint64(ns/1e6), 1), math.MaxUint32))
}

// book books one flow, whose counters are about to be set to zero.
func (s *Shard) book(r *flow.Record) {
	if s.usage == nil {
		return
	}
	s.rate(r, s.now-max(s.lastBook, s.reported(r)))
	s.usage.Devices.Lock()
	s.usage.Book(r, s.where(r), s.now)
	s.usage.Devices.Unlock()
	r.Booked, r.BookedHigh = [2]uint32{}, [2]uint8{}
}

// bookLast books what a flow that ends has not been booked for.
func (s *Shard) bookLast(r *flow.Record, stray bool) {
	if s.usage == nil {
		return
	}
	w := s.where(r)
	w.Stray = stray
	s.usage.Devices.Lock()
	s.usage.End(r, w, s.now)
	s.usage.Devices.Unlock()
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
