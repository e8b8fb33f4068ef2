package usage

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"testing"

	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// ledger is what a plain map would know.
type ledger struct {
	bytes  [2]uint64 // down and up, of all flows
	device map[[6]byte][2]uint64
}

// carry lets a flow carry bytes both ways.
func (l *ledger) carry(r *flow.Record, n [2]uint64) {
	local := r.Local()
	for side, v := range n {
		r.Bytes[side] += v
		r.TotalBytes += v
		way := 0
		if flow.Side(side) == local {
			way = 1
		}
		l.bytes[way] += v
		d := l.device[r.MAC[local]]
		d[way] += v
		l.device[r.MAC[local]] = d
	}
}

func flowOf(n int, rnd *rand.Rand) *flow.Record {
	r := &flow.Record{Key: flow.Key{Version: 4, Protocol: 6}, Other: flow.OtherRemote}
	binary.BigEndian.PutUint32(r.Addr[0][:], uint32(0x0a000000|n%5))
	binary.BigEndian.PutUint32(r.Addr[1][:], 0xcb007100|uint32(n))
	r.MAC = [2][6]byte{{0, 0, 0, 0, 1, byte(n % 5)}, {0, 0, 0, 0, 2, byte(n % 3)}}
	switch n % 7 {
	case 3:
		r.Other = flow.OtherLocal
	case 4:
		r.Other = flow.OtherBroadcast
	case 5:
		r.Flags |= flow.LocalIsUpper
	}
	r.Proto = proto.ID(rnd.IntN(20))
	return r
}

// have is what the table and the records it closed have, down and up.
func have(t testing.TB, tab *Table, by map[uint32][2]uint64) (n [2]uint64) {
	t.Helper()
	add := func(number uint32, l Label, c Count) {
		if l == Peer {
			return
		}
		n[0], n[1] = n[0]+c.Down, n[1]+c.Up
		if by != nil {
			d := by[number]
			by[number] = [2]uint64{d[0] + c.Down, d[1] + c.Up}
		}
	}
	rows, at := tab.Rows(nil, 0, tab.Steps())
	if at != tab.Steps() {
		t.Fatal("not all rows were given")
	}
	for _, r := range rows {
		add(tab.Devices.At(r.Device).Number, r.Label, r.Count)
	}
	var rec Record
	rest := tab.pending
	for len(rest) > 0 {
		f, after, ok := frame(rest)
		if !ok || !rec.parse(f) {
			t.Fatal("a record that was closed is broken")
		}
		rest = after
		last := Entry{}
		for _, e := range rec.Entries {
			if e.Device == last.Device && e.Label <= last.Label {
				t.Fatalf("labels of a device are not in order: %v after %v", e, last)
			}
			last = e
			add(e.Device, e.Label, e.Count)
		}
	}
	return n
}

// Whatever is booked, folded, relabelled, closed and ended: nothing is lost and
// nothing is counted twice, and where there is room each device has its own.
func TestConservation(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		room := seed%2 == 0
		devices, cells := 2, 8
		if room {
			devices, cells = 64, 1024
		}
		tab := New(device.New(device.Options{Devices: devices}), Options{Cells: cells, Clock: clock(t, berlin, "1"), Trusted: 1})
		led := ledger{device: map[[6]byte][2]uint64{}}
		addresses := flow.NewAddresses(nil, nil)
		now := unix("2026-10-25T00:30:00Z") * second
		var flows []*flow.Record
		for step := range 600 {
			now += rnd.Int64N(30) * second
			switch {
			case len(flows) < 10 || rnd.IntN(4) == 0:
				r := flowOf(rnd.IntN(1000), rnd)
				r.First = now
				flows = append(flows, r)
			case rnd.IntN(5) == 0: // the application becomes known
				flows[rnd.IntN(len(flows))].App = uint32(1 + rnd.IntN(90))
			}
			r := flows[rnd.IntN(len(flows))]
			led.carry(r, [2]uint64{rnd.Uint64N(1 << (1 + rnd.IntN(34))), rnd.Uint64N(5000)})
			tab.Devices.Lock()
			if rnd.IntN(2) == 0 {
				tab.Apart()
			}
			if rnd.IntN(3) == 0 {
				for _, r := range flows {
					tab.Book(r, &Where{Addresses: addresses}, uint32(now/second))
				}
				tab.Tick(now)
			}
			if rnd.IntN(4) == 0 { // flow_stats: counters begin anew
				i := rnd.IntN(len(flows))
				Carry(flows[i])
				flows[i].Bytes = [2]uint64{}
			}
			if rnd.IntN(3) == 0 {
				i := rnd.IntN(len(flows))
				tab.End(flows[i], &Where{Addresses: addresses, Stray: rnd.IntN(10) == 0}, uint32(now/second))
				flows = append(flows[:i], flows[i+1:]...)
			}
			tab.Devices.Unlock()
			if step%100 == 99 {
				tab.Devices.Lock()
				for _, r := range flows {
					tab.Book(r, &Where{Addresses: addresses}, uint32(now/second))
				}
				tab.Devices.Unlock()
				by := map[uint32][2]uint64{}
				if n := have(t, tab, by); n != led.bytes {
					t.Fatalf("seed %d, step %d: %v, want %v", seed, step, n, led.bytes)
				}
				for mac, want := range led.device {
					if id := tab.Devices.Find(mac); room && (id == device.None || by[tab.Devices.At(id).Number] != want) {
						t.Fatalf("seed %d: device %x has %v, want %v", seed, mac, by[tab.Devices.At(id).Number], want)
					}
				}
				if room && tab.stats.Folded > 0 || !room && tab.stats.Folded == 0 {
					t.Fatalf("seed %d: %d cells folded", seed, tab.stats.Folded)
				}
			}
		}
		if tab.stats.Moved == 0 || len(tab.pending) == 0 {
			t.Fatalf("seed %d: nothing moved, or no hour closed: %+v", seed, tab.stats)
		}
	}
}

