package engine

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"netifyd/core"
)

// soakSize is how many packets the soak takes: few in every test run, 30 million with `make soak`.
func soakSize(t *testing.T) int {
	text := os.Getenv("SOAK")
	if text == "" {
		return 300_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("SOAK=%s: want a number of packets", text)
	}
	return n
}

// willing is a kernel that takes every flow and counts nothing.
type willing struct{}

func (willing) Shunt(*core.Tuple) error                { return nil }
func (willing) Shunted(*core.Tuple) (core.Count, bool) { return core.Count{}, true }
func (willing) Unshunt(*core.Tuple)                    {}

// TestSoak takes the captures of testdata, again and again among every flood,
// through a small shard with clients of both dialects to tell. After the start
// nothing is allocated: the heap does not grow by one object and the collector
// has no reason to run.
func TestSoak(t *testing.T) {
	size := soakSize(t)
	w := newWorld(t, nil)
	w.shard.out = silent{}
	w.shard.shunts.sources[0] = willing{}
	frames := library(t)
	flood := []func(int, []byte, []byte) []byte{}
	for _, name := range []string{"SYN flood", "one-packet UDP flows", "half a hello in each flow", "DNS names", "first fragments", "nested tunnels"} {
		flood = append(flood, floods[name])
	}
	frame, work := make([]byte, 0, 4096), make([]byte, 4096)
	batch := core.Batch{Frames: make([]core.Frame, 1)}
	sent := 0
	put := func(f core.Frame) {
		w.now += 1e5
		f.Time = w.now
		batch.Frames[0], batch.Now = f, w.now
		w.shard.walk(w.iface, &batch)
		sent++
	}
	round := func() {
		for _, f := range frames {
			put(f)
			if sent%3 == 0 {
				b := flood[sent%len(flood)](sent, frame, work)
				put(core.Frame{Data: b, Length: len(b), Link: core.LinkEthernet})
			}
		}
	}
	round()
	var before, after runtime.MemStats
	begun := time.Now()
	runtime.GC()
	runtime.ReadMemStats(&before)
	for sent < size {
		round()
	}
	runtime.ReadMemStats(&after)
	// The runtime's own goroutines may allocate a little now and then.
	if w.shard.stats.Shunted == 0 {
		t.Error("no flow was left to the kernel")
	}
	if n := after.Mallocs - before.Mallocs; n > 64 {
		t.Errorf("%d allocations in %d packets", n, sent)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<10 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	// By the clock alone it runs every two minutes.
	if n := after.NumGC - before.NumGC; n > uint32(time.Since(begun)/(2*time.Minute)) {
		t.Errorf("the collector ran %d times because of packets", n)
	}
	t.Logf("%d packets, %d flows: %d allocations, heap %+d bytes, %d runs of the collector", sent, w.shard.stats.Opened,
		after.Mallocs-before.Mallocs, int64(after.HeapAlloc)-int64(before.HeapAlloc), after.NumGC-before.NumGC)
}
