package lane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// place is an output that answers as a test says, and keeps what it took.
type place struct {
	mu     sync.Mutex
	answer func(attempt int, b *output.Batch) error
	tries  int
	rows   []string
	kinds  []string
	lost   uint64
	seqs   []uint64
	got    chan int // rows so far
}

func (p *place) Send(_ context.Context, b *output.Batch) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries++
	if p.answer != nil {
		if err := p.answer(p.tries, b); err != nil {
			return err
		}
	}
	for _, l := range b.Lines {
		p.rows = append(p.rows, string(l))
	}
	p.kinds, p.seqs, p.lost = append(p.kinds, b.Kind), append(p.seqs, b.Seq), p.lost+b.Lost
	if p.got != nil {
		p.got <- len(p.rows)
	}
	return nil
}

func (p *place) Close() error { return nil }

var (
	flows  = &Table{Kind: "flow"}
	alerts = &Table{Kind: "alert", Class: Keep}
)

func who() Identity { return Identity{Agent: "a", Epoch: 7} }

// open makes a lane that rests for no time; waits are what it would have waited.
func open(t *testing.T, o Options, p *place) (l *Lane, waits *[]time.Duration) {
	l, err := New(o, p, who)
	if err != nil {
		t.Fatal(err)
	}
	waits = new([]time.Duration)
	l.rest = func(_ context.Context, d time.Duration) { *waits = append(*waits, d) }
	return l, waits
}

// runOut runs a lane until it has nothing left.
func runOut(l *Lane) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.Run(ctx)
}

func balance(t *testing.T, l *Lane) {
	t.Helper()
	s := l.Stats()
	if s.Offered != s.Sent-s.Pulled+s.Lost+uint64(s.Waiting+s.OnDisk) || s.Lost != s.Overflow+s.Refused+s.TooLarge {
		t.Errorf("it does not add up: %+v", s)
	}
}

func fill(l *Lane, t *Table, from, to int) {
	for i := from; i < to; i++ {
		l.Offer(t, fmt.Appendf(nil, "%s %04d", t.Kind, i))
	}
}

func TestBatches(t *testing.T) {
	p := &place{}
	l, _ := open(t, Options{BatchRows: 10}, p)
	fill(l, flows, 0, 25)
	fill(l, alerts, 0, 1)
	runOut(l)
	if len(p.rows) != 26 || p.rows[24] != "flow 0024" || !slices.Equal(p.kinds, []string{"flow", "flow", "flow", "alert"}) || !slices.Equal(p.seqs, []uint64{0, 1, 2, 0}) {
		t.Errorf("%d rows %q %v", len(p.rows), p.kinds, p.seqs)
	}
	balance(t, l)
}

func TestFlush(t *testing.T) {
	p := &place{got: make(chan int)}
	l, _ := open(t, Options{Flush: time.Millisecond}, p)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	for i := 1; i < 4; i++ {
		fill(l, flows, i, i+1)
		if n := <-p.got; n != i {
			t.Errorf("%d rows after %d", n, i)
		}
	}
	cancel()
	<-done
}

// Flows go first, alerts last, and what is lost is told with the next batch.
func TestOverflow(t *testing.T) {
	p := &place{}
	l, _ := open(t, Options{Buffer: 4096, BatchRows: 10}, p)
	fill(l, alerts, 0, 10)
	fill(l, flows, 0, 1000)
	s := l.Stats()
	if s.Bytes > 4096+1024 || s.Overflow == 0 {
		t.Errorf("%+v", s)
	}
	balance(t, l)
	runOut(l)
	s = l.Stats()
	if p.rows[0] != "alert 0000" || p.rows[len(p.rows)-1] != "flow 0999" || p.lost != s.Lost || int(s.Lost)+len(p.rows) != 1010 {
		t.Errorf("%q … %q, %d rows, %d told as lost: %+v", p.rows[0], p.rows[len(p.rows)-1], len(p.rows), p.lost, s)
	}
	balance(t, l)
}

