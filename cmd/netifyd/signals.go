package main

import (
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core/config"
	"netifyd/core/engine"
)

// hangs is after how long a second INT or TERM ends what does not end of
// itself. The end waits for clients two seconds; a signal that follows the
// first sooner, as from a hasty supervisor, changes nothing.
const hangs = 5 * time.Second

// orders is what signals ask for. Signals that come often are folded: only one
// reload is pending, and of USR1 and USR2 the last one counts.
type orders struct {
	end     chan struct{} // closed by the first INT or TERM, or by finish
	once    sync.Once
	wake    chan struct{} // holds a token while something is pending
	mu      sync.Mutex
	reload  bool
	capture int      // 1: start, -1: stop
	tidy    []string // files to remove if the end hangs
}

// listen takes note of signals from now on. It is called first of all, since
// the runtime ends a process by a signal that it does not expect.
func listen() *orders {
	o := &orders{end: make(chan struct{}), wake: make(chan struct{}, 1)}
	// INT and TERM have a channel of their own, that a storm of others cannot fill.
	ends, others := make(chan os.Signal, 4), make(chan os.Signal, 64)
	signal.Notify(ends, syscall.SIGINT, syscall.SIGTERM)
	signal.Notify(others, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	signal.Ignore(syscall.SIGPIPE) // whoever reads the log may go away
	go o.awaitEnd(ends)
	go func() {
		for s := range others {
			o.note(s)
		}
	}()
	return o
}

func (o *orders) awaitEnd(ends <-chan os.Signal) {
	<-ends
	first := time.Now()
	o.finish()
	for range ends {
		if time.Since(first) >= hangs {
			o.mu.Lock()
			for _, path := range o.tidy {
				os.Remove(path)
			}
			os.Exit(1)
		}
	}
}

// finish asks the agent to end.
func (o *orders) finish() { o.once.Do(func() { close(o.end) }) }

func (o *orders) note(s os.Signal) {
	o.mu.Lock()
	switch s {
	case syscall.SIGHUP:
		o.reload = true
	case syscall.SIGUSR1:
		o.capture = 1
	case syscall.SIGUSR2:
		o.capture = -1
	}
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take gives what is pending and forgets it.
func (o *orders) take() (reload bool, capture int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	reload, capture = o.reload, o.capture
	o.reload, o.capture = false, 0
	return reload, capture
}

// leave notes the files that must not outlive the agent.
func (o *orders) leave(cfg *config.Config) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tidy = []string{pidPath(cfg), filepath.Join(cfg.VolatileDir, config.StatusFile), filepath.Join(cfg.VolatileDir, config.ControlSocket)}
	for i := range cfg.Listeners {
		if s := cfg.Listeners[i].Path; s != "" {
			o.tidy = append(o.tidy, s)
		}
	}
}

// obey does what signals ask for: HUP reloads, USR1 and USR2 start and stop
// capture. INT and TERM end Run, which is told elsewhere.
func (o *orders) obey(e *engine.Engine, f *config.Flags, log zerolog.Logger) {
	for range o.wake {
		reloads, captures := o.take()
		if reloads {
			notifyReloading()
			err := reload(e, f)
			notify("READY=1")
			if err != nil {
				log.Error().Msg("reload refused, everything stays as it was")
				for line := range strings.Lines(err.Error()) {
					log.Error().Msg(strings.TrimSuffix(line, "\n"))
				}
			} else {
				log.Info().Msg("reloaded")
			}
			giveBack()
		}
		switch captures {
		case 1:
			e.Do(func() {
				if err := e.Start(); err != nil {
					log.Error().Err(err).Msg("capture not started")
				} else {
					log.Info().Msg("capture started")
				}
			})
		case -1:
			e.Do(func() { e.Stop(); log.Info().Msg("capture stopped") })
		}
	}
}

func reload(e *engine.Engine, f *config.Flags) (err error) {
	cfg, err := load(f)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(50)) // regular expressions leave much garbage, and packets shall have the processor
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		before := debug.SetMemoryLimit(math.MaxInt64) // reading has bounds of its own
		defer func() {
			if err != nil {
				debug.SetMemoryLimit(before)
			}
		}()
	}
	if err = e.Reload(cfg); err != nil {
		return err
	}
	e.Do(e.Retry)
	return nil
}
