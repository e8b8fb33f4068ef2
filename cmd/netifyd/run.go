package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/rs/zerolog"

	"netifyd/core/config"
	"netifyd/core/engine"
)

// capture runs the agent until a signal, or until every capture file was read.
func capture(f *config.Flags, cfg *config.Config) error {
	// First of all, since the runtime ends a process by a signal that it does not expect.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2)
	log := newLog(cfg)
	if len(cfg.Interfaces) == 0 {
		cfg.Interfaces = detectInterfaces()
		for _, i := range cfg.Interfaces {
			log.Info().Str("interface", i.Name).Stringer("role", i.Role).Msg("detected")
		}
	}
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	total := engine.Total(engine.Plan(cfg, len(cfg.Interfaces), apps))
	if err := checkPlan(total); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(20) // packets make no garbage, and what a status leaves shall not double the memory
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(total + runtimeBytes))
	}
	opts := engine.Options{Version: version, Open: openCapture, Apps: loadApps, NoConntrack: f.NoConntrack, Log: log}
	if f.Verbose > 0 {
		opts.Watch = printFlow
	}
	e, err := engine.New(cfg, opts)
	if err != nil {
		return err
	}
	return serve(e, f, cfg, signals, log)
}

func serve(e *engine.Engine, f *config.Flags, cfg *config.Config, signals <-chan os.Signal, log zerolog.Logger) error {
	if lock, err := holdDirectory(cfg.VolatileDir); err != nil {
		log.Warn().Err(err).Msg("netifyd status cannot tell that this agent runs")
	} else {
		defer lock.Close()
	}
	if f.WaitForClient {
		notify("READY=1\nSTATUS=waits for the first client")
		select {
		case <-e.FirstClient():
		case <-signals:
			return nil
		}
	}
	debug.FreeOSMemory() // what reading the configuration left, before packets come that would have to wait
	if err := e.Start(); err != nil {
		e.Stop()
		e.Close()
		return err
	}
	if err := dropPrivileges(cfg); err != nil {
		e.Stop()
		e.Close()
		return err
	}
	pid := filepath.Join(cfg.VolatileDir, "netifyd.pid")
	if err := os.WriteFile(pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		log.Warn().Err(err).Msg("no PID file")
	}
	defer os.Remove(pid)
	log.Info().Str("version", version).Str("interfaces", e.Captures()).Msg("started")
	notify("READY=1\nSTATUS=captures on " + names(cfg))
	forgetProgram()
	done := make(chan struct{})
	go obey(e, f, signals, done, log)
	err := e.Run(done)
	log.Info().Msg("stopped")
	return err
}

// obey does what signals ask for: HUP reload, USR1 and USR2 start and stop
// capture, INT and TERM end. A second INT or TERM ends at once.
func obey(e *engine.Engine, f *config.Flags, signals <-chan os.Signal, done chan struct{}, log zerolog.Logger) {
	ending := false
	for s := range signals {
		switch s {
		case syscall.SIGHUP:
			notifyReloading()
			err := reload(e, f)
			notify("READY=1")
			if err != nil {
				log.Error().Err(err).Msg("reload refused, everything stays as it was")
			} else {
				log.Info().Msg("reloaded")
				debug.FreeOSMemory()
				forgetProgram()
			}
		case syscall.SIGUSR1:
			e.Do(func() {
				if err := e.Start(); err != nil {
					log.Error().Err(err).Msg("capture not started")
				} else {
					log.Info().Msg("capture started")
				}
			})
		case syscall.SIGUSR2:
			e.Do(func() { e.Stop(); log.Info().Msg("capture stopped") })
		default:
			if ending {
				os.Exit(1)
			}
			ending = true
			notify("STOPPING=1")
			close(done)
		}
	}
}

func reload(e *engine.Engine, f *config.Flags) (err error) {
	cfg, err := load(f)
	if err != nil {
		return err
	}
	e.Do(func() {
		if err = e.Reload(cfg); err == nil {
			e.Retry()
		}
	})
	return err
}

// names of the interfaces, for people.
func names(cfg *config.Config) string {
	list := make([]string, len(cfg.Interfaces))
	for n := range cfg.Interfaces {
		list[n] = cfg.Interfaces[n].Name
	}
	return strings.Join(list, ", ")
}
