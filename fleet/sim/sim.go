// Package sim plays many routers without capture: each makes rows of usage, and
// hands them to the store through the batches, the queue and the HTTP or MQTT of
// the real relay. So what is measured is what a fleet runs.
//
// What counts is time of processors and rows, which a busy machine does not
// change much. Every wait has a bound, and says what it waited for.
package sim

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/fleet/peer"
	"netifyd/fleet/store"
)

// Options of a run.
type Options struct {
	Way     string // http, mosquitto or nats
	Routers int
	Hours   int           // of rows for each router: all but the last are sent at the start, the last when an hour is over
	Hour    time.Duration // how long an hour lasts: 1 min is 60 times faster
	Spread  time.Duration // routers send within so long
	Outage  time.Duration // what is between routers and store is away so long when the last hour ends; all come back at once
	Most    time.Duration // after the servers' start: the run ends then, whatever it has done
	Memory  uint64        // bytes that all processes together may take
	Program string        // of this program: the pipe runs as a process of its own
}

// Cost is time of processors.
type Cost struct{ Relay, Broker, Pipe, Store time.Duration }

// Result is a line of the table.
type Result struct {
	Options
	Rows, Stored uint64
	Recovery     time.Duration // of the real time, from the end of the outage until the last relay worked
	Cost         Cost
	Disk, Wire   float64 // bytes a row, stored, and sent (HTTP: gzip)
	Resident     uint64  // of all relays together, bytes
}

// fleet is what runs.
type fleet struct {
	o      Options
	dir    string
	ca     *peer.CA
	click  *peer.ClickHouse
	broker server // nil: none
	door   string // of the broker
	pipe   *exec.Cmd
	store  *store.Store
	lanes  []*lane.Lane
	began  time.Time

	down, rows, ended atomic.Uint64 // bytes and rows that were made; routers that made all of theirs
}

// Run simulates, and compares the sum of the store with that of the routers. A
// run that passed a bound gives what was measured until then, and says in its
// error how far it came.
func Run(ctx context.Context, o Options) (res Result, err error) {
	f := &fleet{o: o}
	res.Options, res.Wire = o, wire(o.Way)
	if f.dir, err = os.MkdirTemp("", "netifyd-sim-"); err != nil {
		return res, err
	}
	defer os.RemoveAll(f.dir)
	defer f.stop()
	if err := f.up(ctx); err != nil {
		return res, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Most)
	defer cancel()
	running, end := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	defer wait.Wait()
	defer end()
	before := f.cpu()
	defer func() {
		after := f.cpu()
		res.Resident = peer.ResidentOf(os.Getpid())
		res.Rows, res.Cost = f.rows.Load(), Cost{after.Relay - before.Relay, after.Broker - before.Broker, after.Pipe - before.Pipe, after.Store - before.Store}
	}()
	f.began = time.Now()
	for i := range o.Routers {
		l, err := f.lane(i)
		if err != nil {
			return res, err
		}
		f.lanes = append(f.lanes, l)
		wait.Go(func() { l.Run(running) })
	}
	if o.Outage > 0 {
		if res.Recovery, err = f.outage(ctx); err != nil {
			return res, err
		}
	}
	if err := f.await(ctx, "the broker or store to acknowledge all rows", func() bool {
		return int(f.ended.Load()) == o.Routers && f.acknowledged() == f.rows.Load()
	}); err != nil {
		return res, err
	}
	// Rows that came twice count twice here, until parts are merged. Each row is asked for only once the rest is there.
	if err := f.await(ctx, "the store to have all rows", func() bool {
		res.Stored = f.number(ctx, "SELECT count() FROM usage")
		return res.Stored >= f.rows.Load() && f.number(ctx, "SELECT sum(down) FROM usage FINAL") == f.down.Load()
	}); err != nil {
		return res, err
	}
	res.Disk, err = f.disk(ctx)
	return res, err
}

