package engine

import (
	"encoding/binary"
	"fmt"
	"testing"

	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/proto"
	"netifyd/core/query"
	"netifyd/detect/app"
)

// fullHouse is a shard whose table of 8192 flows is full: 200 devices, 40
// applications, rates in no order.
func fullHouse() *replayedHouse {
	c := config.Default()
	c.Usage.RulesDir = ""
	ifc := &iface{cfg: config.Interface{Name: "br-lan"}, label: event.Iface{Name: "br-lan", Internal: true}}
	ifc.addresses.Store(flow.NewAddresses(nil, nil))
	apps := app.Default()
	var known []uint32
	apps.Each(func(id uint32, _ string) {
		if len(known) < 40 {
			known = append(known, id)
		}
	})
	set := newSettings(c, apps, []*iface{ifc})
	s := newShard(c, set, 1, hint.New(c.Hints, 1800, 1), 1, silent{})
	s.usage, _ = newUsage(c, true, nil)
	s.now = 1_700_000_000e9
	for n := range c.MaxFlows {
		k := flow.Key{Version: 4, Protocol: ipTCP, Group: 1, Port: [2]uint16{uint16(n), 443}}
		binary.BigEndian.PutUint32(k.Addr[0][:], 0x0a000000|uint32(n%200+1))
		binary.BigEndian.PutUint32(k.Addr[1][:], 0xcb007100|uint32(n%251))
		r, _ := s.table.Touch(&k, s.now, s.onEnd)
		r.MAC = [2][6]byte{{0, 0, 0, 0, 1, byte(n % 200)}, {0, 0, 0, 0, 2, 1}}
		r.Other, r.Proto, r.App = flow.OtherRemote, proto.HTTPS, known[n%200*7%33+n%7]
		r.Flags |= flow.Decided | flow.Announced | flow.Complete
	}
	h := &replayedHouse{house: house{shards: []*Shard{s}, usage: s.usage}}
	touchAll(s, 0)
	s.harvest()
	return h
}

// touchAll lets every flow carry something, and some seconds pass.
func touchAll(s *Shard, seconds int64) {
	s.now += seconds * second
	for i := range s.table.Cap() {
		r := s.table.At(i)
		r.Bytes[0] += uint64(i * 7919 % 1009 * 100)
		r.Bytes[1] += uint64(i*7919%1013*1000) + 60
		r.Flags |= flow.Active
	}
}

// harvest books all flows.
func (s *Shard) harvest() {
	for s.beginBook(); s.toBook > 0; {
		s.bookSome()
	}
}

// least is the least that books exactly: what each flow carried, by side, into
// a sum of 64 bits of its own choice. It asks for no device, label, lock, wrap or rate.
func least(s *Shard, sums *[2048][2]uint64) {
	part := s.table.Part(0, s.table.Cap())
	for i := range part {
		r := &part[i]
		if r.Flags&flow.Unbooked == 0 {
			continue
		}
		r.Flags &^= flow.Unbooked
		sum := &sums[r.Cell%2048]
		for side := range r.Bytes {
			now := uint32(r.Bytes[side])
			sum[side] += uint64(now - r.Booked[side])
			r.Booked[side] = now
		}
	}
}

// BenchmarkRooms is what the rooms beside the corridor cost when all tables are
// full: make bench-insns counts its instructions. "touch" is what "harvest" needs
// to have something to book, and no part of it; "least" is what no harvest can be below.
func BenchmarkRooms(b *testing.B) {
	h := fullHouse()
	s, server, sums := h.shards[0], query.New(h), new([2048][2]uint64)
	for _, room := range []struct {
		name string
		do   func() error
	}{
		{"touch", func() error { touchAll(s, 5); return nil }},
		{"harvest", func() error { touchAll(s, 5); s.harvest(); return nil }},
		{"least", func() error { touchAll(s, 5); least(s, sums); return nil }},
		{"flows", asks(server, "flows", `{"limit":50}`)},
		{"overview", asks(server, "overview", "")},
	} {
		b.Run(room.name, func(b *testing.B) {
			for b.Loop() {
				if err := room.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func asks(s *query.Server, method, args string) func() error {
	return func() error {
		answer, err := s.Ask(method, []byte(args), query.Caller{})
		if err == nil && len(answer) < 100 {
			err = fmt.Errorf("%s: %s", method, answer)
		}
		return err
	}
}
