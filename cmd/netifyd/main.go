// Netifyd watches the traffic of a router or a host, finds the protocol and the
// application of every flow, and reports them as JSON.
package main

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"netifyd/core"
	"netifyd/core/capture/filter"
	"netifyd/core/config"
	"netifyd/core/engine"
	release "netifyd/core/version"
	"netifyd/detect/app"
	"netifyd/uci"
)

var version = release.Number

func main() {
	flags, err := config.ParseFlags(os.Args[1:])
	if err != nil {
		fail(err)
	}
	for _, w := range flags.Warnings {
		fmt.Fprintln(os.Stderr, "netifyd:", w)
	}
	if err := run(flags); err != nil {
		fail(err)
	}
}

// fail says every error on a line of its own, and leaves with 1.
func fail(err error) {
	var code exitCode
	if errors.As(err, &code) {
		os.Exit(int(code))
	}
	var list config.Errors
	if errors.As(err, &list) {
		for _, e := range list {
			fmt.Fprintln(os.Stderr, "netifyd:", e)
		}
	} else if !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "netifyd:", err)
	}
	os.Exit(1)
}

// errSaid is an error that was already told.
var errSaid = errors.New("failed")

func run(f *config.Flags) error {
	switch f.Command {
	case config.CommandHelp:
		if len(f.Args) == 1 {
			fmt.Print(config.UsageOf(f.Args[0]))
		} else {
			fmt.Print(config.Usage())
		}
		return nil
	case config.CommandVersion:
		printVersion()
		return nil
	case config.CommandInformatics:
		fmt.Fprintln(os.Stderr, "netifyd: there are no uploads to switch on or off: this does nothing")
		return nil
	}
	if f.Command == config.CommandCheckConfig && len(f.Args) == 1 {
		f.ConfigPath = f.Args[0]
	}
	if f.Command == config.CommandExportUCI {
		return exportUCI(f)
	}
	if faceCommands[f.Command] != nil && len(f.Args) > 0 && (f.Args[len(f.Args)-1] == "--help" || f.Args[0] == "-h") {
		fmt.Print(config.UsageOf(f.Command))
		return nil
	}
	cfg, err := load(f)
	if err != nil && faceCommands[f.Command] != nil {
		cfg, err = askAnyway(f, err)
	}
	if err != nil {
		return err
	}
	if faceCommands[f.Command] != nil {
		return runFace(cfg, f.Command, f.Args, os.Stdout)
	}
	switch f.Command {
	case config.CommandDumpProtocols, config.CommandDumpApps, config.CommandDumpRisks, config.CommandDumpCategories, config.CommandDumpCategory, config.CommandDumpAll:
		return dump(f, cfg)
	case config.CommandReplay:
		return replay(f, cfg)
	case config.CommandPlan:
		return plan(cfg)
	case config.CommandCheckConfig:
		return checkConfig(cfg)
	case config.CommandLookup:
		return lookup(cfg, f.Args[0])
	case config.CommandRestartKey:
		fmt.Println(config.RestartKey(cfg) + " " + version) // another version is another program
		return nil
	case config.CommandDumpFiles:
		return dumpFiles(cfg, f.Args[0])
	case config.CommandProvision:
		return uuid(cfg, false)
	case config.CommandShowUUID, config.CommandMakeUUID:
		return uuid(cfg, f.Command == config.CommandMakeUUID)
	}
	return capture(f, cfg)
}

// load reads the configuration, says its warnings, and puts the flags over it.
func load(f *config.Flags) (*config.Config, error) {
	cfg, warnings, err := read(f)
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "netifyd:", w)
	}
	if err != nil {
		return nil, err
	}
	if err := config.Apply(f, cfg); err != nil {
		return nil, err
	}
	return cfg, checkFilters(cfg)
}

// askAnyway is the configuration of who asks an agent while the file has a
// fault: the agent runs on, with the settings of before, at its usual place.
func askAnyway(f *config.Flags, fault error) (*config.Config, error) {
	cfg := config.Default()
	fmt.Fprintf(os.Stderr, "netifyd: %v\nnetifyd: until that is mended an agent that runs keeps its settings; it is looked for in %s\n", fault, cfg.VolatileDir)
	return cfg, config.Apply(f, cfg)
}

// read reads the file that the flags name. What a file of OpenWrt says in the
// manner of flags is added to f.
func read(f *config.Flags) (*config.Config, []config.Warning, error) {
	if f.UCIPath == "" {
		return config.Load(f.ConfigPath)
	}
	s, err := uci.Load(f.UCIPath)
	if err != nil {
		return nil, nil, err
	}
	f.Verbose = max(f.Verbose, s.Flags.Verbose)
	f.WaitForClient = f.WaitForClient || s.Flags.WaitForClient
	f.NoConntrack = f.NoConntrack || s.Flags.NoConntrack
	f.NoNetlink = f.NoNetlink || s.Flags.NoNetlink
	return s.Config, s.Warnings, nil
}

// checkFilters refuses a filter that no kind of link can have, before anything is opened.
func checkFilters(cfg *config.Config) error {
	var errs config.Errors
	for i := range cfg.Interfaces {
		text := cfg.Interfaces[i].Filter
		_, ether := filter.Compile(text, filter.Options{Link: core.LinkEthernet, Metadata: true})
		if ether == nil {
			continue
		}
		if _, raw := filter.Compile(text, filter.Options{Link: core.LinkRaw, Metadata: true}); raw != nil {
			errs = append(errs, cfg.Fault(fmt.Sprintf("interface[%d].filter", i), "interface %s: the filter %q: %v", cfg.Interfaces[i].Name, text, ether))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// base is the catalogue of the last loadApps.
var base struct {
	mu  sync.Mutex
	now *app.Base
}

// openBase is the compiled catalogue that files are added to. A file of one that
// is not sound is no reason not to run: the one of before stays in use, or that built in.
func openBase(path string) *app.Base {
	base.mu.Lock()
	defer base.mu.Unlock()
	b, note, err := app.OpenBase(path, base.now)
	if err != nil {
		if b = base.now; b == nil {
			b = app.Builtin()
		}
		note = fmt.Sprintf("%v: the catalogue of %s stays in use", err, b)
	}
	if note != "" {
		fmt.Fprintln(os.Stderr, "netifyd:", note)
	}
	base.now = b
	return b
}

// loadApps makes the catalogue of applications, and says what is odd about the
// files that add to it. Reading them may take half of what the machine can spare
// beside the tables: in a reload the catalogue of before is still there.
func loadApps(cfg *config.Config) (*app.Catalogue, error) {
	base := openBase(cfg.Catalogue)
	bare, _, err := base.LoadWithin(app.Room{}, "", "")
	if err != nil {
		return nil, err
	}
	var room app.Room
	if have := int64(memTotal()); have > 0 {
		spare := have/4*3 - runtimeBytes - int64(engine.Total(engine.Plan(cfg, max(1, len(cfg.Interfaces)), bare)))
		room.Memory = max(spare/2, 4<<20)
	}
	apps, warnings, err := base.LoadWithin(room, cfg.AppsDir, cfg.DomainsDir)
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "netifyd:", w)
	}
	return apps, err
}
