//go:build unix

package engine

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// tapped is a device without traffic.
type tapped struct {
	done    chan struct{}
	once    sync.Once
	absent  bool
	corrupt uint64
}

func newTapped() *tapped { return &tapped{done: make(chan struct{})} }

func (q *tapped) Next(b *core.Batch) error {
	b.Frames = nil
	b.Stamp()
	select {
	case <-q.done:
		return os.ErrClosed
	case <-time.After(time.Millisecond):
		return nil
	}
}
func (q *tapped) Counters() core.Counters { return core.Counters{Corrupt: q.corrupt} }
func (q *tapped) Close() error            { q.once.Do(func() { close(q.done) }); return nil }
func (q *tapped) Present() bool           { return !q.absent }

// live is an engine over interfaces: those without a file are quiet devices.
type live struct {
	*Engine
	t    *testing.T
	done chan struct{}
	end  chan error
}

func run(t *testing.T, ifaces ...config.Interface) *live {
	t.Helper()
	return runLogged(t, io.Discard, ifaces...)
}

func runLogged(t *testing.T, log io.Writer, ifaces ...config.Interface) *live {
	t.Helper()
	c := config.Default()
	c.MaxFlows = 64
	c.VolatileDir = t.TempDir()
	c.Listeners = []config.Listener{{Path: filepath.Join(c.VolatileDir, "s"), Dialect: "4"}}
	c.Interfaces = ifaces
	e, err := New(c, Options{Version: "t", NoConntrack: true, Log: zerolog.New(log),
		Apps: func(*config.Config) (*app.Catalogue, error) { return app.Default(), nil },
		Open: func(i *config.Interface, c *config.Capture, n func(string)) ([]core.Source, error) {
			q := newTapped()
			q.absent = i.Name == "absent0"
			if i.Name == "corrupt0" {
				q.corrupt = 3
			}
			return []core.Source{q}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	r := &live{e, t, make(chan struct{}), make(chan error, 1)}
	go func() { r.end <- e.Run(r.done) }()
	return r
}

// ended waits until Run returns.
func (r *live) ended() {
	r.t.Helper()
	select {
	case err := <-r.end:
		if err != nil {
			r.t.Error(err)
		}
	case <-time.After(30 * time.Second):
		r.t.Fatal("Run does not end")
	}
}

func (r *live) stop() { close(r.done); r.ended() }

// until waits for something that happens between two things that Run does.
func (r *live) until(what string, yes func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		var now bool
		r.Do(func() { now = yes() })
		if now {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatal("not seen: ", what)
		}
	}
}

// was says whether the file of interface n was read to its end.
func (r *live) was(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ifaces[n].read
}

func (r *live) opened(n int) (flows uint64) {
	for _, s := range r.byIface[n] {
		s.mu.Lock()
		flows += s.stats.Opened
		s.mu.Unlock()
	}
	return flows
}

const sample = "../../testdata/amqp.pcap"

func lan(name, file string) config.Interface {
	return config.Interface{Name: name, Role: config.LAN, File: file}
}

// pipe makes a named pipe; write sends bytes to it, and closes it.
func pipe(t *testing.T) (path string, write func([]byte) *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "f.pcap")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	return path, func(b []byte) *os.File {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return nil
		}
		if _, err := f.Write(b); err != nil {
			t.Error(err)
		}
		return f
	}
}

// TestFileBesideDevice: a file that was read to its end is closed and not read
// again, whatever stops and starts.
func TestFileBesideDevice(t *testing.T) {
	r := run(t, lan("live0", ""), lan("f0", sample))
	r.until("the end of the file", func() bool { return r.was(1) })
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, f := range fds {
		if to, _ := os.Readlink(f); filepath.Base(to) == filepath.Base(sample) {
			t.Error("still open: ", to)
		}
	}
	flows := r.opened(1)
	for range 3 {
		r.Do(r.Stop)
		r.Do(func() {
			if err := r.Start(); err != nil {
				t.Error(err)
			}
		})
	}
	r.stop()
	if flows == 0 || r.opened(1) != flows {
		t.Errorf("%d flows of the file, then %d", flows, r.opened(1))
	}
}

// TestFileTellsNoTime: the packets of a file beside a device are of another
// time; that is none of the hours, and no reason to doubt the clock.
func TestFileTellsNoTime(t *testing.T) {
	late := filepath.Join(t.TempDir(), "late.pcap")
	r := run(t, lan("live0", ""), lan("f1", late))
	r.until("the clock is believed", func() bool {
		r.usage.Devices.Lock()
		defer r.usage.Devices.Unlock()
		return len(r.usage.Samples(nil)) > 0 && r.usage.ClockSet()
	})
	copySample(t, late)
	r.Do(r.Retry)
	r.until("the end of the file", func() bool { return r.was(1) })
	if r.opened(1) == 0 {
		t.Error("no flow of the file")
	}
	r.usage.Devices.Lock()
	r.usage.Tick(time.Now().UnixNano()) // as the device's shard does
	if !r.usage.ClockSet() {
		t.Error("the clock is doubted")
	}
	r.usage.Devices.Unlock()
	records, _ := r.usage.Pending(nil)
	usage.Records(records, func(x *usage.Record) {
		t.Errorf("a record of %d s from %v on", x.Seconds, time.Unix(int64(x.Start), 0))
	})
	r.stop()
}