// A cell is marked as partial if, and only if, some of its bytes are in the device's "other".
func TestPartial(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 8})
	tab.Devices.Of(&[6]byte{0, 0, 0, 0, 1, 1}, 4, &[16]byte{10}, true, 1)
	label := func(n int) uint32 { return keyOf(5, tab.place(App(uint32(n), Internet))) }
	for n := 1; n <= 9; n++ {
		tab.cell(label(n)).add(uint64(n), 0)
	}
	c := tab.find(label(1))
	if c != nil || tab.owners[5].folded[Internet].Down != 1 {
		t.Fatal("the smallest was not folded")
	}
	tab.cell(label(1)).add(100, 0)
	for n := 1; n <= 9; n++ {
		c := tab.find(label(n))
		if want := n == 1; c != nil && (c.flags()&Partial != 0) != want {
			t.Errorf("label %d: partial %v", n, !want)
		}
	}
}

// Counters of a flow that grow by more than 4 GiB between two bookings.
func TestLargeSteps(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 8})
	r := flowOf(1, rand.New(rand.NewPCG(1, 1)))
	led := ledger{device: map[[6]byte][2]uint64{}}
	for range 50 {
		led.carry(r, [2]uint64{1<<33 + 12345, 1<<39 - 7})
		tab.Book(r, &Where{Addresses: flow.NewAddresses(nil, nil)}, 1)
	}
	if n := have(t, tab, nil); n != led.bytes {
		t.Errorf("%v, want %v", n, led.bytes)
	}
}