func (f *fleet) lane(i int) (*lane.Lane, error) {
	out, err := f.output()
	if err != nil {
		return nil, err
	}
	uuid := name(i)
	l, err := lane.New(lane.Options{Name: uuid}, out, func() lane.Identity { return lane.Identity{Agent: uuid, Epoch: 1} })
	if err != nil {
		return nil, err
	}
	l.Log = func(string, ...any) {}
	// Hours of the last days, in which the store believes.
	l.Pull = &router{f: f, h: newHousehold(uint64(i)), begin: time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(f.o.Hours) * time.Hour),
		shift: time.Duration(float64(f.o.Spread) * float64(i) / float64(f.o.Routers))}
	return l, nil
}

// outage takes what is between routers and store away when the last hour ends,
// and gives how long it took until all relays worked again.
func (f *fleet) outage(ctx context.Context) (time.Duration, error) {
	if err := f.await(ctx, "the hour before the outage to end", func() bool { return time.Since(f.began) >= f.o.Hour }); err != nil {
		return 0, err
	}
	s := f.between()
	s.Kill()
	rest(ctx, f.o.Outage)
	if err := s.Again(); err != nil {
		return 0, err
	}
	back := time.Now()
	err := f.await(ctx, "all relays to come back", func() bool { return f.waiting() == 0 })
	return time.Since(back), err
}

// waiting is how many relays failed the last time.
func (f *fleet) waiting() (n int) {
	for _, l := range f.lanes {
		if s := l.Stats(); !s.Connected && s.Failures > 0 {
			n++
		}
	}
	return n
}

func (f *fleet) acknowledged() (n uint64) {
	for _, l := range f.lanes {
		n += l.Stats().Pulled
	}
	return n
}

// ErrBound says that a run was ended by a bound, and not by a fault.
var ErrBound = errors.New("a bound is passed")

// await waits until something is done, or a bound is passed.
func (f *fleet) await(ctx context.Context, what string, done func() bool) error {
	for n := 0; ; n++ {
		if ctx.Err() == nil && done() {
			return nil
		}
		passed := ""
		if ctx.Err() != nil {
			passed = "ended: " + ctx.Err().Error()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				passed = fmt.Sprintf("the time of %v is over", f.o.Most)
			}
		} else if n%20 == 0 && f.o.Memory > 0 {
			if m := f.resident(); m > f.o.Memory {
				passed = fmt.Sprintf("%d MiB of memory are in use, more than %d", m>>20, f.o.Memory>>20)
			}
		}
		if passed != "" {
			return fmt.Errorf("%w: %s while waiting for %s: %d of %d routers have made their rows, %d rows of %d are acknowledged, %d relays wait after a failure%s", ErrBound, passed, what,
				f.ended.Load(), f.o.Routers, f.acknowledged(), f.rows.Load(), f.waiting(), f.complaint())
		}
		rest(ctx, 100*time.Millisecond)
	}
}

// complaint is what one of the relays says that wait.
func (f *fleet) complaint() string {
	for _, l := range f.lanes {
		if s := l.Stats(); s.LastError != "" {
			return ", one of them with: " + s.LastError
		}
	}
	return ""
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func name(i int) string { return fmt.Sprintf("%02d-%02d-%02d-%02d", 0, i/10000, i/100%100, i%100) }

// number is the store's answer, 0 where it gives none.
func (f *fleet) number(ctx context.Context, question string) (n uint64) {
	if text, err := f.store.Exec(ctx, question); err == nil {
		_, _ = fmt.Sscan(text, &n)
	}
	return n
}

// disk is bytes a row, when parts are merged.
func (f *fleet) disk(ctx context.Context) (n float64, err error) {
	if _, err := f.store.Exec(ctx, "OPTIMIZE TABLE usage FINAL"); err != nil {
		return 0, err
	}
	text, err := f.store.Exec(ctx, "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND table = 'usage'")
	if err == nil {
		_, err = fmt.Sscan(text, &n)
	}
	return n, err
}

// wire is bytes a row on the wire, with gzip where the way has it.
func wire(way string) float64 {
	rows, _ := newHousehold(1).hour(time.Unix(1700000000, 0))
	b := &output.Batch{Agent: name(1), Epoch: 1, Kind: "usage", Columns: columns, Lines: rows}
	if way != "http" {
		return float64(len(b.AppendRows(nil, false))) / float64(len(rows))
	}
	b.Columns, b.Lines = nil, objects(rows)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(b.AppendRows(nil, true))
	_ = w.Close()
	return float64(packed.Len()) / float64(len(rows))
}
