// Package relay sends events, usage and alerts of the agent to other systems:
// `netifyctl relay`.
//
//	stream ──► processors ──► lane ──► output     one lane for each output:
//	control ─► answers ─────► lane ──► output     batches, room, sending
package relay

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/policy"
	"netifyd/cmd/netifyctl/relay/privacy"
)

// Help is what the list of commands says.
const Help = "send what the agent sees to a web server, a broker, a log, a syslog"

// Run is the command.
func Run(arguments []string) int {
	if len(arguments) > 0 && arguments[0] == "status" {
		return runStatus(arguments[1:])
	}
	flags := flag.NewFlagSet("netifyctl relay", flag.ContinueOnError)
	path := flags.String("config", config.Path, "configuration `file`")
	plugins := flags.String("plugins-dir", "", "read this `directory` of netifyd 5, plugins.d, in place of a configuration of its own")
	check := flags.Bool("check", false, "look at the configuration, and end")
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "netifyctl relay [--config FILE | --plugins-dir DIR] [--check]\nnetifyctl relay status [--config FILE] [--json]\n\nHands on what the agent sees. docs/relay.md says how it is set up.\n\n")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(os.Stderr, "netifyctl relay: %q is not understood; `netifyctl relay --help` lists the options\n", flags.Arg(0))
		return 2
	}
	c, err := load(*path, *plugins)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, w := range c.Warnings {
		fmt.Fprintln(os.Stderr, "warning:", w)
	}
	if *check {
		outputs := "1 output"
		if n := len(c.Outputs); n > 1 {
			outputs = fmt.Sprint(n, " outputs")
		}
		if *plugins != "" {
			*path = *plugins
		}
		fmt.Printf("%s is fine: %s\n", *path, outputs)
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	logger := log.New(os.Stderr, "", 0)
	r, err := New(c, logger.Printf)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	serve(ctx, r, again, func() (*config.Config, error) { return load(*path, *plugins) })
	return 0
}

// load reads the configuration, which must have somebody to tell.
func load(path, plugins string) (*config.Config, error) {
	c, err := read(path, plugins)
	if err == nil && len(c.Outputs) == 0 {
		if plugins != "" {
			path = plugins
		}
		return nil, fmt.Errorf("%s: nobody is to be told: give it a [[relay.output]]", path)
	}
	return c, err
}

// read reads the configuration, or the files of netifyd 5 with what the
// configuration says of the agent, of places and of people, if there is one.
func read(path, plugins string) (*config.Config, error) {
	if plugins == "" {
		return config.Load(path, outputs)
	}
	c, err := config.LoadPlugins(plugins, outputs)
	if err != nil {
		return nil, err
	}
	own, err := config.Load(path, outputs)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	own.Aggregators = append(own.Aggregators, c.Aggregators...)
	own.Outputs = append(own.Outputs, c.Outputs...)
	own.Warnings = append(own.Warnings, c.Warnings...)
	return own, nil
}

// Relay is a relay that runs.
type Relay struct {
	c        *config.Config
	log      func(string, ...any)
	epoch    uint64
	lanes    []*lane.Lane
	sources  []*source
	polls    []poll
	policies []*policy.Policy // of the outputs; nil: what the other side wishes is not heard
	filter   *privacy.Filter  // each that hears has a copy

	mu    sync.Mutex
	agent string // UUID
	asked bool   // for it
	mute  bool   // that the status file cannot be written was said

	patience time.Duration // of the end
}

// New makes a relay of its configuration.
func New(c *config.Config, log func(string, ...any)) (*Relay, error) {
	r := &Relay{c: c, log: log, epoch: epoch(), agent: c.Agent, patience: patience}
	for i := range c.Outputs {
		o := &c.Outputs[i]
		opt := lane.Options{Name: o.Name, Buffer: o.Buffer, BatchSize: o.BatchSize, BatchRows: o.BatchRows, Flush: o.Flush, Retry: o.Retry, DiskSize: o.Disk}
		if o.Disk > 0 {
			opt.Disk = c.State + "/" + o.Name
		}
		l, err := lane.New(opt, o.Out, r.who)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		l.Log = log
		r.lanes = append(r.lanes, l)
	}
	return r, r.build()
}

func (r *Relay) who() lane.Identity {
	r.mu.Lock()
	defer r.mu.Unlock()
	return lane.Identity{Agent: r.agent, Site: r.c.Site, Labels: r.c.Labels, Epoch: r.epoch}
}

// Run relays until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	r.learn(ctx)
	// Senders end last: what the sources still had is theirs.
	stops := make([]func(), len(r.lanes))
	var sources, lanes sync.WaitGroup
	for i, l := range r.lanes {
		sending, stop := context.WithCancel(context.Background())
		defer stop()
		stops[i] = stop
		lanes.Go(func() { l.Run(sending) })
	}
	for _, s := range r.sources {
		sources.Go(func() { s.run(ctx) })
	}
	for _, p := range r.polls {
		sources.Go(func() { p.run(ctx, r.log) })
	}
	sources.Go(func() { r.report(ctx) })
	<-ctx.Done()
	if !within(&sources, r.patience) {
		r.log("a source does not end, and is left")
	}
	for i, l := range r.lanes {
		if l.Left() {
			time.AfterFunc(handover, stops[i])
		} else {
			stops[i]()
		}
	}
	if !within(&lanes, r.patience) {
		r.log("an output does not end, and is left: what waits for it is lost")
	}
	r.writeStatus(time.Now())
}

// patience is how long the end waits for what hangs, such as a file system; lanes
// take 5 seconds of it for what they have still to send.
const patience = 8 * time.Second

// within waits for all, but not longer than most.
func within(all *sync.WaitGroup, most time.Duration) bool {
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	select {
	case <-ended:
		return true
	case <-time.After(most):
		return false
	}
}
