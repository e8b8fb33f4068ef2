// Netifyd watches the traffic of a router or a host, names the protocol and
// the application of every flow, and tells others as JSON.
package main

import (
	"errors"
	"fmt"
	"os"

	"netifyd/core/config"
	"netifyd/detect/app"
)

// version is set by the linker (see Makefile).
var version = "0.1.0-dev"

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
		fmt.Print(config.Usage())
		return nil
	case config.CommandVersion:
		fmt.Printf("netifyd %s %s\n", version, platform())
		return nil
	}
	if f.Command == config.CommandCheckConfig && len(f.Args) == 1 {
		f.ConfigPath = f.Args[0]
	}
	cfg, err := load(f)
	if err != nil {
		return err
	}
	switch f.Command {
	case config.CommandDumpProtocols, config.CommandDumpApps, config.CommandDumpCategories, config.CommandDumpAll:
		return dump(f, cfg)
	case config.CommandReplay:
		return replay(f, cfg)
	case config.CommandPlan:
		return plan(cfg)
	case config.CommandCheckConfig:
		return checkConfig(cfg)
	case config.CommandStatus:
		return status(cfg)
	case config.CommandLookup:
		return lookup(cfg, f.Args[0])
	case config.CommandShowUUID, config.CommandMakeUUID:
		return uuid(cfg, f.Command == config.CommandMakeUUID)
	}
	return capture(f, cfg)
}

// load reads the configuration, says its warnings, and puts the flags over it.
func load(f *config.Flags) (*config.Config, error) {
	cfg, warnings, err := config.Load(f.ConfigPath)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "netifyd:", w)
	}
	return cfg, config.Apply(f, cfg)
}

// loadApps makes the catalogue of applications, and says what is odd about the files that add to it.
func loadApps(cfg *config.Config) (*app.Catalogue, error) {
	apps, warnings, err := app.Load(cfg.AppsDir, cfg.DomainsDir)
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "netifyd:", w)
	}
	return apps, err
}
