// Package sim plays many routers without capture: each makes rows of usage, and
// hands them to the store through the batches, the queue and the HTTP or MQTT of
// the real relay. So what is measured is what a fleet runs.
package sim

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/http"
	"netifyd/cmd/netifyctl/relay/output/mqtt"
	"netifyd/fleet/peer"
	"netifyd/fleet/schema"
	"netifyd/fleet/store"
)

// Options of a run.
type Options struct {
	Way     string // http, mosquitto or nats
	Routers int
	Hours   int           // of simulated time
	Hour    time.Duration // how long such an hour lasts: 1 min is 60 times faster
	Spread  time.Duration // closed hours are sent within so long
	Outage  time.Duration // after half of the hours, what is between routers and store stays away so long; all come back at once
	Program string        // of this program: the pipe runs as a process of its own
}

// Result is a line of the table.
type Result struct {
	Rows, Down     uint64
	Took, Recovery time.Duration // Recovery: from the end of the outage to the last row that waited
	Relay, Broker  time.Duration // CPU
	Pipe, Store    time.Duration
	Disk, Wire     float64 // bytes a row, stored, and sent (gzip)
	Resident       uint64  // of all relays together, bytes
}

// fleet is what runs.
type fleet struct {
	o     Options
	dir   string
	click *peer.ClickHouse
	mosq  *peer.Mosquitto
	nats  *peer.NATS
	ca    *peer.CA
	pipe  *exec.Cmd
	store *store.Store

	down, rows, ended atomic.Uint64 // bytes and rows that were made; routers that made all of theirs
}

// router is one relay: it pulls the hours that are due.
type router struct {
	f     *fleet
	h     *household
	begin time.Time // of the simulated time
	from  time.Time // of the real time
	shift time.Duration
	next  int // hour
	text  []*output.Batch
}

// Next gives what is due: closed hours, in batches of at most 500 rows.
func (r *router) Next(_ context.Context, now time.Time) (*output.Batch, func(bool), time.Duration) {
	if len(r.text) == 0 {
		due := r.from.Add(time.Duration(r.next+1)*r.f.o.Hour + r.shift)
		if r.next == r.f.o.Hours {
			return nil, nil, time.Hour
		}
		if wait := due.Sub(now); wait > 0 {
			return nil, nil, wait
		}
		rows, down := r.h.hour(r.begin.Add(time.Duration(r.next) * time.Hour))
		if r.next++; r.next == r.f.o.Hours {
			r.f.ended.Add(1)
		}
		r.f.down.Add(down)
		r.f.rows.Add(uint64(len(rows)))
		for len(rows) > 0 {
			n := min(500, len(rows))
			b := &output.Batch{Kind: "usage", Columns: columns, Lines: rows[:n]}
			if r.f.o.Way == "http" {
				b.Columns, b.Lines = nil, objects(rows[:n])
			}
			r.text, rows = append(r.text, b), rows[n:]
		}
	}
	return r.text[0], func(taken bool) {
		if taken {
			r.text = r.text[1:]
		}
	}, 0
}

// objects makes objects of arrays.
func objects(rows [][]byte) [][]byte {
	all := make([][]byte, len(rows))
	for i, row := range rows {
		cells := bytes.Split(row[1:len(row)-1], []byte{','}) // no text here holds a comma
		b := []byte{'{'}
		for j, c := range cells {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(append(append(append(b, '"'), columns[j]...), '"', ':'), c...)
		}
		all[i] = append(b, '}')
	}
	return all
}

