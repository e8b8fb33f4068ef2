// Package example runs a small fleet on this machine: certificates, two brokers,
// a store, agents that see replayed captures, their relays, and the pipes between
// broker and store. It breaks each of them in turn, and compares what the store
// says with what each agent says, to the byte.
package example

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"netifyd/fleet/peer"
	"netifyd/fleet/pipe"
	"netifyd/fleet/queries"
	"netifyd/fleet/schema"
	"netifyd/fleet/store"
)

// Options of a run.
type Options struct {
	Root   string        // of the source tree: the agent is built from there
	Outage time.Duration // how long brokers and store stay away
	Faults bool          // break things
	Keep   func(ctx context.Context, s *store.Store) error
}

// Fleet is what runs.
type Fleet struct {
	o       Options
	dir     string
	ca      *peer.CA
	click   *peer.ClickHouse
	mosq    *peer.Mosquitto
	nats    *peer.NATS
	store   *store.Store
	routers []*Router
	pipes   []func()
	files   []string
	start   time.Time
}

// UUIDs of the routers: the first sends to the store itself, the second through
// mosquitto, the third through NATS. The fourth has a clock that is wrong.
var uuids = []string{"DI-RE-CT-01", "MO-SQ-UI-02", "NA-TS-JS-03", "FU-TU-RE-04"}

// Run does all of it, and stops all that it started.
func Run(ctx context.Context, o Options) (err error) {
	f := &Fleet{o: o, start: time.Now()}
	if f.dir, err = os.MkdirTemp("", "netifyd-fleet-"); err != nil {
		return err
	}
	defer func() {
		f.stop()
		if ctx.Err() != nil && o.Keep == nil {
			err = errors.New("interrupted")
		}
		if err == nil || ctx.Err() != nil {
			_ = os.RemoveAll(f.dir)
		} else {
			f.say("files and logs are left in %s", f.dir)
		}
	}()
	if err := f.up(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	steps := []step{{"three routers, three ways to the store", func(context.Context) error { return f.feed(f.routers...) }}}
	if o.Faults {
		steps = append(steps, f.faults()...)
	}
	for _, s := range steps {
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := f.compare(ctx, s.name); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if o.Keep != nil {
		if err := queries.CloseDays(ctx, f.store); err != nil {
			return err
		}
		return o.Keep(ctx, f.store)
	}
	return nil
}

// step is one thing that happens, after which the sums are to be equal.
type step struct {
	name string
	do   func(ctx context.Context) error
}

func (f *Fleet) say(format string, arguments ...any) {
	fmt.Printf("%5.0fs  %s\n", time.Since(f.start).Seconds(), fmt.Sprintf(format, arguments...))
}

// up starts everything.
func (f *Fleet) up(ctx context.Context) (err error) {
	for _, name := range []string{"netifyd", "netifyctl"} {
		c := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(f.dir, name), "./cmd/"+name)
		c.Dir, c.Env = f.o.Root, append(os.Environ(), "CGO_ENABLED=0")
		c.Cancel, c.WaitDelay = func() error { return c.Process.Signal(os.Interrupt) }, 10*time.Second // it ends its compilers
		if text, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("go build ./cmd/%s: %w\n%s", name, err, text)
		}
	}
	f.say("agent and relay are built")
	if f.files, err = filepath.Glob(filepath.Join(f.o.Root, "testdata", "*.pcap")); err != nil || len(f.files) < 10 {
		return errors.Join(err, fmt.Errorf("%s/testdata has no captures", f.o.Root))
	}
	if f.ca, err = peer.NewCA(filepath.Join(f.dir, "ca")); err != nil {
		return err
	}
	for _, name := range append(slices.Clone(uuids), peer.Collector, "rogue") {
		if err := f.ca.Client(name); err != nil {
			return err
		}
	}
	if f.click, err = peer.StartClickHouse(filepath.Join(f.dir, "clickhouse")); err != nil {
		return err
	}
	f.store = f.click.Store("netifyd")
	if _, err := schema.Migrate(ctx, f.store); err != nil {
		return err
	}
	f.say("ClickHouse runs, its tables are made")
	if f.mosq, err = peer.StartMosquitto(filepath.Join(f.dir, "mosquitto"), f.ca); err != nil {
		return err
	}
	if f.nats, err = peer.StartNATS(filepath.Join(f.dir, "nats"), f.ca, append(slices.Clone(uuids), "rogue")); err != nil {
		return err
	}
	if err := f.nats.Wake(f.ca); err != nil {
		return err
	}
	for _, from := range []string{f.mosq.URL(), f.nats.URL()} {
		if err := f.pipe(from); err != nil {
			return err
		}
	}
	f.say("mosquitto and nats-server run, with a pipe into the store each")
	for i, uuid := range uuids {
		r := &Router{UUID: uuid, Dir: filepath.Join(f.dir, uuid), programs: f.dir}
		if i == 3 {
			r.Skew = 365 * 24 * time.Hour
		}
		f.routers = append(f.routers, r)
		if err := r.StartAgent(); err != nil {
			return err
		}
		if err := r.StartRelay(f.output(i)); err != nil {
			return err
		}
	}
	f.say("%d agents and relays run", len(f.routers))
	return nil
}

