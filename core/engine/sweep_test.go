package engine

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/config"
)

// busy puts n flows of a web server into the world, or more of each.
func (w *world) busy(n int) {
	w.Helper()
	frames := make([]core.Frame, n)
	for i := range frames {
		b := get(i)
		frames[i] = core.Frame{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}
	}
	w.shard.walk(w.iface, &core.Batch{Frames: frames, Now: w.now})
}

// TestStatsAreSpread: the counters of a full table come in small pieces, and
// those of each flow once an interval, with nothing left out.
func TestStatsAreSpread(t *testing.T) {
	const flows, interval, step = 3000, 15, 50 * time.Millisecond
	w := newWorld(t, func(c *config.Config) { c.MaxFlows = flows + 1096 })
	w.busy(flows)
	w.events()
	packets := map[string]float64{}
	reports := map[string]int{}
	most, rounds := 0, 4
	for n := range rounds * interval * int(time.Second/step) {
		w.now += int64(step)
		if n%20 == 0 {
			w.busy(flows)
		} else {
			w.shard.walk(w.iface, &core.Batch{Now: w.now})
		}
		got := w.events()
		for _, l := range got {
			if l.Type != "flow_stats" {
				continue
			}
			digest := l.Flow["digest"].(string)
			packets[digest] += l.Flow["local_packets"].(float64)
			reports[digest]++
		}
		most = max(most, len(got))
	}
	if most > flows/50 {
		t.Errorf("%d events of %d flows at a time", most, flows)
	}
	if len(reports) != flows {
		t.Errorf("counters of %d of %d flows", len(reports), flows)
	}
	for digest, n := range reports { // the first round begins after an interval
		if n < rounds-1 || n > rounds {
			t.Fatalf("%d flow_stats of %s in %d intervals", n, digest, rounds)
		}
	}
	w.shard.finish(w.iface, true)
	for _, l := range w.events() {
		if l.Type == "flow" { // nobody answered, which is told before the end
			continue
		}
		digest := l.Flow["digest"].(string)
		if all := packets[digest] + l.Flow["local_packets"].(float64); all != l.Flow["total_packets"].(float64) {
			t.Fatalf("%v packets in reports, %v in total", all, l.Flow["total_packets"])
		}
	}
}

// TestLateClientsAreToldInPieces: however many clients come, only so many flows
// are told between two batches, and in the end each client knows all.
func TestLateClientsAreToldInPieces(t *testing.T) {
	const flows, clients = 600, 3
	src := newHeap()
	e, _ := running(t, src, func(c *config.Config) { c.ClientQueueKB = 4096 })
	for n := range flows {
		src.put(get(n))
	}
	s := e.shards[0]
	eventually(t, "flows", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.table.Len() == flows
	})
	told := make(chan int, clients)
	for range clients {
		conn := dialStream(t, e)
		go func() {
			n, r := 0, bufio.NewReader(conn)
			for n < flows {
				l, err := r.ReadString('\n')
				if err != nil {
					break
				}
				if strings.Contains(l, `"established":true`) {
					n++
				}
			}
			told <- n
		}()
	}
	for range clients {
		for {
			select {
			case n := <-told:
				if n != flows {
					t.Errorf("told of %d of %d flows", n, flows)
				}
			case <-time.After(time.Millisecond):
				s.mu.Lock()
				if s.shown > showPiece {
					t.Errorf("%d flows at once", s.shown)
				}
				s.mu.Unlock()
				continue
			}
			break
		}
	}
}

// TestIntervalOnReload: a shorter or longer interval counts at once.
func TestIntervalOnReload(t *testing.T) {
	for _, c := range []struct{ before, after time.Duration }{{time.Hour, 5 * time.Second}, {time.Second, time.Minute}} {
		w := newWorld(t, func(x *config.Config) { x.UpdateInterval = c.before })
		d := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
		d.up(request)
		d.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
		w.wait(3 * time.Second)
		x := config.Default()
		x.UpdateInterval = c.after
		w.shard.set = newSettings(x, w.shard.set.apps, w.shard.set.ifaces)
		w.events()
		n := 0
		for range 120 {
			d.down("more")
			w.wait(time.Second)
		}
		for _, l := range w.events() {
			if l.Type == "flow_stats" {
				n++
			}
		}
		if want := int(2 * time.Minute / c.after); n < want-1 || n > want+1 {
			t.Errorf("%v to %v: %d flow_stats in two minutes", c.before, c.after, n)
		}
	}
}