// copySample puts a capture file where none was.
func copySample(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(sample)
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestLateFile: a file that comes later is read after a reload, beside one that has ended.
func TestLateFile(t *testing.T) {
	late := filepath.Join(t.TempDir(), "late.pcap")
	r := run(t, lan("live0", ""), lan("f0", sample), lan("f1", late))
	r.until("the end of the file", func() bool { return r.was(1) })
	copySample(t, late)
	r.Do(r.Retry)
	r.until("the end of the late file", func() bool { return r.was(2) })
	r.stop()
	if r.opened(2) == 0 {
		t.Error("no flow of the late file")
	}
}

// TestStopAndStartMidway: a file that is stopped in its middle goes on where it
// was, and its end ends the agent.
func TestStopAndStartMidway(t *testing.T) {
	b, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	path, write := pipe(t)
	r := run(t, lan("f0", path))
	half := len(b) / 2
	f := write(b[:half])
	r.until("the first packets", func() bool { return r.opened(0) > 0 })
	r.Do(r.Stop)
	r.Do(func() {
		if s := r.ifaces[0].state; s != event.Offline {
			t.Error("state ", s)
		}
		if err := r.Start(); err != nil {
			t.Error(err)
		}
	})
	if _, err := f.Write(b[half:]); err != nil {
		t.Error(err)
	}
	f.Close()
	r.ended()
	whole := run(t, lan("f0", sample))
	whole.ended()
	if got, want := r.ifaces[0].counters().Received, whole.ifaces[0].counters().Received; got != want || want == 0 {
		t.Errorf("%d packets, without a stop %d", got, want)
	}
}

// TestQuietPipe: the end does not wait for a pipe, neither for who opens it nor for who writes.
func TestQuietPipe(t *testing.T) {
	path, _ := pipe(t)
	run(t, lan("f0", path)).stop()
	path, write := pipe(t)
	r := run(t, lan("f0", path))
	defer write(nil).Close()
	r.stop()
}

// TestFilesApart: the end of a file ends its own flows, also where another file has the same role.
func TestFilesApart(t *testing.T) {
	b, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	path, write := pipe(t)
	r := run(t, lan("live0", ""), lan("f0", path), lan("f1", sample))
	defer write(b[:len(b)/2]).Close()
	r.until("packets of the pipe", func() bool { return r.opened(1) > 0 })
	r.until("the end of the file", func() bool { return r.was(2) })
	s := r.byIface[1][0]
	s.mu.Lock()
	if s.stats.Ended != 0 || s.table.Len() == 0 || s == r.byIface[0][0] || s == r.byIface[2][0] {
		t.Errorf("%d flows of the pipe ended, %d live", s.stats.Ended, s.table.Len())
	}
	s.mu.Unlock()
	r.stop()
}

// TestPresenceIsTold: a device that is not there is offline, and does not count as captured.
func TestPresenceIsTold(t *testing.T) {
	r := run(t, lan("live0", ""), lan("absent0", ""))
	if text := r.Captures(); text != "1 of 2" {
		t.Error(text)
	}
	r.until("both states", func() bool {
		i := r.status.last.Interfaces
		return len(i) == 2 && i[0].State != i[1].State && (i[0].State == event.Online) == (i[0].Name == "live0")
	})
	r.stop()
}

// TestCorruptIsTold: blocks of a ring that cannot be read are told once, with their number.
func TestCorruptIsTold(t *testing.T) {
	var log bytes.Buffer // read once the engine has ended
	r := runLogged(t, &log, lan("corrupt0", ""))
	r.stop()
	if text := log.String(); strings.Count(text, "could not be read") != 1 || !strings.Contains(text, `"blocks":3`) {
		t.Error(text)
	}
}

// TestChangeRefreshesAddresses: what happens to an interface is told, and its addresses are read at once.
func TestChangeRefreshesAddresses(t *testing.T) {
	r := run(t, lan("lo", ""))
	before := r.ifaces[0].addresses.Load()
	r.changed <- struct{}{}
	r.until("new addresses", func() bool { return r.ifaces[0].addresses.Load() != before })
	r.stop()
}

// TestReloadForgetsApplications: what was remembered is of the old catalogue, whose applications are others.
func TestReloadForgetsApplications(t *testing.T) {
	r := run(t, lan("live0", ""))
	s := r.byIface[0][0]
	old := r.apps
	w := &r.kin.ring[0]
	w.app, w.until = old.Host([]byte("www.netflix.com")), 1<<62
	s.mu.Lock()
	s.memo.host(old, []byte("www.netflix.com"))
	s.mu.Unlock()
	if err := r.Reload(config.Default()); err != nil {
		t.Error(err)
	}
	s.mu.Lock()
	if w.app != nil || s.memo.apps != nil {
		t.Error("applications of the old catalogue are kept")
	}
	s.mu.Unlock()
	r.stop()
}

func TestTooManyInterfaces(t *testing.T) {
	c := config.Default()
	c.Interfaces = make([]config.Interface, config.MaxInterfaces+1)
	if _, err := New(c, Options{}); err == nil || err.Error() != "256 interfaces: use at most 255" {
		t.Error(err)
	}
}

// TestPlanCountsRings: each shard of a device has a ring, a file has none and one table.
func TestPlanCountsRings(t *testing.T) {
	c := config.Default()
	c.Capture.Shards = 3
	c.Interfaces = []config.Interface{lan("a0", ""), lan("b0", ""), lan("f0", sample)}
	c.Interfaces[0].Group, c.Interfaces[1].Group, c.Interfaces[2].Group = "lan", "lan", "lan"
	if rings, tables := ringCount(c, 3), shardCount(c, 3); rings != 6 || tables != 4 {
		t.Errorf("%d rings and %d tables", rings, tables)
	}
}
