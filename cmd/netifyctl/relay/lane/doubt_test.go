package lane

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

var errFault = errors.New("500 Internal Server Error")

// breaksAt is a server that breaks at a row.
func breaksAt(row string) func(int, *output.Batch) error {
	return func(_ int, b *output.Batch) error {
		for _, l := range b.Lines {
			if string(l) == row {
				return &output.Fault{Err: errFault}
			}
		}
		return nil
	}
}

// runUntil runs a lane, which is given something from time to time, until it has come so far.
func runUntil(t *testing.T, l *Lane, feed func(), far func(s Stats) bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	for end := time.Now().Add(20 * time.Second); !far(l.Stats()); time.Sleep(time.Millisecond) {
		if feed(); time.Now().After(end) {
			t.Fatalf("it does not come so far: %+v", l.Stats())
		}
	}
	cancel()
	<-done
}

func nothing() {}

// One row that the server breaks at is given up; every other row arrives.
func TestOneRowBreaksTheServer(t *testing.T) {
	for _, disk := range []string{"", t.TempDir()} {
		p := &place{answer: breaksAt("flow 0123")}
		o := Options{BatchRows: 50, Flush: time.Millisecond, Retry: time.Millisecond}
		if disk != "" {
			o.Buffer, o.Disk, o.BatchSize = 2048, disk, 1000
		}
		l, _ := open(t, o, p)
		var said []string
		l.Log = func(format string, _ ...any) { said = append(said, format) }
		fill(l, flows, 0, 300)
		fill(l, alerts, 0, 3)
		n := 300 // others of the kind come from time to time
		runUntil(t, l, func() { fill(l, flows, n, n+1); n++ }, func(s Stats) bool { return s.Refused > 0 })
		slices.Sort(p.rows)
		s := l.Stats()
		if len(p.rows) != n+3-1 || len(slices.Compact(p.rows)) != n+3-1 || slices.Contains(p.rows, "flow 0123") || s.Refused != 1 || s.Lost != 1 || s.Waiting+s.OnDisk != 0 {
			t.Errorf("%d rows of %d: %+v", len(p.rows), n, s)
		}
		if s.Failures > 30 {
			t.Errorf("%d attempts in vain", s.Failures)
		}
		if !slices.ContainsFunc(said, func(f string) bool { return strings.Contains(f, "1 row of %s is dropped") }) {
			t.Errorf("nobody was told: %q", said)
		}
		balance(t, l)
	}
}

// A row alone that the server breaks at does not hold up others, and goes once others of its kind were taken.
func TestOneRowAlone(t *testing.T) {
	p := &place{answer: breaksAt("alert 0000")}
	l, _ := open(t, Options{BatchRows: 1, Retry: time.Millisecond}, p)
	fill(l, alerts, 0, 1)
	n := 0
	runUntil(t, l, func() { fill(l, flows, n, n+1); n++ }, func(s Stats) bool { return s.Sent >= 40 })
	s := l.Stats()
	if s.Refused != 0 || s.Sent+s.Overflow != uint64(n)+1 || s.Overflow > 1 { // the alert, when the lane ends
		t.Errorf("flows alone say nothing of alerts: %+v", s)
	}
	l, _ = open(t, Options{BatchRows: 1, Retry: time.Millisecond}, p)
	fill(l, alerts, 0, 1)
	n = 1
	runUntil(t, l, func() { fill(l, alerts, n, n+1); n++ }, func(s Stats) bool { return s.Refused > 0 })
	if s := l.Stats(); s.Refused != 1 || s.Lost != 1 || s.Sent != uint64(n)-1 {
		t.Errorf("%+v", s)
	}
	balance(t, l)
}

