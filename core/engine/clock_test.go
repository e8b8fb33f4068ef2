package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/flow"
)

// onAir makes a world one of a live capture: set sets the machine's clock.
type onAir struct {
	*world
	steady int64
	lag    int64 // how long a packet lies in the ring
}

func newOnAir(t *testing.T, change func(*config.Config)) *onAir {
	l := &onAir{world: newWorld(t, change), steady: 5e9}
	c := &clock{ahead: l.now - l.steady, move: func(_, by int64) {
		l.shard.hints.Shift(by)
		l.shard.expect.shift(by)
		l.shard.kin.shift(by)
	}}
	l.shard.clock.of = c
	was := l.now
	l.world.batch = func(b *core.Batch) {
		l.steady += max(l.now-was, 0)
		was = l.now
		b.Steady = l.steady
		for i := range b.Frames {
			b.Frames[i].Time -= l.lag
		}
	}
	l.world.jump = func(by int64) { l.now += by; was += by }
	return l
}

func (l *onAir) set(by time.Duration) { l.world.jump(int64(by)) }

var jumps = []time.Duration{-time.Hour, time.Hour, -50 * 365 * 24 * time.Hour, 400 * 24 * time.Hour, -90 * time.Second, 2500 * time.Millisecond}

// A flow lives through a clock that is set: it is told of each interval, is
// joined in its midst by nobody, and ends when it has rested.
func TestTheClockIsSet(t *testing.T) {
	for _, by := range jumps {
		t.Run(by.String(), func(t *testing.T) {
			w := newOnAir(t, nil)
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			c.up(request)
			w.wait(4 * time.Second)
			quiet := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
			quiet.up(request[:20])
			w.events()
			first := w.shard.table.At(0).First
			w.set(by)
			w.lag = 50e6 // the next packets were captured before
			c.down("HTTP/1.1 200 OK\r\n\r\n")
			quiet.up(request[20:])
			if got := story(w.events()); !strings.Contains(got, "flow HTTP") || strings.Contains(got, "purge") {
				t.Errorf("right after: %s", got)
			}
			w.lag = 0
			for range 10 {
				w.wait(6 * time.Second)
				c.down("more")
				quiet.down("more")
			}
			lines := w.events()
			if got := story(lines); strings.Contains(got, "purge") || strings.Count(got, "flow_stats") < 6 {
				t.Errorf("in the next minute: %s", got)
			}
			now := float64(w.now / 1e6)
			for _, l := range lines {
				if at := l.Flow["last_seen_at"].(float64); at > now || at < now-120e3 {
					t.Errorf("last seen %v ms ago", now-at)
				}
			}
			if got := w.shard.table.At(0).First; got < first+int64(by)-1e9 || got > first+int64(by)+1e9 {
				t.Errorf("the flow began %v after the time it did", time.Duration(got-first-int64(by)))
			}
			w.wait(5*time.Minute + 3*time.Second)
			if got := story(w.events()); strings.Count(got, "purge") != 2 || w.shard.table.Len() != 0 {
				t.Errorf("at the end: %s, %d flows are left", got, w.shard.table.Len())
			}
		})
	}
}

// What was learnt is known after the clock was set, for as long as it would have been.
func TestHintsLiveThroughTheClock(t *testing.T) {
	for _, by := range jumps {
		t.Run(by.String(), func(t *testing.T) {
			w := newOnAir(t, nil)
			w.say("192.168.1.7", "192.168.1.1", &layers.UDP{SrcPort: 33333, DstPort: 53}, dnsQuestion("www.netflix.com"))
			w.say("192.168.1.1", "192.168.1.7", &layers.UDP{SrcPort: 53, DstPort: 33333}, dnsAnswer("www.netflix.com", "198.51.100.9", 300))
			w.events()
			w.set(by)
			named := func(port int) bool {
				w.wait(time.Second)
				w.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: layers.UDPPort(port), DstPort: 61000}, "\x01\xff\x80 nothing anybody knows")
				w.wait(40 * time.Second)
				for _, l := range w.events() {
					if l.Flow["dns_host_name"] == "www.netflix.com" {
						return true
					}
				}
				return false
			}
			if !named(40000) {
				t.Error("the name is forgotten")
			}
			w.wait(6 * time.Minute)
			if named(40001) {
				t.Error("the name is still known when its time is over")
			}
		})
	}
}

