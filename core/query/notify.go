package query

import (
	"cmp"
	"slices"

	"netifyd/core/alert"
	"netifyd/core/device"
	"netifyd/core/usage"
)

// ticked is how many devices and applications a tick names.
const ticked = 16

// Tick is what changes from moment to moment, for those who subscribed and
// would else ask again and again: bytes a second of the Internet, which is the
// newest sample of the overview's curve and its time, bytes a second of the
// fastest devices and applications as [number, down, up], how many flows there are and
// how many packets were lost in the last interval. An application without a
// number is 2^31 plus its protocol. Anybody may call it; the caller owns the answer.
func (s *Server) Tick() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a := &s.reply, &s.agent
	s.house.Agent(a)
	r.reset()
	r.open()
	r.signed("t", s.house.Now()/1e9)
	if u := s.house.Usage(); u != nil {
		s.rateLists(u)
	}
	r.number("flows", a.Flows)
	r.number("lost", a.DroppedLately)
	r.close()
	return append([]byte(nil), r.b...)
}

// rateLists writes the rates of the Internet, of devices and of applications.
func (s *Server) rateLists(u *usage.Table) {
	d := u.Devices
	d.Lock()
	defer d.Unlock()
	s.samples = u.Samples(s.samples[:0])
	at, _ := u.Sampled()
	var last usage.Sample
	if n := len(s.samples); n > 0 {
		last = s.samples[n-1]
	}
	down, up := uint64(last.Down), uint64(last.Up)
	if ofWAN(s.samples) {
		down, up = uint64(last.WANDown), uint64(last.WANUp)
	}
	var devices, labels []usage.Share
	u.Shares(func(x *usage.Share) {
		if x.Device == device.None {
			labels = fastest(labels, x)
			return
		}
		devices = fastest(devices, x)
	})
	list := func(name string, shares []usage.Share, number func(*usage.Share) uint64) {
		s.reply.name(name)
		s.reply.b = append(s.reply.b, '[')
		for i := range shares {
			s.reply.row()
			s.reply.num(number(&shares[i]))
			s.reply.num(uint64(shares[i].Down))
			s.reply.num(uint64(shares[i].Up))
			s.reply.endRow()
		}
		s.reply.b = append(s.reply.b, ']')
	}
	s.reply.signed("newest", at/1e9)
	s.reply.name("wan")
	s.reply.b = append(s.reply.b, '[')
	s.reply.num(down)
	s.reply.num(up)
	s.reply.b = append(s.reply.b, ']')
	list("devices", devices, func(x *usage.Share) uint64 { return uint64(d.At(x.Device).Number) })
	list("apps", labels, func(x *usage.Share) uint64 {
		if id, ok := x.Label.Protocol(); ok {
			return 1<<31 | uint64(id)
		}
		return uint64(x.Label.App())
	})
}

// fastest keeps the shares with the highest rates, the highest first.
func fastest(list []usage.Share, x *usage.Share) []usage.Share {
	if x.Rate() == 0 {
		return list
	}
	at, _ := slices.BinarySearchFunc(list, x.Rate(), func(y usage.Share, rate uint64) int { return cmp.Compare(rate, y.Rate()) })
	if at == ticked {
		return list
	}
	return slices.Insert(list, at, *x)[:min(len(list)+1, ticked)]
}

// Alert is a fresh alert for those who subscribed: what a row of "alerts" has,
// and its English words. Anybody may call it.
func Alert(a *alert.Alert, address string, w alert.Words) []byte {
	r := &reply{}
	r.open()
	r.number("number", uint64(a.Number))
	r.text("alert", a.Kind.String())
	r.is("serious", a.Kind.Serious())
	r.number("first", uint64(a.First))
	r.text("device", address)
	r.text("label", w.Label)
	r.number("value", a.Value)
	r.text("interface", w.Iface)
	r.text("host", w.Host)
	r.text("text", a.Text(w))
	r.close()
	return r.b
}
