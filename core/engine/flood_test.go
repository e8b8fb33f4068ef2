package engine

import (
	"encoding/binary"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"netifyd/core"
	"netifyd/core/config"
)

// packets of a flood: small in every test run, a million with `make flood`.
func floodSize(t *testing.T) int {
	if text := os.Getenv("FLOOD"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("FLOOD=%s: want a number of packets", text)
		}
		return n
	}
	return 20000
}

// ipv4 makes a frame around a payload of an IP protocol.
func ipv4(b []byte, protocol byte, src, dst uint32, payload []byte) []byte {
	b = append(b[:0], 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0)
	b = append(b, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0)
	binary.BigEndian.PutUint16(b[16:], uint16(20+len(payload)))
	b = binary.BigEndian.AppendUint32(b, src)
	b = binary.BigEndian.AppendUint32(b, dst)
	return append(b, payload...)
}

func udp(b []byte, sport, dport uint16, payload []byte) []byte {
	b = binary.BigEndian.AppendUint16(b[:0], sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	return append(append(b, 0, 0), payload...)
}

func syn(b []byte, sport, dport uint16, seq uint32) []byte {
	b = binary.BigEndian.AppendUint16(b[:0], sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	b = binary.BigEndian.AppendUint32(b, seq)
	return append(b, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0)
}

// floods are what somebody may send to a router, one frame at a time.
var floods = map[string]func(n int, frame, work []byte) []byte{
	"SYN flood": func(n int, frame, work []byte) []byte {
		return ipv4(frame, ipTCP, uint32(n)*2654435761, 0xc0a80107, syn(work, uint16(n), 443, uint32(n)))
	},
	"port scan": func(n int, frame, work []byte) []byte {
		return ipv4(frame, ipTCP, 0xcb007109, 0xc0a80100|uint32(n>>16&0xff), syn(work, 40000, uint16(n), 7))
	},
	"one-packet UDP flows": func(n int, frame, work []byte) []byte {
		return ipv4(frame, ipUDP, 0xc0a80107, uint32(n)*2654435761|1<<30, udp(work[64:], uint16(n), uint16(n>>16)|1024, append(work[:0], 0xff, byte(n), byte(n>>8), 0xfe)))
	},
	"half a hello in each flow": func(n int, frame, work []byte) []byte {
		seg := syn(work, uint16(n), 8080, uint32(n))
		seg[13] = 0x10 // ACK
		return ipv4(frame, ipTCP, 0xc0a80000|uint32(n>>16&0xff), 0xc6336401, append(seg, "GET / HT"...))
	},
	"DNS names": func(n int, frame, work []byte) []byte {
		name := strconv.AppendInt(work[:0], int64(n), 36)
		m := append(work[64:64], 0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, byte(len(name)))
		m = append(append(m, name...), 4, 'e', 'v', 'i', 'l', 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4)
		m = binary.BigEndian.AppendUint32(m, uint32(n)|1<<30)
		return ipv4(frame, ipUDP, 0xc0a80101, 0xc0a80107, udp(work[256:], 53, 1024+uint16(n&0x3fff), m))
	},
	"first fragments": func(n int, frame, work []byte) []byte {
		f := ipv4(frame, ipUDP, uint32(n)|1<<30, 0xc0a80107, udp(work, 1, 2, work[100:500]))
		binary.BigEndian.PutUint16(f[18:], uint16(n))
		f[20] = 0x20 // more fragments
		return f
	},
	"last fragments": func(n int, frame, work []byte) []byte {
		f := ipv4(frame, ipUDP, uint32(n)|1<<30, 0xc0a80107, work[:64])
		binary.BigEndian.PutUint16(f[18:], uint16(n))
		binary.BigEndian.PutUint16(f[20:], 100)
		return f
	},
	"nested tunnels": func(n int, frame, work []byte) []byte {
		inner := work[1024:1024]
		for i := range 60 {
			p := ipv4(work[:0], 4, uint32(n), uint32(i), inner)
			inner = append(work[1024:1024], p[14:]...)
		}
		return ipv4(frame, 4, uint32(n), 1, inner)
	},
}

// TestFloods holds memory flat, decided flows alive and the stream going whatever comes.
func TestFloods(t *testing.T) {
	size := floodSize(t)
	for name, make1 := range floods {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			w := newWorld(t, func(c *config.Config) { c.MaxFlows = 512; c.Slots = 32; c.Hints = 256 })
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			c.up(request)
			c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
			out := w.shard.out
			w.shard.out = silent{}
			frame, work := make([]byte, 0, 4096), make([]byte, 4096)
			batch := core.Batch{Frames: make([]core.Frame, 1)}
			send := func(from, to int) {
				for n := from; n < to; n++ {
					w.now += 1e5
					b := make1(n, frame, work)
					batch.Frames[0] = core.Frame{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}
					batch.Now = w.now
					w.shard.walk(w.iface, &batch)
				}
			}
			send(0, size/10)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			send(size/10, size)
			runtime.ReadMemStats(&after)
			if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<10 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			if after.NumGC != before.NumGC {
				t.Errorf("the collector ran %d times because of packets", after.NumGC-before.NumGC)
			}
			w.shard.out = out
			w.events()
			c.down("more")
			w.shard.finish(w.iface, false)
			if got := story(w.events()); !strings.Contains(got, " 5; ") {
				t.Error("the decided flow was lost in the flood")
			}
			if w.shard.slots.InUse() != 0 || w.shard.table.Len() != 0 {
				t.Errorf("%d slots and %d flows left after the end", w.shard.slots.InUse(), w.shard.table.Len())
			}
		})
	}
}

func TestReloadsLeaveNothing(t *testing.T) {
	w := newWorld(t, nil)
	c := config.Default()
	var before, after runtime.MemStats
	swap := func(n int) {
		for range n {
			set := newSettings(c, w.shard.set.apps, w.shard.set.ifaces)
			w.shard.mu.Lock()
			w.shard.set = set
			w.shard.mu.Unlock()
		}
		runtime.GC()
	}
	swap(10)
	runtime.ReadMemStats(&before)
	swap(1000)
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<10 {
		t.Errorf("1000 reloads left %d bytes", grown)
	}
}

// flowBudget is what one more flow costs all told: record with 8 bytes of rates, index, metadata (bytes, 2026-11-30).
const flowBudget = 368

func TestBudgetOfAFlow(t *testing.T) {
	c := config.Default()
	sum := func(flows int) int {
		c.MaxFlows = flows
		return Total(Plan(c, 1, newWorld(t, nil).shard.set.apps))
	}
	if n := (sum(65536) - sum(8192)) / (65536 - 8192); n > flowBudget {
		t.Errorf("one more flow costs %d bytes, the budget is %d", n, flowBudget)
	}
}