// Slots rest by the shard's time.
func TestSlotsRestThroughTheClock(t *testing.T) {
	w := newOnAir(t, func(c *config.Config) { c.Slots = 4 })
	for n := range 4 {
		c := w.dial("192.168.1.7", 20000+n, "198.51.100.1", 8080)
		c.up(request[:3])
	}
	w.wait(time.Second)
	w.set(-time.Hour)
	for n := range 8 {
		w.wait(time.Second)
		c := w.dial("192.168.1.7", 30000+n, "198.51.100.1", 8080)
		c.up(request[:20])
		c.up(request[20:])
	}
	named := 0
	for _, l := range w.events() {
		if l.Flow["host_server_name"] == "www.example.org" {
			named++
		}
	}
	if named != 8 || w.shard.stats.SlotsExhausted != 0 {
		t.Errorf("%d of 8 requests are named, %d found no slot", named, w.shard.stats.SlotsExhausted)
	}
}

// Each of several shards moves once, whoever notices first.
func TestShardsMoveOnce(t *testing.T) {
	moved := int64(0)
	c := &clock{move: func(_, by int64) { moved += by }}
	for _, x := range []struct{ now, steady, jumped int64 }{
		{100, 100, 0}, {200, 200, 0}, {300 + 900e6, 300, 0}, {400 + 5e9, 400, 5e9}, {500 + 5e9, 500, 5e9}, {600 - 7e9, 600, -7e9}, {700 - 7e9 + 999e6, 700, -7e9},
	} {
		if got := c.jumps(x.now, x.steady); got != x.jumped || moved != x.jumped {
			t.Errorf("at %d: jumped %d, moved %d, want %d", x.steady, got, moved, x.jumped)
		}
	}
}

// The clock of a capture file is set back in its midst, or some of its packets
// have a wrong time: no other flow is frozen, ended or cut for it.
func TestOddTimesInAFile(t *testing.T) {
	set := func(w *world, by int64) { w.now += by }
	wrong := func(w *world, at int64) { // one packet of another flow
		was := w.now
		w.now = at
		w.say("192.168.1.9", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 61000}, "\x01\xff\x80 nothing anybody knows")
		w.now = was
	}
	const y2106 = int64(1<<32-1) * 1e9
	for _, tc := range []struct {
		name string
		odd  func(w *world)
	}{
		{"one packet of 2106", func(w *world) { wrong(w, y2106) }},
		{"one packet of 1970", func(w *world) { wrong(w, 1e6) }},
		{"packets of 1970", func(w *world) {
			for range 30 {
				wrong(w, 1e6)
				w.now += 1e6
				w.say("192.168.1.8", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 61000}, "\x01\xff\x80 nothing anybody knows")
			}
		}},
		{"set back an hour", func(w *world) { set(w, -3600e9) }},
		{"set back 50 years", func(w *world) { set(w, -50*365*86400e9) }},
		{"two clocks", func(w *world) {
			for range 30 {
				wrong(w, w.now-7200e9)
				w.now += 1e6
				w.say("192.168.1.8", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 61000}, "\x01\xff\x80 nothing anybody knows")
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, nil)
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			c.up(request)
			w.now += 4e9
			quiet := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
			quiet.up(request[:20])
			w.events()
			tc.odd(w)
			for range 12 { // a file has no idle line
				c.down("more")
			}
			quiet.up(request[20:])
			for range 120 {
				w.now += 5e9
				c.down("more")
			}
			var own []line
			for _, l := range w.events() {
				if l.Flow["local_port"] == 40001.0 || l.Type != "flow" {
					own = append(own, l)
				}
			}
			got := story(own)
			if !strings.Contains(got, "flow HTTP") || !strings.Contains(got, "flow_purge expired 4; ") || strings.Count(got, "flow_stats") < 35 {
				t.Errorf("%s", got)
			}
			if n := w.shard.table.Len(); n != 1 {
				t.Errorf("%d flows are left, want the one that goes on", n)
			}
			w.shard.finish(w.iface, false)
			if got := story(w.events()); !strings.Contains(got, fmt.Sprintf("flow_purge expired %d; ", 3+12+120)) {
				t.Errorf("the flow was cut: %s", got)
			}
		})
	}
}

