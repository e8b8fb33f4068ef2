// Package engine runs the corridor: it opens captures and listeners, gives
// each capture a goroutine that walks its packets, and reports the agent's status.
package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/config"
	"netifyd/core/conntrack"
	"netifyd/core/event"
	"netifyd/core/hint"
	"netifyd/core/query"
	"netifyd/core/sink"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// Options are what the program gives the engine.
type Options struct {
	Version string
	// Open opens the live captures of an interface, one for each shard. notice
	// is called with sentences for the log.
	Open func(i *config.Interface, c *config.Capture, notice func(string)) ([]core.Source, error)
	// Apps loads the catalogue, at the start and at each reload.
	Apps func(c *config.Config) (*app.Catalogue, error)
	// NoConntrack leaves the kernel's connection table alone.
	NoConntrack bool
	Log         zerolog.Logger
	// Check says what is wrong with the text of a configuration; may be nil.
	Check func(text string, apps *app.Catalogue) []query.Fault
	// Afford, if set, refuses a plan of so many bytes. It is asked at each reload.
	Afford func(plan int) error
	// Adopted, if set, is called with what a reload has changed, and with the new plan.
	Adopted func(c *config.Config, plan int)
	// GiveBack, if set, gives memory back that is not in use. It is called in
	// the time in which the collector would run by the clock.
	GiveBack func()
	// Restore, if set, is called when the volatile directory was removed by
	// somebody and is there again, empty.
	Restore func()
	// Patient waits for clients of capture files as long as they take, instead
	// of a moment for those that take nothing.
	Patient bool
	// Watch, if set, is given every flow and flow_purge line in dialect 4: for a person who looks on.
	Watch func(line []byte)
}

// Engine is a running agent.
type Engine struct {
	cfg     *config.Config
	opts    Options
	log     zerolog.Logger
	apps    *app.Catalogue
	ifaces  []*iface
	shards  []*Shard
	byIface [][]*Shard // shards of each interface
	hints   *hint.Table
	expect  *expectations
	kin     *kin
	tables  tables
	clock   clock

	sockets  []listening
	own      ownDoors
	nats     *nats // nil: not looked for
	natWatch *conntrack.Watcher
	clients  sink.Counters // as of the last agent_status
	usage    *usage.Table  // nil: not enabled
	keeper   keeper

	faces  faces
	rules  *action.Room
	pauses pauses
	fanout *sink.Fanout
	port   *sink.Port // of the goroutine that calls Run
	status statusKeeper

	patience time.Duration // with clients of capture files
	lossy    bool          // clients lost events in the last interval
	commands chan func()
	over     chan struct{} // closed when Run takes no more commands
	mu       sync.Mutex    // capturing and what readers start with
	readers  sync.WaitGroup
	running  bool
	drained  chan struct{} // a capture file has ended
	changed  chan struct{} // something happened to an interface
	failed   chan error
	stopping chan struct{} // closed when capture is to stop
}

// New makes the tables and opens the listeners. Nothing is captured yet.
func New(c *config.Config, o Options) (*Engine, error) {
	if len(c.Interfaces) == 0 {
		return nil, errors.New("no interface to capture: name one with -I (ours) or -E (the provider's), or in the configuration")
	}
	if n := len(c.Interfaces); n > config.MaxInterfaces {
		return nil, fmt.Errorf("%d interfaces: use at most %d", n, config.MaxInterfaces)
	}
	c.Resolve()
	apps, err := o.Apps(c)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		cfg: c, opts: o, log: o.Log, apps: apps, commands: make(chan func()), over: make(chan struct{}), drained: make(chan struct{}, 1), changed: make(chan struct{}, 1), failed: make(chan error, 1),
		expect: new(expectations), kin: new(kin),
		hints: hint.New(c.Hints, uint32(c.HintTTL.Seconds()), rand.Uint64()),
	}
	e.startUsage()
	e.patience = patience
	if o.Patient {
		e.patience = sink.Forever
	}
	e.status.start(e)
	e.fanout = sink.NewFanout(sink.Options{Clients: c.Clients, Queue: c.ClientQueueKB << 10, Timeout: c.ClientTimeout, Greet: e.greet, Compile: e.compile})
	e.port = e.fanout.Port()
	e.clock.start(e.jumped)
	e.layout()
	e.watchNAT()
	for i := range c.Listeners {
		if err := e.listen(&c.Listeners[i]); err != nil {
			e.fanout.Close(0)
			return nil, err
		}
	}
	e.own.look()
	for _, s := range e.shards {
		s.own = &e.own
	}
	if err := e.startRules(); err != nil {
		e.fanout.Close(0)
		return nil, err
	}
	e.openFaces()
	return e, nil
}