// TestUnansweredSYN: a SYN that nobody answers is counted and not told on a
// live line; what somebody answers, refuses or goes on with is told, and so is
// all of a file.
func TestUnansweredSYN(t *testing.T) {
	type step = func(c *conn)
	again := func(c *conn) {
		w, port := c.w, uint16(c.cport)
		for range 3 {
			b := ipv4(nil, 6, 0xc0a80107, 0xc6336401, syn(nil, port, 8080, 1000))
			w.now += 1e9
			w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
		}
	}
	answer := func(flags byte, up bool) step {
		return func(c *conn) {
			seg, from, to := syn(nil, 8080, uint16(c.cport), 9), uint32(0xc6336401), uint32(0xc0a80107)
			if up {
				seg, from, to = syn(nil, uint16(c.cport), 8080, 1001), to, from
			}
			seg[13] = flags
			b := ipv4(nil, 6, from, to, seg)
			c.w.now += 1e6
			c.w.shard.walk(c.w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: c.w.now, Length: len(b), Link: core.LinkEthernet}}, Now: c.w.now})
		}
	}
	for _, c := range []struct {
		what  string
		steps []step
		told  bool
	}{
		{"SYN", []step{again}, false},
		{"accepted", []step{again, answer(0x12, false)}, true},
		{"refused", []step{again, answer(0x14, false)}, true},
		{"only this side is seen", []step{again, answer(0x10, true)}, true},
		{"the answer alone", []step{answer(0x12, false)}, true},
	} {
		for _, file := range []string{"", "x.pcap"} {
			w := newWorld(t, nil)
			w.iface.cfg.File = file
			for _, s := range c.steps {
				s(&conn{w: w, cport: 40000})
			}
			w.wait(6 * time.Minute)
			lines := w.events()
			told := c.told || file != ""
			if want := map[bool]string{true: "flow Unknown false; flow_purge", false: ""}[told]; told != (len(lines) == 2) || told && lines[1].Type != "flow_purge" {
				t.Errorf("%s, file %q: %s, want %s", c.what, file, story(lines), want)
			}
			if n := w.shard.stats.Unanswered; n == 1 == told || w.shard.table.Len() != 0 {
				t.Errorf("%s, file %q: %d unanswered, %d left", c.what, file, n, w.shard.table.Len())
			}
		}
	}
}

// TestFloodHidesNothing: in a flood of flows that mean nothing every recognised
// one is told, of the others as many as somebody can read, each with all its
// events; and one of them that goes on is told later.
func TestFloodHidesNothing(t *testing.T) {
	w := newWorld(t, func(c *config.Config) { c.MaxFlows = 4096 })
	const seconds, rate, every = 20, 10_000, 2000
	for n := range seconds * rate {
		w.now += int64(time.Second) / rate
		b := ipv4(nil, ipUDP, 0xc0a80107, uint32(n)*2654435761|1<<30, udp(nil, uint16(n), uint16(n>>16)|1024, []byte{0xff, byte(n), byte(n >> 8), 0xfe}))
		w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
		if n%every == 0 {
			b := get(n / every)
			w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
		}
	}
	long := []byte{0xff, 1, 2, 0xfe}
	at := func(up bool) {
		from, to, sport, dport := uint32(0xc0a80107), uint32(0x40000001), uint16(7777), uint16(7778)
		if !up {
			from, to, sport, dport = to, from, dport, sport
		}
		b := ipv4(nil, ipUDP, from, to, udp(nil, sport, dport, long))
		w.now += 1000
		w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
	}
	w.shard.budget = budget{left: -int64(2 * time.Second), at: w.now} // the flood has used it up, and more
	for range 40 {
		at(true)
		at(false)
	}
	if n := w.shard.stats.Untold; n == 0 {
		t.Fatal("the budget does not hold")
	}
	for range 30 {
		at(true)
		at(false)
		w.wait(time.Second)
	}
	w.shard.finish(w.iface, true)
	flows, purges, http, later := map[string]bool{}, 0, 0, ""
	unknown := 0
	for _, l := range w.events() {
		digest := l.Flow["digest"].(string)
		switch l.Type {
		case "flow":
			if l.Flow["detected_protocol_name"] == "HTTP" {
				http++
			} else if !flows[digest] {
				unknown++
			}
			flows[digest] = true
			if l.Flow["local_port"] == 7777.0 {
				later = digest
			}
		default:
			if !flows[digest] {
				t.Fatalf("%s of a flow that was not told", l.Type)
			}
			if l.Type == "flow_purge" {
				purges++
			}
		}
	}
	if want := seconds * rate / every; http < want {
		t.Errorf("%d of %d recognised flows", http, want)
	}
	if most := spareBurst + spareRate*(seconds+40); unknown > most || unknown < spareRate*seconds {
		t.Errorf("%d flows of the flood, at most %d", unknown, most)
	}
	if purges != len(flows) {
		t.Errorf("%d flows began and %d ended", len(flows), purges)
	}
	if later == "" {
		t.Error("a flow of both sides that goes on was never told")
	}
	if s := w.shard.stats; s.Untold == 0 || uint64(unknown)+s.Untold < seconds*rate {
		t.Errorf("%s", fmt.Sprint(unknown, " told and ", s.Untold, " counted"))
	}
}
