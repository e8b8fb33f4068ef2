package console

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/gdamore/tcell/v2/terminfo"
	_ "github.com/gdamore/tcell/v2/terminfo/base"
)

// serial is a terminal at the other end of a line, which may be slow.
type serial struct {
	mu      sync.Mutex
	n       int // bytes written
	writes  int
	text    strings.Builder
	slow    chan struct{} // not nil: each write waits for it
	stopped chan struct{}
}

func (s *serial) Start() error        { return nil }
func (s *serial) Stop() error         { return nil }
func (s *serial) Drain() error        { close(s.stopped); return nil }
func (s *serial) NotifyResize(func()) {}
func (s *serial) WindowSize() (tcell.WindowSize, error) {
	return tcell.WindowSize{Width: 80, Height: 24}, nil
}
func (s *serial) Read([]byte) (int, error) { <-s.stopped; return 0, nil }
func (s *serial) Close() error             { return nil }
func (s *serial) Write(b []byte) (int, error) {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	if slow != nil {
		<-slow
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n, s.writes = s.n+len(b), s.writes+1
	s.text.Write(b)
	return len(b), nil
}

// since is how many bytes were written since it was called last.
func (s *serial) since() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.n
	s.n = 0
	s.text.Reset()
	return n
}

func onSerial(t *testing.T) (*serial, tcell.Screen) {
	t.Helper()
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("COLORTERM", "")
	info, err := terminfo.LookupTerminfo("xterm-256color")
	if err != nil {
		t.Fatal(err)
	}
	s := &serial{stopped: make(chan struct{})}
	to, err := tcell.NewTerminfoScreenFromTtyTerminfo(s, info)
	if err == nil {
		err = to.Init()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(to.Fini)
	return s, to
}

// A frame in which every row has other numbers is at most 2 KB, one in which
// nothing changed is nothing.
func TestBytesOfFrame(t *testing.T) {
	s, to := onSerial(t)
	h := newHouse(t)
	many := h.List
	for i := range 24 { // a full screen
		r := many[i%len(many)]
		r.First += int64(i+5) * 1e9
		h.List = append(h.List, r)
	}
	d := atHouse(t, h, 80, 24)
	for _, keys := range []string{"3", "1", "4", "6"} {
		d.keys(keys)
		d.screen.draw(to, styles(true))
		first := s.since()
		most := 0
		for step := range 10 {
			for i := range h.List {
				h.List[i].Rate = [2]uint32{uint32(5000 + 777*i*(step+1)), uint32(3_000_000 - 91_000*i + 12_345*step)}
				h.List[i].TotalBytes += uint64(1_000_000 * (i + 1))
			}
			d.now = d.now.Add(2 * time.Second)
			d.refresh()
			d.screen.draw(to, styles(true))
			most = max(most, s.since())
		}
		d.screen.draw(to, styles(true))
		again := s.since()
		t.Logf("list %s: %d bytes at first, %d at the most then, %d where nothing changed", keys, first, most, again)
		if most > 2048 {
			t.Errorf("list %s: a frame of %d bytes", keys, most)
		}
		if again > 64 {
			t.Errorf("list %s: %d bytes for nothing", keys, again)
		}
	}
}

// While a slow line takes a frame, answers and keys go on; what was drawn over
// meanwhile is never written.
func TestSlowLine(t *testing.T) {
	s, to := onSerial(t)
	h := newHouse(t)
	d := atHouse(t, h, 80, 24)
	d.screen.draw(to, styles(true))
	s.since()
	s.mu.Lock()
	s.slow = make(chan struct{})
	s.mu.Unlock()
	done := make(chan error, 1)
	a := &asker{dial: d.asker.dial, clock: d.clock}
	d.interval = 10 * time.Millisecond
	go func() { done <- d.live(to, a) }()
	for range 50 {
		_ = to.PostEvent(tcell.NewEventKey(tcell.KeyRune, '2', 0))
		_ = to.PostEvent(tcell.NewEventKey(tcell.KeyRune, '3', 0))
	}
	_ = to.PostEvent(tcell.NewEventKey(tcell.KeyRune, '6', 0))
	_ = to.PostEvent(tcell.NewEventKey(tcell.KeyRune, '?', 0))
	_ = to.PostEvent(tcell.NewEventKey(tcell.KeyRune, '?', 0))
	_ = to.PostEvent(tcell.NewEventKey(tcell.KeyRune, 'q', 0))
	close(s.slow)
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(deadline):
		t.Fatal("it does not end")
	}
	if n := s.since(); n > 20_000 {
		t.Errorf("%d bytes were written for 104 keys that came at once", n)
	}
}

// NO_COLOR means none: nothing but bold, dim and reverse.
func TestNoColour(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	s, to := onSerial(t)
	h := newHouse(t)
	d := atHouse(t, h, 80, 24)
	d.keys("5")
	d.screen.draw(to, styles(to.Colors() >= 8))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, code := range []string{"\x1b[3", "\x1b[4", "\x1b[9"} {
		for rest := s.text.String(); ; {
			at := strings.Index(rest, code)
			if at < 0 {
				break
			}
			rest = rest[at+len(code):]
			if end := strings.IndexAny(rest, "mhlHJKrt"); end >= 0 && rest[end] == 'm' && !strings.HasPrefix(rest, "m") {
				t.Errorf("a colour: %q", code+rest[:end+1])
			}
		}
	}
}