// A capture that was interrupted for a year is no clock that was set: what was before has ended.
func TestAFileThatRests(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	w.now += 365 * 86400e9
	d := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	d.up(request)
	w.now += 2e9
	d.down("more")
	if got := story(w.events()); got != "flow HTTP false; flow_purge expired 3; flow HTTP false; " && got != "flow HTTP false; flow_stats; flow_purge expired 3; flow HTTP false; " && !strings.HasPrefix(got, "flow HTTP false; flow_purge expired 3; ") {
		t.Error(got)
	}
	if r := w.shard.table.At(1); r == nil || r.First < 1700000000e9+365*86400e9 {
		t.Errorf("the flow after the rest: %+v", r)
	}
}

func TestWheelShifts(t *testing.T) {
	for _, by := range []int64{1e9, -1e9, 511e9, 512e9, 513e9, -512e9, 1234567890123, -1234567890123} {
		table := flow.New(64, 1)
		now, ended := int64(1700000000e9), map[int64]int64{}
		for n := range 40 {
			var k flow.Key
			k.Port[0] = uint16(n)
			r, _ := table.Touch(&k, now, nil)
			table.Schedule(r, now+int64(n*7)*1e9)
		}
		due := func(r *flow.Record) int64 { return r.Last + int64(r.Port[0])*7e9 }
		for passed := int64(0); passed < 400e9; passed += 1e9 {
			if passed == 100e9 {
				table.Shift(by)
				now += by
			}
			table.Advance(now+passed, due, func(r *flow.Record) { ended[int64(r.Port[0])] = passed })
		}
		for n := range int64(40) {
			if at, ok := ended[n]; !ok || at < n*7e9 || at > n*7e9+2e9 {
				t.Errorf("shifted by %d: record %d ended after %d s, %v", by, n, at/1e9, ok)
			}
		}
	}
}

// What the shards share moves with the clock, whoever of them notices.
func TestWhatIsSharedMoves(t *testing.T) {
	e := newAgent(t, func(c *config.Config) { c.Usage.Enabled = true }, func() core.Source { return newQuiet(core.Counters{}) })
	var b core.Batch
	b.Stamp()
	client, addr := &[16]byte{192, 168, 1, 7}, &[16]byte{198, 51, 100, 9}
	now := uint32(b.Now / 1e9)
	e.hints.Learn(client, addr, []byte("www.example.org"), 1, b.Now, 300)
	e.usage.Devices.Lock()
	id, _ := e.usage.Devices.Of(&[6]byte{2, 0, 0, 0, 0, 7}, 4, client, true, now)
	e.usage.Tick(b.Now)
	e.usage.Devices.Unlock()
	for _, by := range []int64{3600e9, 3600e9 - 1, -3600e9 * 24 * 365} {
		if got := e.clock.jumps(b.Now+by, b.Steady); distance(got, by) > 1e6 {
			t.Fatalf("jumped %d, want %d", got, by)
		}
		then := uint32((b.Now + by) / 1e9)
		if _, ok := e.hints.Lookup(nil, client, addr, then+290, b.Now+by+1e7); !ok {
			t.Errorf("%v: the name is forgotten", time.Duration(by))
		}
		if _, ok := e.hints.Lookup(nil, client, addr, then+310, 0); ok {
			t.Errorf("%v: the name lives longer", time.Duration(by))
		}
		e.usage.Devices.Lock()
		if d := e.usage.Devices.At(id); distance(int64(d.Last), int64(then)) > 2 || distance(int64(d.First), int64(then)) > 2 {
			t.Errorf("%v: the device was first seen %d s and last %d s from then", time.Duration(by), int64(d.First)-int64(then), int64(d.Last)-int64(then))
		}
		e.usage.Tick(b.Now + by)
		if n := len(e.usage.Samples(nil)); n != 1 {
			t.Errorf("%v: %d samples of rates in no time", time.Duration(by), n)
		}
		e.usage.Devices.Unlock()
		if got := e.clock.jumps(b.Now, b.Steady); distance(got, 0) > 1e6 { // and back
			t.Fatalf("jumped %d in all", got)
		}
	}
}

// An agent is as old as it is, whatever the clock shows.
func TestStartIsOfTheClock(t *testing.T) {
	k := &statusKeeper{started: time.Now()}
	for _, by := range append(jumps, 0) {
		if got := k.began(int64(by)).Sub(k.started); got != by {
			t.Errorf("the clock was set by %v: it started %v later", by, got)
		}
	}
}