func TestAnswers(t *testing.T) {
	only := func(n int, err error) func(int, *output.Batch) error {
		return func(try int, _ *output.Batch) error {
			if try <= n {
				return err
			}
			return nil
		}
	}
	for _, c := range []struct {
		name        string
		answer      func(int, *output.Batch) error
		tries, rows int
		least, most time.Duration // of the first wait
		lost        uint64
		told        uint64
	}{
		{"well", nil, 2, 20, 0, 0, 0, 0},
		{"twice away", only(2, errors.New("refused")), 4, 20, 500 * time.Millisecond, 1500 * time.Millisecond, 0, 0},
		{"later", only(1, &output.Later{After: 42 * time.Second}), 3, 20, 42 * time.Second, 42 * time.Second, 0, 0},
		{"later, but when", only(1, &output.Later{}), 3, 20, 500 * time.Millisecond, 1500 * time.Millisecond, 0, 0},
		{"far too late", only(1, &output.Later{After: 1000 * time.Hour}), 3, 20, time.Hour, time.Hour, 0, 0},
		{"who are you", only(1, &output.Unauthorized{Err: errors.New("401")}), 3, 20, 15 * time.Minute, 15 * time.Minute, 0, 0},
		{"refused", only(1, &output.Refused{Words: "no"}), 2, 10, 0, 0, 10, 10},
		{"partly refused", only(1, &output.Refused{Words: "no", Rows: 3}), 2, 10, 0, 0, 3, 3},
		{"too large", func(_ int, b *output.Batch) error {
			if len(b.Lines) > 5 {
				return output.ErrTooLarge
			}
			return nil
		}, 6, 20, 0, 0, 0, 0},
		{"one is too large", func(_ int, b *output.Batch) error {
			if string(b.Lines[0]) == "flow 0003" || len(b.Lines) > 1 && string(b.Lines[0]) <= "flow 0003" {
				return output.ErrTooLarge
			}
			return nil
		}, -1, 19, 0, 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &place{answer: c.answer, got: make(chan int, 100)}
			l, waits := open(t, Options{BatchRows: 10}, p)
			fill(l, flows, 0, 20)
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { l.Run(ctx); close(done) }()
			for n := 0; n < c.rows; n = <-p.got {
			}
			cancel()
			<-done
			if c.tries >= 0 && p.tries != c.tries || len(p.rows) != c.rows || l.Stats().Lost != c.lost || p.lost != c.told {
				t.Errorf("%d tries, %d rows, %d told as lost: %+v", p.tries, len(p.rows), p.lost, l.Stats())
			}
			if c.most == 0 && len(*waits) > 0 || c.most > 0 && ((*waits)[0] < c.least || (*waits)[0] > c.most) {
				t.Errorf("waits %v", *waits)
			}
			balance(t, l)
		})
	}
}

// A batch has its number and its losses when it is tried again.
func TestSameAgain(t *testing.T) {
	var tries [][2]uint64
	p := &place{}
	l, _ := open(t, Options{Buffer: 2000, BatchRows: 10}, p)
	p.answer = func(n int, b *output.Batch) error {
		tries = append(tries, [2]uint64{b.Seq, b.Lost})
		if n == 1 {
			fill(l, flows, 100, 400) // more is lost meanwhile
			return errors.New("away")
		}
		return nil
	}
	fill(l, flows, 0, 10)
	ctx, cancel := context.WithCancel(context.Background())
	p.got = make(chan int, 1000)
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	<-p.got
	cancel()
	<-done
	if tries[0] != tries[1] || tries[2][1] == 0 {
		t.Errorf("%v", tries)
	}
	balance(t, l)
}

func TestDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	away := func(int, *output.Batch) error { return errors.New("away") }
	o := Options{Buffer: 4096, BatchRows: 10, Disk: dir}
	p := &place{answer: away}
	l, _ := open(t, o, p)
	fill(l, flows, 0, 1000)
	s := l.Stats()
	if s.Lost > 0 || s.OnDisk == 0 || s.Bytes > 5000 {
		t.Errorf("%+v", s)
	}
	// What is in memory goes to disk too when the relay stops.
	l.out = &place{answer: func(int, *output.Batch) error { return errors.New("away") }}
	ctx, cancel := context.WithCancel(context.Background())
	l.rest = func(context.Context, time.Duration) { cancel() }
	stopped(l, ctx)
	if s = l.Stats(); s.OnDisk != 1000 || s.Lost > 0 {
		t.Errorf("%+v", s)
	}
	balance(t, l)

	// A broken file is passed over and counted; the rest comes in order.
	files, _ := filepath.Glob(dir + "/*.zst")
	if err := os.Truncate(files[1], 20); err != nil {
		t.Fatal(err)
	}
	p = &place{}
	l, _ = open(t, o, p)
	runOut(l)
	s = l.Stats()
	if len(p.rows) != 990 || !slices.IsSorted(p.rows) || s.Overflow != 10 || p.lost != 10 || s.Recovered != 1000 {
		t.Errorf("%d rows, sorted %v, %+v", len(p.rows), slices.IsSorted(p.rows), s)
	}
	balance(t, l)
	if files, _ = filepath.Glob(dir + "/*"); len(files) > 0 {
		t.Errorf("%v is left", files)
	}
}

// stopped runs a lane whose ctx ends in its first rest, with no grace.
func stopped(l *Lane, ctx context.Context) {
	rests := 0
	inner := l.rest
	l.rest = func(c context.Context, d time.Duration) {
		if rests++; rests == 1 {
			inner(c, d)
			return
		}
		rest(c, d)
	}
	l.grace = time.Millisecond
	l.Run(ctx)
}