// layout makes an iface for each capture and the shards of each group.
func (e *Engine) layout() {
	c := e.cfg
	groups := map[string]int{}
	around := lookAround()
	for n := range c.Interfaces {
		i := &c.Interfaces[n]
		ifc := &iface{cfg: *i, index: n, label: event.Iface{Name: i.Name, Internal: i.Role == config.LAN}, group: uint8(n + 1)}
		for k := range c.Interfaces {
			if o := &c.Interfaces[k]; i.Role == config.LAN && o.Role == config.LAN && o.Name != i.Name && o.File == "" && i.File == "" {
				ifc.beside = append(ifc.beside, o.Name)
			}
		}
		ifc.wanOnly = i.Role == config.WAN && hasLAN(c)
		ifc.refresh(around)
		e.ifaces = append(e.ifaces, ifc)
	}
	lookForwards()
	set := newSettings(c, e.apps, e.ifaces)
	count := shardCount(c, len(e.ifaces))
	for n, ifc := range e.ifaces {
		g := ifc.cfg.Group
		if first, ok := groups[g]; ok && g != "" && ifc.cfg.File == "" {
			ifc.group = e.ifaces[first].group
			e.byIface = append(e.byIface, e.byIface[first])
			continue
		}
		shards := c.Capture.Shards
		if ifc.cfg.File != "" {
			shards = 1 // a file is a group of its own: it has its own clock, and its end is the end of its flows
		} else {
			groups[g] = n
		}
		var own []*Shard
		for range shards {
			var out sink.Outlet = e.fanout.Port()
			if e.opts.Watch != nil {
				out = &watcher{Outlet: out, watch: e.opts.Watch}
			}
			s := newShard(c, set, count, e.hints, rand.Uint64(), out)
			s.expect, s.kin, s.usage, s.probes = e.expect, e.kin, e.usage, e.keeper.probes
			if ifc.cfg.File == "" {
				e.connect(s)
				s.clock.of = &e.clock
			} else {
				s.out = &pacing{Outlet: out, e: e, s: s}
				s.timeless = slices.ContainsFunc(c.Interfaces, func(i config.Interface) bool { return i.File == "" })
			}
			own = append(own, s)
		}
		e.shards = append(e.shards, own...)
		e.byIface = append(e.byIface, own)
	}
}

// watcher shows flow lines to somebody who looks on, beside an outlet.
type watcher struct {
	sink.Outlet
	watch func(line []byte)
}

func (w *watcher) Dialects() event.Dialects { return w.Outlet.Dialects().With(event.V4) }

func (w *watcher) Offer(d event.Dialect, kind core.Kind, rank core.Rank, line []byte) bool {
	if d == event.V4 && (kind == core.KindFlow || kind == core.KindFlowPurge) {
		w.watch(line)
	}
	return w.Outlet.Offer(d, kind, rank, line)
}

// Run tells how the agent does each interval until done is closed, a capture
// that cannot go on ends, or every capture file has been read. Then it ends the
// flows, lets clients have what is queued, for two seconds at most all together,
// and returns.
func (e *Engine) Run(done <-chan struct{}) error {
	interval := e.cfg.UpdateInterval
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var err error
	e.rules.Start()
	given := time.Now()
	read := false // all there was to read
	e.tellStatus()
	house := time.NewTicker(keepEvery)
	defer house.Stop()
	for running := true; running; {
		select {
		case <-ticker.C:
			e.tellStatus()
		case now := <-house.C:
			e.keep(now, false)
			given = e.giveBack(given, now)
		case fn := <-e.commands:
			fn()
			if interval != e.cfg.UpdateInterval { // else commands that come often would keep it from ticking
				interval = e.cfg.UpdateInterval
				ticker.Reset(interval)
			}
		case <-done:
			running = false
		case <-e.changed:
			around := lookAround()
			for _, ifc := range e.ifaces {
				ifc.refresh(around) // one that comes back may have other addresses
			}
		case <-e.drained:
			read = e.done()
			running = !read
		case err = <-e.failed:
			running = false
		}
	}
	close(e.over)
	deadline := time.Now().Add(goodbye)
	e.rules.Mute()
	e.stop(deadline)
	e.closeUsage()
	begun := time.Now()
	e.closeRules()
	deadline = deadline.Add(time.Since(begun)) // clients have no less time since there are rules
	e.tellStatus()
	if read {
		e.fanout.Flush(e.patience, done)
		deadline = time.Now().Add(goodbye)
	}
	e.faces.close()
	e.fanout.Close(max(0, time.Until(deadline)))
	e.status.remove()
	e.closeNAT()
	return err
}