// Run simulates, and compares the sum of the store with that of the routers.
func Run(ctx context.Context, o Options) (res Result, err error) {
	f := &fleet{o: o}
	if f.dir, err = os.MkdirTemp("", "netifyd-sim-"); err != nil {
		return res, err
	}
	defer os.RemoveAll(f.dir)
	defer f.stop()
	if err := f.up(ctx); err != nil {
		return res, err
	}
	running, end := context.WithCancel(ctx)
	defer end()
	var lanes []*lane.Lane
	var wait sync.WaitGroup
	from := time.Now()
	self, broker, pipeCPU, click := usage(), f.broker(), processCPU(f.pipe), f.click.CPU()
	for i := range o.Routers {
		out, err := f.output(i)
		if err != nil {
			return res, err
		}
		uuid := name(i)
		l, err := lane.New(lane.Options{Name: uuid}, out, func() lane.Identity { return lane.Identity{Agent: uuid, Epoch: 1} })
		if err != nil {
			return res, err
		}
		l.Log = func(string, ...any) {}
		// Hours of the last days, in which the store believes.
		l.Pull = &router{f: f, h: newHousehold(uint64(i)), begin: time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(o.Hours) * time.Hour), from: from,
			shift: time.Duration(float64(o.Spread) * float64(i) / float64(o.Routers))}
		lanes = append(lanes, l)
		wait.Go(func() { l.Run(running) })
	}
	var back time.Time
	if o.Outage > 0 {
		rest(ctx, time.Duration(o.Hours/2)*o.Hour)
		f.away()
		rest(ctx, o.Outage)
		if err := f.back(); err != nil {
			return res, err
		}
		back = time.Now()
		if res.Recovery, err = f.drained(ctx, lanes, back); err != nil {
			return res, err
		}
	}
	rest(ctx, time.Until(from.Add(time.Duration(o.Hours)*o.Hour+o.Spread)))
	for end := time.Now().Add(5 * time.Minute); ; rest(ctx, 50*time.Millisecond) {
		kept, err := f.kept(ctx)
		if err == nil && int(f.ended.Load()) == o.Routers && kept == f.down.Load() {
			break
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return res, fmt.Errorf("the store has %d bytes, the routers used %d (%v)", kept, f.down.Load(), err)
		}
	}
	res.Took, res.Rows, res.Down = time.Since(from), f.rows.Load(), f.down.Load()
	res.Relay, res.Broker, res.Pipe, res.Store = usage()-self, f.broker()-broker, processCPU(f.pipe)-pipeCPU, f.click.CPU()-click
	res.Resident = peer.ResidentOf(os.Getpid())
	res.Wire = wire(o.Way)
	res.Disk, err = f.disk(ctx)
	end()
	wait.Wait()
	return res, err
}