func TestBookingAllocatesNothing(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Clock: clock(t, berlin, "1"), Trusted: 1})
	rnd := rand.New(rand.NewPCG(1, 1))
	flows := make([]*flow.Record, 30)
	for n := range flows {
		flows[n] = flowOf(n, rnd)
	}
	a, now := flow.NewAddresses(nil, nil), unix("2026-10-25T00:30:00Z")*second
	n := testing.AllocsPerRun(200, func() {
		for _, r := range flows {
			r.Bytes[0] += 1000
			tab.Book(r, &Where{Addresses: a}, uint32(now/second))
		}
		tab.Tick(now)
		now += 100 * second
		if len(tab.pending) > 2000 {
			tab.pending = tab.pending[:0]
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// usageBudget is what the rooms take at the default, and at the small setting
// (bytes, 2026-12-01); the flow table has 24 bytes a flow more for them, 16 of
// them to book exactly and 8 for rates.
const (
	usageBudget = 156 << 10
	smallBudget = 41 << 10
)

func TestMemory(t *testing.T) {
	if n := Bytes(256, 2048) + device.Bytes(256); n > usageBudget {
		t.Errorf("the default takes %d bytes, the budget is %d", n, usageBudget)
	}
	if n := Bytes(64, 512) + device.Bytes(64); n > smallBudget {
		t.Errorf("the small setting takes %d bytes, the budget is %d", n, smallBudget)
	}
}

// What Shares says of devices and labels is what the cells hold, whatever moves,
// folds and ends in between.
func TestSharesAreTheCells(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	tab := New(device.New(device.Options{Devices: 3}), Options{Cells: 64, Clock: clock(t, berlin, "1"), Trusted: 1})
	a, now := flow.NewAddresses(nil, nil), unix("2026-10-31T21:10:00Z")*second
	flows := make([]*flow.Record, 40)
	for round := range 300 {
		for n, r := range flows {
			if r == nil || rnd.IntN(9) == 0 {
				if r != nil {
					tab.End(r, &Where{Addresses: a, Stray: rnd.IntN(3) == 0}, uint32(now/second))
				}
				r = flowOf(n, rnd)
				r.First = now
				flows[n] = r
			}
			if rnd.IntN(4) == 0 {
				r.App = uint32(1 + rnd.IntN(6))
			}
			r.Bytes[0] += uint64(rnd.IntN(5000))
			if rnd.IntN(5) == 0 {
				tab.Apart()
			}
			tab.Book(r, &Where{Addresses: a}, uint32(now/second))
		}
		tab.Tick(now)
		var devices, labels, cells Octets
		hours := map[device.ID]Octets{}
		rows, _ := tab.Rows(nil, 0, tab.Steps())
		for _, x := range rows {
			if x.Label.Sum() == Internet && x.Device != device.WAN {
				cells.add(Octets{x.Down, x.Up})
				o := hours[x.Device]
				o.add(Octets{x.Down, x.Up})
				hours[x.Device] = o
			}
		}
		hour, day, _ := tab.Spans()
		tab.Shares(func(s *Share) {
			labels.add(s.Hour)
			devices.add(s.Today)
			if hour.Start == day.Start && s.Device != device.None && s.Today != hours[s.Device] {
				t.Fatalf("round %d: device %d has %v, its cells %v", round, s.Device, s.Today, hours[s.Device])
			}
		})
		if labels != cells {
			t.Fatalf("round %d: labels have %v, cells %v", round, labels, cells)
		}
		if hour.Start == day.Start && devices != cells {
			t.Fatalf("round %d: devices have %v, cells %v", round, devices, cells)
		}
		now += 60 * second
		if len(tab.pending) > 2000 {
			tab.pending = tab.pending[:0]
		}
	}
}

// What two devices used that become one is all there afterwards, in cells and sums.
func TestMerge(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	tab := New(device.New(device.Options{Devices: 6}), Options{Cells: 32, Hosts: 16})
	a := flow.NewAddresses(nil, nil)
	led := ledger{device: map[[6]byte][2]uint64{}}
	flows := make([]*flow.Record, 40)
	for n := range flows {
		flows[n] = flowOf(n, rnd)
	}
	for round := range 20 {
		for _, r := range flows {
			led.carry(r, [2]uint64{uint64(rnd.IntN(500)), uint64(rnd.IntN(500))})
			tab.Book(r, &Where{Addresses: a}, 1)
		}
		if round == 10 {
			x, y := tab.Devices.Find(flows[0].MAC[0]), tab.Devices.Find(flows[1].MAC[0])
			if err := tab.Devices.Same(x, y); err != nil {
				t.Fatal(err)
			}
		}
		tab.Devices.SettleSame()
		if n := have(t, tab, map[uint32][2]uint64{}); n != led.bytes {
			t.Fatalf("round %d: %v, want %v", round, n, led.bytes)
		}
	}
	x := tab.Devices.Find(flows[0].MAC[0])
	if _, _, n := tab.Used(x); n != (Octets{}) {
		t.Errorf("the second has %v of its own", n)
	}
	for _, r := range flows {
		tab.End(r, &Where{Addresses: a}, 1)
	}
	if n := have(t, tab, map[uint32][2]uint64{}); n != led.bytes {
		t.Errorf("%v, want %v", n, led.bytes)
	}
}

// A cell holds 48 bits of bytes: what comes near goes into the device's "other".
func TestHugeCell(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 8})
	r := flowOf(1, rand.New(rand.NewPCG(1, 1)))
	led := ledger{device: map[[6]byte][2]uint64{}}
	for n := range 700 {
		led.carry(r, [2]uint64{1<<40 - 1, 1<<39 + 5})
		if n%3 == 0 {
			tab.Apart()
		}
		tab.Book(r, &Where{Addresses: flow.NewAddresses(nil, nil)}, 1)
	}
	if n := have(t, tab, nil); n != led.bytes || tab.stats.Folded == 0 {
		t.Errorf("%v, want %v; %d folded", n, led.bytes, tab.stats.Folded)
	}
	if today, _, _ := tab.Used(device.ID(r.Device)); today.Sum() != led.bytes[0]+led.bytes[1] {
		t.Errorf("the device has %v", today)
	}
}

// Again books what Book would, or leaves it alone.
func TestAgain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	var tabs [2]*Table
	var flows [2][]*flow.Record
	where := &Where{Addresses: flow.NewAddresses(nil, nil)}
	for i := range tabs {
		tabs[i] = New(device.New(device.Options{Devices: 4}), Options{Cells: 128})
	}
	for n := range 60 {
		r := flowOf(n, rnd)
		twin := *r
		flows[0], flows[1] = append(flows[0], r), append(flows[1], &twin)
	}
	quick := 0
	for range 200 {
		tabs[1].Apart()
		for n := range flows[0] {
			a, b := flows[0][n], flows[1][n]
			more, app, change := rnd.Uint64N(1<<(1+rnd.IntN(28))), uint32(rnd.IntN(3)), rnd.IntN(40)
			for _, r := range []*flow.Record{a, b} {
				r.Bytes[n%2] += more
				r.Bytes[1-n%2] += more / 5
				switch change {
				case 0:
					r.App = app
				case 1:
					r.Proto = []proto.ID{proto.DNS, proto.DoT, proto.TLS}[app]
				case 2:
					Carry(r)
					r.Bytes = [2]uint64{}
				case 3:
					if n%10 == 0 {
						r.Flags ^= flow.Offloaded
					}
				}
			}
			lower, upper := tabs[0].Book(a, where, 1)
			low, up, ok := tabs[1].Again(b, 1)
			l, u := uint64(low), uint64(up)
			if ok {
				quick++
			} else {
				l, u = tabs[1].Book(b, where, 1)
			}
			if l != lower || u != upper {
				t.Fatalf("flow %d: %d and %d, want %d and %d", n, l, u, lower, upper)
			}
		}
		var rows, totals [2]map[any]Count
		for i, tab := range tabs {
			rows[i], totals[i] = map[any]Count{}, map[any]Count{}
			list, _ := tab.Rows(nil, 0, tab.Steps())
			for _, x := range list {
				rows[i][[3]uint32{uint32(x.Device), uint32(x.Label), uint32(x.Flags)}] = x.Count
			}
			tab.Totals(func(l Label, c Count) { totals[i][l] = c })
			for id := range tab.owners {
				_, _, n := tab.Used(device.ID(id))
				totals[i][device.ID(id)] = Count{Down: n.Down, Up: n.Up}
			}
		}
		if !maps.Equal(rows[0], rows[1]) || !maps.Equal(totals[0], totals[1]) {
			t.Fatalf("rows %v, want %v; totals %v, want %v", rows[1], rows[0], totals[1], totals[0])
		}
	}
	if quick < 1000 {
		t.Errorf("only %d of 12000 went quickly", quick)
	}
}