// giveBackEvery is how often memory is given back: before the collector, which
// then runs, would have run by the clock (forcegcperiod of Go's runtime, two minutes).
const giveBackEvery = 110 * time.Second

// giveBack gives memory back, once it is time, and says when it last did. A
// burst leaves pages of the program and of the heap that its end has no use for.
func (e *Engine) giveBack(last, now time.Time) time.Time {
	if e.opts.GiveBack == nil || now.Sub(last) < giveBackEvery {
		return last
	}
	e.opts.GiveBack()
	return now
}

// Do runs fn between two things that Run does, and waits for it. Once Run has
// begun to end, it does nothing and says so.
func (e *Engine) Do(fn func()) bool {
	ready := make(chan struct{})
	select {
	case e.commands <- func() { fn(); close(ready) }:
		<-ready
		return true
	case <-e.over:
		return false
	}
}

// Reload takes over what a new configuration can change at once, and the
// applications. Flows and clients stay. On an error everything stays as it was.
// It reads what may take long before it asks Run to stop for a moment; so only
// one goroutine at a time may call it, and no function that Do runs.
func (e *Engine) Reload(next *config.Config) error {
	next.Resolve()
	apps, err := e.opts.Apps(next)
	if err != nil {
		return err
	}
	plan := Total(Plan(e.cfg, len(e.cfg.Interfaces), apps)) // only the catalogue changes it
	if e.opts.Afford != nil {
		if err := e.opts.Afford(plan); err != nil {
			return err
		}
	}
	rules, err := e.compileRules(next, apps)
	if err != nil {
		return err
	}
	if rules == nil {
		e.log.Error().Msg("the rules of before stay in force")
	}
	if !e.Do(func() {
		e.adopt(next, apps, plan)
		if rules != nil {
			e.adoptRules(rules)
		}
	}) {
		return errors.New("the agent is about to end")
	}
	return nil
}

// config is the configuration of now. Anybody may call it.
func (e *Engine) config() config.Config {
	e.status.mu.Lock()
	defer e.status.mu.Unlock()
	return *e.cfg
}

// adopt takes over a configuration and a catalogue.
func (e *Engine) adopt(next *config.Config, apps *app.Catalogue, plan int) {
	before := newSettings(e.cfg, e.apps, e.ifaces)
	e.status.mu.Lock() // greetings and questions read both, from any goroutine
	changes := e.cfg.Adopt(next)
	if apps.Base() != e.apps.Base() {
		e.log.Info().Stringer("catalogue", apps.Base()).Msg("applications")
	}
	e.apps = apps
	e.status.last.MemoryPlan = uint64(plan >> 10)
	e.status.mu.Unlock()
	for _, change := range changes {
		if change.Key == "interface" && len(next.Interfaces) == 0 {
			continue // detected ones
		}
		e.log.Warn().Str("setting", change.String()).Msg("takes effect with the next start")
	}
	if e.opts.Adopted != nil {
		e.opts.Adopted(e.cfg, plan)
	}
	e.hints.Limit(uint32(e.cfg.HintTTL.Seconds()), uint32(time.Now().Unix()))
	e.tables.forget()
	set := newSettings(e.cfg, apps, e.ifaces)
	for _, s := range e.shards {
		s.mu.Lock()
		s.set = set
		s.memo = memo{} // it holds applications of the old catalogue
		s.mu.Unlock()
		if set.sooner(before) {
			s.reschedule()
		}
	}
	e.reloadUsage()
	e.kin.forget()
	runtime.GC()
}

// FirstClient is closed once a client has come.
func (e *Engine) FirstClient() <-chan struct{} { return e.fanout.First() }

// Close ends an engine that was never run: listeners and clients.
func (e *Engine) Close() {
	e.undoRules()
	e.closeNAT()
	e.faces.close()
	e.fanout.Close(0)
}
