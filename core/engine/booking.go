package engine

import (
	"math"
	"net"
	"net/netip"

	"netifyd/core/attr"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/usage"
)

// leastSample is the part of that time, or of an interval, that a rate is made
// of at least: flow_stats come at any time and begin a new sample.
const leastSample = bookEvery / 2

// bookEvery is how often what flows carried is booked: often enough for live rates.
const bookEvery = 5 * second

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
}

// rate notes how fast a flow is, before what it carried lately is booked.
func (s *Shard) rate(r *flow.Record, lately int64) {
	if lately < min(leastSample, s.set.interval/2) {
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

// newUsage makes the table of an engine, or of a capture file; nil where the
// configuration wants none. Warnings are about files of rules.
func newUsage(c *config.Config, file bool) (t *usage.Table, warnings []string) {
	u := &c.Usage
	if !u.Enabled {
		return nil, nil
	}
	d := device.New(device.Options{Devices: u.Devices, ByIP: u.By == "ip" || !file && !hasLAN(c)})
	d.SetExclude(macs(u.Exclude))
	rules, warnings := device.LoadRules(u.RulesDir)
	d.SetRules(rules)
	return usage.New(d, usage.Options{Cells: u.Cells, Clock: nil}), warnings
}

func hasLAN(c *config.Config) bool {
	for i := range c.Interfaces {
		if c.Interfaces[i].Role == config.LAN {
			return true
		}
	}
	return false
}

func macs(texts []string) (list [][6]byte) {
	for _, text := range texts {
		if m, err := net.ParseMAC(text); err == nil && len(m) == 6 {
			list = append(list, [6]byte(m))
		}
	}
	return list
}

// startUsage makes what the rooms of usage need.
func (e *Engine) startUsage() {
	var warnings []string
	e.usage, warnings = newUsage(e.cfg, false)
	e.warn(warnings)
	e.names = device.NewFiles(e.cfg.Usage.Names)
}

// nameDevices reads the files that name devices, where they changed.
func (e *Engine) nameDevices() {
	if e.usage != nil {
		e.names.Read(e.usage.Devices)
	}
}

// reloadUsage takes over what a reload may change.
func (e *Engine) reloadUsage() {
	if e.usage == nil {
		return
	}
	u := &e.cfg.Usage
	e.usage.Devices.SetExclude(macs(u.Exclude))
	rules, warnings := device.LoadRules(u.RulesDir)
	e.usage.Devices.SetRules(rules)
	e.warn(warnings)
	e.names = device.NewFiles(u.Names)
}

func (e *Engine) warn(texts []string) {
	for _, text := range texts {
		e.log.Warn().Msg(text)
	}
}

// tellOwn tells the devices which addresses are this machine's.
func (e *Engine) tellOwn() {
	if e.usage == nil {
		return
	}
	var own device.Own
	all, _ := net.Interfaces()
	for _, i := range all {
		if len(i.HardwareAddr) == 6 {
			own.MACs = append(own.MACs, [6]byte(i.HardwareAddr))
		}
		list, _ := i.Addrs()
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				own.Addrs = append(own.Addrs, p.Addr())
			}
		}
	}
	e.usage.Devices.SetOwn(own)
}