func TestDiskIsFull(t *testing.T) {
	p := &place{}
	l, _ := open(t, Options{Buffer: 2048, BatchRows: 10, Disk: t.TempDir(), DiskSize: 3000}, p)
	fill(l, alerts, 0, 10)
	fill(l, flows, 0, 2000)
	s := l.Stats()
	if s.DiskSize > 3000 || s.Overflow == 0 {
		t.Errorf("%+v", s)
	}
	balance(t, l)
	runOut(l)
	if p.rows[0] != "alert 0000" || p.rows[len(p.rows)-1] != "flow 1999" || p.lost != l.Stats().Lost {
		t.Errorf("%q, %d told, %+v", p.rows[0], p.lost, l.Stats())
	}
	balance(t, l)
}

func TestLostBefore(t *testing.T) {
	p := &place{}
	l, _ := open(t, Options{}, p)
	l.Lose(flows, 5)
	fill(l, flows, 0, 1)
	runOut(l)
	if s := l.Stats(); p.lost != 5 || s.Before != 5 || s.Lost != 0 {
		t.Errorf("%d, %+v", p.lost, s)
	}
}

// pulled is asked until it is acknowledged.
type pulled struct{ acked, refused int }

func (p *pulled) Next(context.Context, time.Time) (*output.Batch, func(bool), time.Duration) {
	if p.acked == 3 {
		return nil, nil, time.Hour
	}
	return &output.Batch{Kind: "usage", Lines: [][]byte{[]byte("u")}}, func(taken bool) {
		if taken {
			p.acked++
		} else {
			p.refused++
		}
	}, 0
}

