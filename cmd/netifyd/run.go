package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/file"
)

// capture runs the agent until a signal, or until every capture file was read.
func capture(f *config.Flags, cfg *config.Config) error {
	o := listen()
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
		debug.SetGCPercent(10) // packets make no garbage, and what a status leaves shall not double the memory
	}
	limitMemory(total)
	opts := engine.Options{Version: version, Apps: loadApps, NoConntrack: f.NoConntrack, Patient: f.WaitForClient, Log: log}
	opts.Open = func(i *config.Interface, c *config.Capture, notice func(string)) ([]core.Source, error) {
		return openCapture(o.end, i, c, notice)
	}
	opts.Afford, opts.Check = checkPlan, faults
	opts.GiveBack = giveBack
	opts.Adopted = func(cfg *config.Config, plan int) {
		setLevel(cfg)
		limitMemory(plan)
	}
	opts.Restore = func() {
		hold(cfg, log)
		writePID(cfg, log)
	}
	var v *viewer
	if f.Verbose > 0 {
		v = newViewer(o, !slices.ContainsFunc(cfg.Interfaces, func(i config.Interface) bool { return i.File == "" }))
		defer v.close()
		opts.Watch = v.show
	}
	e, err := engine.New(cfg, opts)
	if err != nil {
		return err
	}
	if v != nil {
		v.answers.Store(e.Answers())
	}
	return serve(e, f, cfg, o, log)
}

// giveBack returns to the system what is not in use: first the heap's, since
// the collector reads tables of the program that nothing else does.
func giveBack() {
	debug.FreeOSMemory()
	forgetProgram()
}

// limitMemory lets the collector work harder before the agent grows beyond its plan.
func limitMemory(plan int) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(plan + runtimeBytes))
	}
}

func serve(e *engine.Engine, f *config.Flags, cfg *config.Config, o *orders, log zerolog.Logger) error {
	hold(cfg, log)
	if f.WaitForClient {
		notify("READY=1\nSTATUS=waits for the first client")
		select {
		case <-e.FirstClient():
		case <-o.end:
			e.Close()
			log.Info().Msg("stopped")
			return nil
		}
	}
	debug.FreeOSMemory() // what reading the configuration left, before packets come that would have to wait
	if err := e.Start(); err != nil {
		e.Stop()
		e.Close()
		if errors.Is(err, os.ErrClosed) { // TERM came first
			log.Info().Msg("stopped")
			return nil
		}
		return err
	}
	if err := dropPrivileges(cfg, f.NoConntrack); err != nil {
		e.Stop()
		e.Close()
		return err
	}
	defer os.Remove(writePID(cfg, log))
	o.leave(cfg)
	log.Info().Str("version", version).Str("interfaces", e.Captures()).Msg("started")
	log.Info().Stringer("catalogue", e.Catalogue()).Msg("applications")
	notify("READY=1\nSTATUS=captures on " + names(cfg))
	forgetProgram()
	go o.obey(e, f, log)
	go func() {
		<-o.end
		notify("STOPPING=1")
	}()
	err := e.Run(o.end)
	log.Info().Msg("stopped")
	return err
}

// lock is that of holdDirectory.
var lock *os.File

// hold takes the lock of the volatile directory, which may be a new one.
func hold(cfg *config.Config, log zerolog.Logger) {
	if lock != nil {
		lock.Close()
	}
	err := os.MkdirAll(cfg.VolatileDir, 0o755)
	if err != nil {
		log.Warn().Err(err).Msg("the directory of status.json and of the PID file cannot be made")
		return
	}
	if lock, err = holdDirectory(cfg.VolatileDir); err != nil {
		log.Warn().Err(err).Msg("netifyd status cannot tell that this agent runs")
	}
}

func pidPath(cfg *config.Config) string { return filepath.Join(cfg.VolatileDir, config.PIDFile) }

// writePID leaves the number of the process in a file, whose path it gives. In
// a jail with numbers of its own it is 1, which outside is another program's:
// then there is no file, and the supervisor knows whom to signal.
func writePID(cfg *config.Config, log zerolog.Logger) string {
	path := pidPath(cfg)
	if os.Getpid() == 1 {
		os.Remove(path)
		return path
	}
	if err := file.Replace(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		log.Warn().Err(err).Msg("no PID file")
	}
	return path
}

// names of the interfaces, for people.
func names(cfg *config.Config) string {
	list := make([]string, len(cfg.Interfaces))
	for n := range cfg.Interfaces {
		list[n] = cfg.Interfaces[n].Name
	}
	return strings.Join(list, ", ")
}