// output is how a router's relay reaches the store.
func (f *Fleet) output(i int) string {
	broker := func(url, version string) string {
		return fmt.Sprintf("type = \"mqtt\"\nurl = %q\nversion = %q\nserver_name = \"localhost\"\nca = \"%[3]s/ca.crt\"\ncert = \"%[3]s/%[4]s.crt\"\nkey = \"%[3]s/%[4]s.key\"\n", url, version, f.ca.Dir, uuids[i])
	}
	switch i {
	case 1:
		return broker(f.mosq.URL(), "5")
	case 2:
		return broker(f.nats.MQTT(), "3.1.1")
	}
	return "type = \"http\"\nformat = \"rows\"\nrows = \"objects\"\nurl = \"" + f.door() + "\"\n"
}

// door is where a relay inserts rows itself.
func (f *Fleet) door() string {
	return f.store.URL + "/?database=netifyd&input_format_skip_unknown_fields=1&query=INSERT+INTO+${kind}_in+FORMAT+JSONEachRow"
}

// pipe runs one beside, and waits until the broker keeps messages for it.
func (f *Fleet) pipe(from string) error {
	config, err := f.ca.TLS(peer.Collector)
	if err != nil {
		return err
	}
	ready := make(chan struct{}, 64)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- pipe.Run(ctx, pipe.Settings{From: from, TLS: config, Store: f.store, Period: 100 * time.Millisecond, LogLevel: "off", Ready: func() { ready <- struct{}{} }})
	}()
	f.pipes = append(f.pipes, func() { cancel(); <-done })
	select {
	case <-ready:
		return nil
	case err := <-done:
		done <- err
		return fmt.Errorf("pipe from %s: %w", from, err)
	case <-time.After(30 * time.Second):
		return fmt.Errorf("pipe from %s: the broker does not answer", from)
	}
}

// feed lets routers see some captures, others for each.
func (f *Fleet) feed(routers ...*Router) error {
	for i, r := range routers {
		n := len(f.files) / 4
		if err := r.Feed(f.files[i%4*n : (i%4+1)*n]...); err != nil {
			return err
		}
	}
	return nil
}

// compare waits until the store says what each agent says, and prints both.
func (f *Fleet) compare(ctx context.Context, name string) error {
	f.say("%s", name)
	for _, r := range f.routers[:3] {
		var said, kept map[string]bytes
		// Flows that are under way are counted within a second or two. A relay
		// that failed for long looks again after as long, and half of it more.
		err := until(ctx, 90*time.Second+2*f.o.Outage, func() (err error) {
			if said, err = r.Usage(); err != nil {
				return err
			}
			if kept, err = f.kept(ctx, r.UUID); err != nil {
				return err
			}
			return differ(said, kept)
		})
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, r.UUID, err)
		}
		var sum bytes
		for _, b := range said {
			sum.down, sum.up = sum.down+b.down, sum.up+b.up
		}
		f.say("  %s  %4d rows, %9d bytes down, %9d up: equal", r.UUID, len(said), sum.down, sum.up)
	}
	return nil
}

// kept is what the store has of an agent, as Usage has it.
func (f *Fleet) kept(ctx context.Context, uuid string) (map[string]bytes, error) {
	_, rows, err := f.store.Rows(ctx, "SELECT toUnixTimestamp(start) AS hour, label, sum(down) AS down, sum(up) AS up FROM usage FINAL WHERE scope = 'internet' AND agent = '"+uuid+"' GROUP BY hour, label")
	if err != nil {
		return nil, err
	}
	all := map[string]bytes{}
	for _, row := range rows {
		var b bytes
		_, err := fmt.Sscan(fmt.Sprint(row["down"], " ", row["up"]), &b.down, &b.up)
		if err != nil {
			return nil, err
		}
		all[fmt.Sprint(row["hour"], " ", row["label"])] = b
	}
	return all, nil
}

func differ(said, kept map[string]bytes) error {
	var wrong []string
	for key, b := range said {
		if kept[key] != b {
			wrong = append(wrong, fmt.Sprintf("%s: the agent says %d, the store %d", key, b, kept[key]))
		}
	}
	for key, b := range kept {
		if _, ok := said[key]; !ok && b != (bytes{}) {
			wrong = append(wrong, fmt.Sprintf("%s: only the store has %d", key, b))
		}
	}
	switch {
	case len(said) == 0:
		return errors.New("the agent says nothing")
	case len(wrong) > 0:
		slices.Sort(wrong)
		return fmt.Errorf("%d of %d differ: %s", len(wrong), len(said), strings.Join(wrong[:min(3, len(wrong))], "; "))
	}
	return nil
}

func (f *Fleet) stop() {
	for _, r := range f.routers {
		r.Stop()
	}
	for _, end := range f.pipes {
		end()
	}
	if f.nats != nil {
		f.nats.Stop()
	}
	if f.mosq != nil {
		f.mosq.Stop()
	}
	if f.click != nil {
		f.click.Kill()
	}
	f.say("all that was started has ended")
}