func TestPull(t *testing.T) {
	p := &place{answer: func(n int, _ *output.Batch) error {
		switch n {
		case 2:
			return errors.New("away")
		case 3:
			return &output.Refused{Words: "no"}
		}
		return nil
	}, got: make(chan int, 10)}
	l, _ := open(t, Options{BatchRows: 1}, p)
	u := &pulled{}
	l.Pull = u
	fill(l, flows, 0, 1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	for n := 0; n < 4; n = <-p.got {
	}
	cancel()
	<-done
	if u.acked != 3 || u.refused != 1 || l.Stats().Lost != 0 || !slices.Equal(p.kinds, []string{"usage", "usage", "usage", "flow"}) || !slices.Equal(p.seqs, []uint64{0, 2, 3, 0}) {
		t.Errorf("%d acknowledged, %q %v", u.acked, p.kinds, p.seqs)
	}
	balance(t, l)
}

func TestRows(t *testing.T) {
	p := &place{}
	l, _ := open(t, Options{}, p)
	r := NewRows("n", "s", "b", "l")
	r.To(l, "flow", Bulk, false)
	r.To(l, "flow", Bulk, true)
	r.Row(uint64(1<<63), "a\"\u00e9\x01", true, []string{"x"})
	runOut(l)
	want := []string{`[9223372036854775808,"a\"é\u0001",true,["x"]]`, `{"n":9223372036854775808,"s":"a\"é\u0001","b":true,"l":["x"]}`}
	if !slices.Equal(p.rows, want) {
		t.Errorf("%q", p.rows)
	}
}

// TestDiskOutlivesAPowerCut looks at what is asked of the disk: each file, and the
// directory behind them, once a second and not for each batch; and all at the end.
func TestDiskOutlivesAPowerCut(t *testing.T) {
	p := &place{answer: func(int, *output.Batch) error { return errors.New("away") }}
	dir := t.TempDir()
	l, _ := open(t, Options{Buffer: 2 << 10, BatchSize: 1 << 10, Disk: dir, Flush: time.Hour}, p)
	var mu sync.Mutex
	var synced []string
	twice := make(chan struct{}, 1)
	l.spool.sync = func(path string) error {
		mu.Lock()
		defer mu.Unlock()
		synced = append(synced, filepath.Base(path))
		if path == dir && slices.Index(synced, filepath.Base(dir)) < len(synced)-1 {
			select {
			case twice <- struct{}{}:
			default:
			}
		}
		return syncPath(path)
	}
	for i := range 30 {
		fill(l, flows, 100*i, 100*i+100)
	}
	onDisk := func() (names []string) {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	before := onDisk()
	if len(before) < 5 || len(synced) > 0 {
		t.Fatalf("%d files, %q", len(before), synced)
	}
	l.saveNow()
	if want := append(before, filepath.Base(dir)); !slices.Equal(synced, want) {
		t.Errorf("%q\nwant %q", synced, want)
	}
	if l.saveNow(); len(synced) != len(before)+1 {
		t.Errorf("nothing is new, but %q is synced", synced[len(before)+1:])
	}
	fill(l, flows, 0, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	l.rest = rest
	go func() { l.Run(ctx); close(done) }()
	select {
	case <-twice:
	case <-time.After(20 * time.Second):
		t.Error("nothing is saved while the lane runs")
	}
	l.grace = 0
	cancel()
	<-done
	for _, name := range onDisk() {
		if !slices.Contains(synced, name) {
			t.Errorf("%s was not saved at the end", name)
		}
	}
	balance(t, l)
}

// BenchmarkDisk tells what it costs to make a batch of 64 KiB safe on this disk:
//
//	TMPDIR=/where go test ./cmd/netifyctl/relay/lane -run none -bench Disk
func BenchmarkDisk(b *testing.B) {
	for _, safe := range []bool{false, true} {
		b.Run(fmt.Sprintf("sync=%t", safe), func(b *testing.B) {
			s, err := openSpool(b.TempDir(), 1<<30)
			if err != nil {
				b.Fatal(err)
			}
			x := &batch{table: flows}
			for i := range 64 {
				x.add(fmt.Appendf(nil, "%1024d", i))
			}
			for b.Loop() {
				if _, err := s.put(x); err != nil {
					b.Fatal(err)
				}
				if names := s.pending(); safe {
					if err := s.save(names); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// living is a place that keeps a connection.
type living struct {
	place
	why atomic.Pointer[error]
}

func (p *living) Alive() error {
	if err := p.why.Load(); err != nil {
		return *err
	}
	return nil
}

func TestStatsKnowOfTheConnection(t *testing.T) {
	p := &living{}
	l, err := New(Options{}, p, who)
	if err != nil {
		t.Fatal(err)
	}
	fill(l, flows, 0, 3)
	runOut(l)
	if s := l.Stats(); !s.Connected || s.LastError != "" {
		t.Errorf("%+v", s)
	}
	gone := errors.New("the broker went away")
	p.why.Store(&gone)
	if s := l.Stats(); s.Connected || s.LastError != gone.Error() {
		t.Errorf("%+v", s)
	}
	p.why.Store(nil)
	if s := l.Stats(); !s.Connected || s.LastError != "" {
		t.Errorf("%+v", s)
	}
}

// A lane takes over what another has left, in its order, and counts on.
func TestInherit(t *testing.T) {
	for _, disk := range []string{"", "d", "other"} {
		dir := t.TempDir()
		options := Options{Buffer: 1 << 10, BatchSize: 256, Flush: time.Hour, Disk: filepath.Join(dir, "d"), DiskSize: 1 << 20}
		away := &place{answer: func(int, *output.Batch) error { return errors.New("away") }}
		old, err := New(options, away, who)
		if err != nil {
			t.Fatal(err)
		}
		resting := make(chan struct{})
		old.rest = func(ctx context.Context, _ time.Duration) { close(resting); <-ctx.Done() }
		fill(old, flows, 0, 300)
		old.Lose(flows, 7)
		done := make(chan struct{})
		go func() { old.Run(t.Context()); close(done) }()
		<-resting // the server is away, and the lane waits before it tries again
		old.Leave()
		<-done
		balance(t, old)
		options.Buffer = 8 << 10
		if options.Disk = filepath.Join(dir, disk); disk == "" {
			options.Disk = ""
		}
		p := &place{}
		heir, err := New(options, p, who)
		if err != nil {
			t.Fatal(err)
		}
		left := old.Stats()
		if left.OnDisk == 0 || left.Waiting == 0 {
			t.Fatalf("%+v", left)
		}
		heir.Inherit(old)
		balance(t, heir)
		fill(heir, flows, 300, 310)
		runOut(heir)
		balance(t, heir)
		want := 310
		if disk != "d" {
			want -= left.OnDisk // they lie there until their directory is set again
		}
		if s := heir.Stats(); len(p.rows) != want || p.lost != 7 || s.Lost != 0 || !slices.IsSorted(p.rows) || p.rows[want-1] != "flow 0309" {
			t.Errorf("disk %q: %d rows, want %d; %d lost; %+v", disk, len(p.rows), want, p.lost, s)
		}
	}
}

// Who leaves lets the batch that is on its way come to its end: cut off, it would
// come twice.
func TestLeaveWaitsForWhatIsOnItsWay(t *testing.T) {
	asked, free := make(chan struct{}), make(chan struct{})
	p := &place{answer: func(int, *output.Batch) error { close(asked); <-free; return nil }}
	l, _ := open(t, Options{BatchRows: 10}, p)
	fill(l, flows, 0, 25)
	done := make(chan struct{})
	go func() { l.Run(t.Context()); close(done) }()
	<-asked
	l.Leave()
	close(free)
	<-done
	if s := l.Stats(); s.Sent != 10 || s.Waiting != 15 || p.tries != 1 {
		t.Errorf("%+v", s)
	}
	balance(t, l)
}
