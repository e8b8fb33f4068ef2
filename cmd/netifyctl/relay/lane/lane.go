// Package lane queues the rows of one output: it joins them to batches, keeps
// these in bounded memory and disk space while the receiver is away, and sends
// one after the other.
//
// Rows that were offered = rows acknowledged + rows lost + rows that wait.
package lane

import (
	"context"
	"sync"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Class says what goes first when there is no room.
type Class uint8

const (
	Bulk Class = iota // rows of flows, events, sums: the oldest go first
	Keep              // alerts, devices, status: they go when no Bulk is left
)

// Options of a lane. Zeros are the values in brackets.
type Options struct {
	Name      string
	Buffer    int           // bytes of rows that wait in memory (4 MiB)
	BatchSize int           // bytes of rows in a batch at most (64 KiB)
	BatchRows int           // and rows (500)
	Flush     time.Duration // a batch is sent after so long, even if it is not full (60 s)
	Retry     time.Duration // before the second attempt; then twice as long each time, to 5 minutes (1 s)
	Disk      string        // directory for what memory has no room for; empty: none
	DiskSize  int64         // bytes of its files (16 MiB)
}

func (o *Options) fill() {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&o.Buffer, 4<<20)
	set(&o.BatchSize, 64<<10)
	set(&o.BatchRows, 500)
	if o.Flush == 0 {
		o.Flush = time.Minute
	}
	if o.Retry == 0 {
		o.Retry = time.Second
	}
	if o.DiskSize == 0 {
		o.DiskSize = 16 << 20
	}
	o.BatchSize = min(o.BatchSize, o.Buffer/2)
}

// Table is a kind of rows.
type Table struct {
	Kind    string
	Columns []string // of rows that are arrays; none: they are objects, or lines as they came
	Class   Class
	Retain  bool // the newest is kept by the other side, if it can
	AtOnce  bool // each row is a batch of its own and does not wait for others
}

// Lane is the way to one output. Offer may be called by any goroutine, Run by one.
type Lane struct {
	o   Options
	out output.Output
	who func() Identity

	Pull Puller                                // what is asked for when it is due, in place of being offered; may be nil
	Told func(kind string) bool                // rows of other kinds are not wanted now, and let go uncounted; nil: all are
	Log  func(format string, arguments ...any) // rare: what a person should know; may be nil

	mu    sync.Mutex
	open  []*batch // one for each table that has rows
	queue queue
	spool *spool
	free  []*batch // used ones
	lost  map[string]uint64
	taken map[string]uint64 // batches of a kind that were acknowledged
	stats Stats
	wake  chan struct{} // there is something to send
	rest  func(context.Context, time.Duration)
	grace time.Duration

	leaving context.Context // ends with Leave
	leave   func()
}

// Identity is what batches say of their sender.
type Identity struct {
	Agent, Site string
	Labels      []string
	Epoch       uint64
}

// New makes a lane. Its directory is made, and what lies there from before will
// be sent first.
func New(o Options, out output.Output, who func() Identity) (*Lane, error) {
	o.fill()
	l := &Lane{o: o, out: out, who: who, lost: map[string]uint64{}, taken: map[string]uint64{}, wake: make(chan struct{}, 1), Log: func(string, ...any) {}, rest: rest, grace: grace}
	l.leaving, l.leave = context.WithCancel(context.Background())
	if o.Disk != "" {
		var err error
		if l.spool, err = openSpool(o.Disk, o.DiskSize); err != nil {
			return nil, err
		}
		l.stats.Offered = l.spool.recovered
	}
	return l, nil
}

// Offer copies a row. It never waits: where there is no room, the oldest rows of
// flows go, and are counted.
func (l *Lane) Offer(t *Table, row []byte) {
	if l.Told != nil && !l.Told(t.Kind) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Offered++
	b := l.opened(t)
	if len(b.ends) > 0 && len(b.text)+len(row) > l.o.BatchSize {
		l.finish(b)
		b = l.opened(t)
	}
	b.add(row)
	if t.AtOnce || len(b.text) >= l.o.BatchSize || len(b.ends) >= l.o.BatchRows {
		l.finish(b)
	}
}

// opened gives the batch of a table that takes rows.
func (l *Lane) opened(t *Table) *batch {
	for _, b := range l.open {
		if b.table == t {
			return b
		}
	}
	var b *batch
	if n := len(l.free); n > 0 {
		b, l.free = l.free[n-1], l.free[:n-1]
	} else {
		b = &batch{}
	}
	b.table, b.began, b.suspect = t, time.Now(), nil
	b.text, b.ends = b.text[:0], b.ends[:0]
	l.open = append(l.open, b)
	return b
}

// finish takes a batch that has enough into the queue.
func (l *Lane) finish(b *batch) {
	for i := range l.open {
		if l.open[i] == b {
			l.open = append(l.open[:i], l.open[i+1:]...)
			break
		}
	}
	l.queue.push(b)
	l.shed()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// shed makes the queue as small as it may be: to disk, else away.
func (l *Lane) shed() {
	for l.queue.bytes > l.o.Buffer {
		if l.spool != nil {
			if err := l.spill(l.queue.oldest()); err == nil {
				continue
			}
		}
		b := l.queue.victim()
		if b == nil {
			return
		}
		l.lose(b.table.Kind, len(b.ends), &l.stats.Overflow)
		l.recycle(b)
	}
}

// spill moves a batch to disk.
func (l *Lane) spill(b *batch) error {
	gone, err := l.spool.put(b)
	for _, g := range gone {
		l.lose(g.kind, g.rows, &l.stats.Overflow)
	}
	if err != nil {
		l.stats.DiskError = err.Error()
		return err
	}
	l.stats.DiskError = ""
	l.queue.remove(b)
	l.recycle(b)
	return nil
}

// lose counts rows that nobody will get.
func (l *Lane) lose(kind string, rows int, cause *uint64) {
	l.lost[kind] += uint64(rows)
	*cause += uint64(rows)
	l.stats.Lost += uint64(rows)
}

// Lose counts rows of a table that were lost before they came here.
func (l *Lane) Lose(t *Table, rows uint64) {
	if l.Told != nil && !l.Told(t.Kind) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost[t.Kind] += rows
	l.stats.Before += rows
}

func (l *Lane) recycle(b *batch) {
	if len(l.free) < 4 && cap(b.text) <= 2*l.o.BatchSize {
		l.free = append(l.free, b)
	}
}

// flush finishes the batches that have waited long enough, and says when the
// next will have.
func (l *Lane) flush(now time.Time, all bool) time.Duration {
	next := l.o.Flush
	for i := 0; i < len(l.open); {
		b := l.open[i]
		if left := l.o.Flush - now.Sub(b.began); !all && left > 0 {
			next = min(next, left)
			i++
			continue
		}
		l.finish(b)
	}
	return next
}