// A server that is broken takes nothing: nothing is given up, however long it lasts.
func TestABrokenServerLosesNothing(t *testing.T) {
	p := &place{answer: func(try int, b *output.Batch) error {
		if b.Kind == "flow" && try < 60 { // alerts go elsewhere
			return &output.Fault{Err: errFault}
		}
		return nil
	}}
	l, _ := open(t, Options{BatchRows: 10, Retry: time.Millisecond}, p)
	fill(l, flows, 0, 100)
	fill(l, alerts, 0, 100)
	runUntil(t, l, nothing, func(s Stats) bool { return s.Sent+s.Lost >= 200 })
	if s := l.Stats(); s.Sent != 200 || s.Lost != 0 {
		t.Errorf("%+v", s)
	}
	balance(t, l)
}

// What goes a line a request: the lines before the one that breaks are not sent again.
func TestLinesBeforeAFaultAreSettled(t *testing.T) {
	sent, at := map[string]int{}, map[uint64]int{}
	p := &place{answer: func(_ int, b *output.Batch) error {
		for ; at[b.Seq] < len(b.Lines); at[b.Seq]++ { // as the output does, which goes on where it was
			l := string(b.Lines[at[b.Seq]])
			if l == "flow 0004" {
				return &output.Fault{Err: errFault, Settled: at[b.Seq]}
			}
			sent[l]++
		}
		delete(at, b.Seq)
		return nil
	}}
	l, _ := open(t, Options{BatchRows: 10, Retry: time.Millisecond}, p)
	n := 0
	runUntil(t, l, func() { fill(l, flows, n, n+1); n++ }, func(s Stats) bool { return s.Refused > 0 })
	if s := l.Stats(); s.Sent != uint64(n)-1 || s.Lost != 1 || s.Refused != 1 {
		t.Errorf("%+v", s)
	}
	for row, times := range sent {
		if times != 1 {
			t.Errorf("%s came %d times", row, times)
		}
	}
	balance(t, l)
}

// A file that the disk does not give at the moment stays, and is read later; one that is
// gone is lost at once.
func TestAPassingErrorOfTheDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := openSpool(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b := &batch{table: flows}
		b.add([]byte("a row"))
		if _, err := s.put(b); err != nil {
			t.Fatal(err)
		}
	}
	first := filepath.Join(dir, s.list[0].name())
	if err := errors.Join(os.Rename(first, first+".away"), os.Mkdir(first, 0o700)); err != nil { // read(2) of a directory: EISDIR, for anybody
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, s.list[1].name())); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	b, file, broken, later, err := s.oldest(now)
	if b == nil || file != s.list[1].name() || len(broken) != 1 || broken[0].number != 2 || err == nil || !later.Equal(now.Add(time.Second)) {
		t.Fatalf("%v %q %v %v %v", b, file, broken, later, err)
	}
	s.remove(file)
	if b, _, broken, later, _ := s.oldest(now); b != nil || broken != nil || later.IsZero() {
		t.Errorf("before it is time: %v %v", b, broken)
	}
	if err := errors.Join(os.Remove(first), os.Rename(first+".away", first)); err != nil {
		t.Fatal(err)
	}
	if b, _, broken, _, err := s.oldest(now.Add(time.Second)); b == nil || broken != nil || err != nil {
		t.Errorf("when it can be read again: %v %v %v", b, broken, err)
	}
	if err := errors.Join(os.Rename(first, first+".away"), os.Mkdir(first, 0o700)); err != nil {
		t.Fatal(err)
	}
	s.list[0].tries, s.list[0].again = 0, time.Time{}
	n := 0
	for at := now; len(s.list) > 0; n++ {
		_, _, _, later, _ := s.oldest(at)
		at = later
		if n > 100 {
			t.Fatal("it is read for ever")
		}
	}
	if n != readTries+1 {
		t.Errorf("given up after %d readings", n)
	}
}

// A relay that ends while the server has a fault asks once more, and does not hammer.
func TestTheEndDoesNotHammer(t *testing.T) {
	p := &place{answer: func(int, *output.Batch) error { return &output.Fault{Err: errFault} }}
	l, err := New(Options{}, p, who)
	if err != nil {
		t.Fatal(err)
	}
	l.grace = 50 * time.Millisecond
	fill(l, flows, 0, 1)
	runOut(l)
	if p.tries != 1 {
		t.Errorf("%d attempts", p.tries)
	}
	balance(t, l)
}
