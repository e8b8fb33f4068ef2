package engine

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/detect/app"
)

// heap is a source that lends what it was given, once, and then an idle line.
type heap struct {
	once   sync.Once
	closed chan struct{}
	mu     sync.Mutex
	frames []core.Frame
}

func newHeap(frames ...core.Frame) *heap { return &heap{closed: make(chan struct{}), frames: frames} }

// put adds a frame that is lent next, with the time of then.
func (h *heap) put(data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frames = append(h.frames, core.Frame{Data: data, Length: len(data), Link: core.LinkEthernet})
}

func (h *heap) Next(b *core.Batch) error {
	select {
	case <-h.closed:
		return os.ErrClosed
	case <-time.After(5 * time.Millisecond):
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	b.Now = time.Now().UnixNano()
	b.Frames, h.frames = h.frames, nil
	for i := range b.Frames {
		b.Frames[i].Time = b.Now
	}
	return nil
}

func (h *heap) Counters() core.Counters { return core.Counters{} }
func (h *heap) Close() error            { h.once.Do(func() { close(h.closed) }); return nil }

// running is an engine that captures src as live0 until the test ends, and
// what its Run returned.
func running(t *testing.T, src core.Source, change func(*config.Config)) (e *Engine, end func() error) {
	t.Helper()
	c := config.Default()
	c.VolatileDir = t.TempDir()
	c.Interfaces = []config.Interface{{Name: "live0", Role: config.LAN, Addresses: []string{"192.168.1.0/24"}}}
	c.Listeners = []config.Listener{{Path: filepath.Join(c.VolatileDir, "s"), Dialect: "4"}}
	c.AppsDir, c.DomainsDir, c.Catalogue = "", "", ""
	if change != nil {
		change(c)
	}
	e, err := New(c, Options{Version: "test", NoConntrack: true, Log: zerolog.New(zerolog.NewTestWriter(t)),
		Apps: func(c *config.Config) (*app.Catalogue, error) {
			base, _, err := app.OpenBase(c.Catalogue, nil)
			if err != nil {
				return nil, err
			}
			apps, _, err := base.LoadWithin(app.Room{}, c.AppsDir, c.DomainsDir)
			return apps, err
		},
		Open: func(*config.Interface, *config.Capture, func(string)) ([]core.Source, error) {
			return []core.Source{src}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	done, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- e.Run(done) }()
	end = sync.OnceValue(func() error { close(done); return <-ended })
	t.Cleanup(func() { _ = end() })
	return e, end
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// get is the packet of a client that asks a web server, from one port each.
func get(n int) []byte {
	tcp := syn(nil, uint16(20000+n), 8080, 1)
	tcp[13] = 0x18 // ACK, PSH
	tcp = append(tcp, request...)
	return ipv4(nil, 6, 0xc0a80107, 0xc6336401, tcp)
}

func dialStream(t *testing.T, e *Engine) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", e.cfg.Listeners[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// The end waits for all clients together no longer than it says, also for one
// that reads all the time but slowly, and for a stop of the capture alone; no
// shard is held meanwhile. A client that reads is told all.
func TestEndWaitsOnceForAll(t *testing.T) {
	const flows = 6000 // 4 MB of lines at the end
	src := newHeap()
	e, end := running(t, src, func(c *config.Config) { c.MaxFlows = flows + 64; c.ClientQueueKB = 128 })
	purges := make(chan int)
	fast := dialStream(t, e)
	go func() {
		n, r := 0, bufio.NewScanner(fast)
		r.Buffer(nil, 1<<20)
		for r.Scan() {
			n += strings.Count(r.Text(), `"type":"flow_purge"`)
		}
		purges <- n
	}()
	for range 2 {
		slow := dialStream(t, e)
		go func() { // 200 kB a second
			for {
				if _, err := io.CopyN(io.Discard, slow, 20<<10); err != nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
	}
	shard := e.shards[0]
	eventually(t, "clients", func() bool {
		shard.mu.Lock()
		defer shard.mu.Unlock()
		return e.fanout.Counters().Clients == 3 && len(shard.out.Poll()) == 0
	})
	for n := range flows {
		src.put(get(n))
	}
	eventually(t, "flows", func() bool {
		shard.mu.Lock()
		defer shard.mu.Unlock()
		return shard.table.Len() == flows
	})

	held := make(chan time.Duration)
	stop := make(chan struct{})
	go func() {
		longest := time.Duration(0)
		for {
			select {
			case <-stop:
				held <- longest
				return
			case <-time.After(time.Millisecond):
			}
			from := time.Now()
			shard.mu.Lock()
			longest = max(longest, time.Since(from))
			shard.mu.Unlock()
		}
	}()
	from := time.Now()
	if err := end(); err != nil {
		t.Error(err)
	}
	if took := time.Since(from); took > goodbye+3*time.Second {
		t.Errorf("the end took %v", took)
	}
	close(stop)
	if d := <-held; d > goodbye/2 {
		t.Errorf("the shard was held for %v", d)
	}
	if n := <-purges; n < flows/2 {
		t.Errorf("a client that reads was told of the end of %d of %d flows", n, flows)
	}
}

// Commands after the end, and those that come often, harm nothing.
func TestCommands(t *testing.T) {
	e, end := running(t, newHeap(), func(c *config.Config) { c.UpdateInterval = time.Second })
	newest := func() (at int64) {
		e.status.mu.Lock()
		defer e.status.mu.Unlock()
		return e.status.last.Timestamp
	}
	first := newest()
	eventually(t, "an agent_status between commands", func() bool {
		return e.Do(func() {}) && newest() > first+2
	})
	if err := end(); err != nil {
		t.Error(err)
	}
	if e.Do(func() { t.Error("done after the end") }) {
		t.Error("Do says that it did something after the end")
	}
}

// The tables that greet clients are made once for a dialect and a catalogue.
func TestGreetingTablesAreMadeOnce(t *testing.T) {
	var x tables
	one, two := app.Default(), new(app.Catalogue)
	a, b := x.of(event.V3, event.Classic, one), x.of(event.V3, event.Classic, one)
	if &a[0] != &b[0] {
		t.Error("made twice")
	}
	if c := x.of(event.V4, event.Classic, one); fmt.Sprint(len(c)) == fmt.Sprint(len(a)) {
		t.Error("two dialects have one table")
	}
	if c := x.of(event.V3, event.Classic, two); len(c) >= len(a) {
		t.Error("the tables of another catalogue")
	}
	if c := x.of(event.V5, event.NoTables, one); len(c) != 0 {
		t.Errorf("%d bytes of no tables", len(c))
	}
}

// Small readers have room for a thousand names, and a line of a few ten thousand bytes.
func TestClassicTablesAreSmall(t *testing.T) {
	var x tables
	full, classic := x.of(event.V3, event.Full, app.Default()), x.of(event.V3, event.Classic, app.Default())
	if n := strings.Count(string(classic), `"id":`); n >= 1024 || len(classic) > 32<<10 || n < 199 {
		t.Errorf("%d names in %d bytes", n, len(classic))
	}
	for _, want := range []string{`{"id":133,"tag":"133.netify.netflix"}`, `{"id":196,"tag":"HTTPS"}`} {
		if !strings.Contains(string(classic), want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(string(classic), "netify.telegram") || !strings.Contains(string(full), `{"id":10185,"tag":"10185.netify.telegram"}`) {
		t.Error("the wrong applications")
	}
}