// An hour with more cells than its record may have loses the detail of the
// smallest, and no byte.
func TestFullHour(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 64}), Options{Cells: 1024, Clock: clock(t, berlin, "1"), Trusted: 1})
	now := unix("2026-10-25T00:30:00Z") * second
	led, where := ledger{device: map[[6]byte][2]uint64{}}, &Where{Addresses: flow.NewAddresses(nil, nil)}
	tab.Tick(now)
	for n := range 1000 {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: uint32(20000 + n%90), MAC: [2][6]byte{{0, 0, 0, 0, 1, byte(n % 60)}}, First: now}
		big := uint64(1) << (10 + n%30)
		led.carry(r, [2]uint64{big, big})
		tab.Book(r, where, uint32(now/second))
	}
	tab.Tick(now + 3600*second)
	if n := have(t, tab, nil); n != led.bytes {
		t.Errorf("%v, want %v", n, led.bytes)
	}
	var r Record
	f, _, ok := frame(tab.pending)
	if !ok || !r.parse(f) {
		t.Fatal("no hour was closed")
	}
	if len(r.Entries) < 150 {
		t.Errorf("%d entries of 1000 are left", len(r.Entries))
	}
	for _, e := range r.Entries {
		if e.Label != Other && e.Sum() < 4096 {
			t.Errorf("an entry of %d bytes stayed where there was no room", e.Sum())
		}
	}
}
