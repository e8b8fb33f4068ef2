package engine

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/detect/app"
)

// quiet is a device without packets, whose counters a test sets.
type quiet struct {
	mu   sync.Mutex
	c    core.Counters
	done chan struct{}
	once sync.Once
}

func newQuiet(c core.Counters) *quiet { return &quiet{c: c, done: make(chan struct{})} }

func (q *quiet) Next(b *core.Batch) error {
	b.Frames, b.Now = nil, time.Now().UnixNano()
	select {
	case <-q.done:
		return os.ErrClosed
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

func (q *quiet) Counters() core.Counters { q.mu.Lock(); defer q.mu.Unlock(); return q.c }
func (q *quiet) Close() error            { q.once.Do(func() { close(q.done) }); return nil }

func (q *quiet) set(c core.Counters) { q.mu.Lock(); q.c = c; q.mu.Unlock() }

// newAgent is an engine with one device, which open makes anew at each start.
func newAgent(t *testing.T, change func(*config.Config), open func() core.Source) *Engine {
	t.Helper()
	c := config.Default()
	c.MaxFlows = 64
	c.VolatileDir = t.TempDir()
	c.Listeners = []config.Listener{{Path: filepath.Join(c.VolatileDir, "s"), Dialect: "4"}}
	c.Interfaces = []config.Interface{{Name: "live0", Role: config.LAN}}
	if change != nil {
		change(c)
	}
	e, err := New(c, Options{Version: "test", NoConntrack: true, Log: zerolog.Nop(),
		Apps: func(*config.Config) (*app.Catalogue, error) { return app.Default(), nil },
		Open: func(*config.Interface, *config.Capture, func(string)) ([]core.Source, error) {
			return []core.Source{open()}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// What was lost is told once, whatever ends and begins between.
func TestLossesAreToldOnce(t *testing.T) {
	var src *quiet
	e := newAgent(t, nil, func() core.Source { src = newQuiet(core.Counters{}); return src })
	lost := func(what string, want uint64) {
		t.Helper()
		e.tellStatus()
		if got := e.status.last.Interfaces[0].Stats; got.CaptureDropped != want || got.PcapDrop != want {
			t.Errorf("%s: capture_dropped %d, pcap_drop %d, want %d", what, got.CaptureDropped, got.PcapDrop, want)
		}
	}
	start := func() {
		t.Helper()
		if err := e.Start(); err != nil {
			t.Fatal(err)
		}
	}
	start()
	src.set(core.Counters{Received: 1000, Dropped: 700})
	lost("first", 700)
	lost("nothing since", 0)
	src.set(core.Counters{Received: 1020, Dropped: 710})
	e.Stop()
	lost("what was lost before the stop", 10)
	start()
	lost("after a start", 0)
	src.set(core.Counters{Received: 7, Dropped: 5})
	lost("of the second capture", 5)
	e.Stop()
	if c := e.status.last.Capture; c.Received != 1027-715 || c.Dropped != 715 {
		t.Errorf("received %d, dropped %d: what was dropped was not received", c.Received, c.Dropped)
	}
}