// drained waits until every lane that failed works again.
func (f *fleet) drained(ctx context.Context, lanes []*lane.Lane, back time.Time) (time.Duration, error) {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; rest(ctx, 20*time.Millisecond) {
		waiting := 0
		for _, l := range lanes {
			if s := l.Stats(); !s.Connected && s.Failures > 0 {
				waiting++
			}
		}
		if waiting == 0 {
			return time.Since(back), nil
		}
	}
	return 0, errors.New("relays do not come back within 10 minutes")
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func name(i int) string { return fmt.Sprintf("%02d-%02d-%02d-%02d", 0, i/10000, i/100%100, i%100) }

// up starts the servers of the way.
func (f *fleet) up(ctx context.Context) (err error) {
	if f.ca, err = peer.NewCA(filepath.Join(f.dir, "ca")); err != nil {
		return err
	}
	if f.click, err = peer.StartClickHouse(filepath.Join(f.dir, "clickhouse")); err != nil {
		return err
	}
	f.store = f.click.Store("netifyd")
	if _, err := schema.Migrate(ctx, f.store); err != nil {
		return err
	}
	if f.o.Way == "http" {
		return nil
	}
	// One certificate for all: what is measured is connections, not the making of keys.
	if err := f.ca.Client(peer.Collector); err != nil {
		return err
	}
	from := ""
	switch f.o.Way {
	case "mosquitto":
		if f.mosq, err = peer.StartMosquittoOpen(filepath.Join(f.dir, "mosquitto"), f.ca); err != nil {
			return err
		}
		from = f.mosq.URL()
	case "nats":
		if f.nats, err = peer.StartNATS(filepath.Join(f.dir, "nats"), f.ca, nil); err != nil {
			return err
		}
		if err := f.nats.Wake(f.ca); err != nil {
			return err
		}
		from = f.nats.URL()
	default:
		return fmt.Errorf("%q is no way: http, mosquitto or nats", f.o.Way)
	}
	f.pipe = exec.Command(f.o.Program, "pipe", "--from", from, "--store", f.store.URL, "--ca", f.ca.Dir+"/ca.crt", "--cert", f.ca.Dir+"/"+peer.Collector+".crt", "--key", f.ca.Dir+"/"+peer.Collector+".key", "--ready", filepath.Join(f.dir, "ready"))
	f.pipe.Stderr = os.Stderr
	if err := f.pipe.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(30 * time.Second); ; rest(ctx, 20*time.Millisecond) {
		if _, err := os.Stat(filepath.Join(f.dir, "ready")); err == nil {
			return nil
		}
		if time.Now().After(end) {
			return errors.New("the pipe does not begin")
		}
	}
}

// output makes the output of a relay out of the lines of its configuration.
func (f *fleet) output(i int) (output.Output, error) {
	text := "[[relay.output]]\nname = \"fleet\"\nkinds = [\"usage\"]\n"
	secure := fmt.Sprintf("server_name = \"localhost\"\nca = \"%[1]s/ca.crt\"\ncert = \"%[1]s/%[2]s.crt\"\nkey = \"%[1]s/%[2]s.key\"\n", f.ca.Dir, peer.Collector)
	switch f.o.Way {
	case "http":
		text += "type = \"http\"\nformat = \"rows\"\nrows = \"objects\"\nurl = \"" + f.store.URL + "/?database=netifyd&input_format_skip_unknown_fields=1&query=INSERT+INTO+${kind}_in+FORMAT+JSONEachRow\"\n"
	case "mosquitto":
		text += "type = \"mqtt\"\nversion = \"5\"\nurl = \"" + f.mosq.URL() + "\"\n" + secure
	case "nats":
		text += "type = \"mqtt\"\nversion = \"3.1.1\"\nurl = \"" + f.nats.MQTT() + "\"\n" + secure
	}
	c, err := config.Parse("simulated", []byte(text), map[string]output.Open{"http": http.Open, "mqtt": mqtt.Open})
	if err != nil {
		return nil, err
	}
	return c.Outputs[0].Out, nil
}

// away ends what is between routers and store: the broker, or the store itself.
func (f *fleet) away() {
	switch {
	case f.mosq != nil:
		f.mosq.Kill()
	case f.nats != nil:
		f.nats.Kill()
	default:
		f.click.Kill()
	}
}

func (f *fleet) back() error {
	switch {
	case f.mosq != nil:
		return f.mosq.Again()
	case f.nats != nil:
		return f.nats.Again()
	}
	return f.click.Again()
}

func (f *fleet) kept(ctx context.Context) (n uint64, err error) {
	text, err := f.store.Exec(ctx, "SELECT sum(down) FROM usage FINAL")
	if err == nil {
		_, err = fmt.Sscan(text, &n)
	}
	return n, err
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

func (f *fleet) stop() {
	if f.pipe != nil && f.pipe.Process != nil {
		_ = f.pipe.Process.Signal(syscall.SIGTERM)
		_ = f.pipe.Wait()
	}
	if f.mosq != nil {
		f.mosq.Kill()
	}
	if f.nats != nil {
		f.nats.Kill()
	}
	if f.click != nil {
		f.click.Kill()
	}
}

func (f *fleet) broker() time.Duration {
	switch {
	case f.mosq != nil:
		return f.mosq.CPU()
	case f.nats != nil:
		return f.nats.CPU()
	}
	return 0
}

func processCPU(c *exec.Cmd) time.Duration {
	if c == nil {
		return 0
	}
	return peer.CPUOf(c.Process.Pid)
}

func usage() time.Duration { return peer.CPUOf(os.Getpid()) }
