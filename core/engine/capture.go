package engine

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/sink"
	"netifyd/detect/app"
)

// Start opens every capture and begins to read; a file that Stop left in its
// middle goes on. Where none can be opened it gives the errors; where some can,
// the others are logged and left out.
func (e *Engine) Start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running {
		return nil
	}
	var errs []error
	for _, ifc := range e.ifaces {
		if err := e.attach(ifc); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == len(e.ifaces) {
		return errors.Join(errs...)
	}
	for _, err := range errs {
		e.log.Error().Err(err).Msg("interface is left out")
	}
	e.rules.Start() // before privileges are given up
	e.running, e.stopping = true, make(chan struct{})
	for n := range e.ifaces {
		e.begin(n)
	}
	return nil
}

// Retry opens the captures that Start left out, such as files that came later.
// Only a function that Do runs may call it.
func (e *Engine) Retry() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for n, ifc := range e.ifaces {
		if !e.running || ifc.sources != nil {
			continue
		}
		if err := e.attach(ifc); err != nil {
			e.log.Error().Err(err).Msg("interface is left out")
			continue
		}
		e.begin(n)
		e.log.Info().Str("interface", ifc.cfg.Name).Msg("capture started")
	}
}

// attach opens the captures of an interface, unless it has some: a file is
// opened once, and read once.
func (e *Engine) attach(ifc *iface) error {
	if ifc.sources != nil {
		return nil
	}
	sources, err := e.open(ifc)
	if err != nil {
		return fmt.Errorf("%s: %w", ifc.cfg.Name, err)
	}
	ifc.sources = sources
	return nil
}

// begin reads what interface n was attached to, or goes on with its file.
func (e *Engine) begin(n int) {
	ifc := e.ifaces[n]
	if ifc.sources == nil || ifc.read {
		return
	}
	ifc.state = event.Online
	for i, src := range ifc.sources {
		s := e.byIface[n][i%len(e.byIface[n])]
		switch {
		case ifc.cfg.File == "":
			e.readers.Add(1)
			go e.read(s, ifc, src)
		case ifc.begun:
			s.halt(false)
		default:
			ifc.begun = true
			s.halt(false)
			go e.replay(s, ifc, src)
		}
	}
}

func (e *Engine) open(ifc *iface) ([]core.Source, error) {
	if ifc.cfg.File != "" {
		src, err := pcapfile.Open(ifc.cfg.File)
		if err != nil {
			return nil, err
		}
		return []core.Source{src}, nil
	}
	level := zerolog.WarnLevel // what is said while it is opened is amiss
	c := e.config()
	how := c.Capture
	if action.Wanted(&c) {
		prompt(&how)
	}
	sources, err := e.opts.Open(&ifc.cfg, &how, func(text string) {
		e.log.WithLevel(level).Msg(text)
		select {
		case e.changed <- struct{}{}:
		default:
		}
	})
	level = zerolog.InfoLevel
	return sources, err
}

// Where rules act a block of packets waits no longer than soon: a flow that is to
// be blocked shall not get far. The kernel may take twice as long. It hands blocks
// over that are nearly empty then, so that a ring lasts for soon times its blocks:
// there are more of them, as small as a packet of the usual snap length allows.
const (
	soon      = 2 * time.Millisecond
	soonBlock = 32 // KiB
)

// prompt sets a capture up for rules that act.
func prompt(c *config.Capture) {
	c.Timeout = min(c.Timeout, soon)
	if c.BlockKB > soonBlock && c.RingKB%soonBlock == 0 && 2*c.SnapLength <= soonBlock<<10 {
		c.BlockKB = soonBlock
	}
}

// patience is how long a replay waits for a client that takes nothing, unless
// it waits for clients as long as they want; goodbye is how long the end waits for all of them together.
const (
	patience = 2 * time.Second
	goodbye  = 2 * time.Second
)

// readFor is how long a reader goes on before it gives way of its own accord.
// After 10 ms the scheduler would interrupt it by a signal, and look up in the
// tables of functions, wherever packets are handled, whether it may: up to 0.4 MiB of
// the program are in memory for nothing else.
const readFor = 4e6

// read walks the packets of a device until its source is closed.
func (e *Engine) read(s *Shard, ifc *iface, src core.Source) {
	defer e.readers.Done()
	if x, ok := src.(core.Shunter); ok && e.cfg.Capture.Shunt {
		s.mu.Lock()
		s.shunts.sources[ifc.index], s.shunts.refused[ifc.index] = x, false
		s.shunts.notice = func(err error) { e.log.Info().Str("interface", ifc.cfg.Name).Msg(err.Error()) }
		s.mu.Unlock()
	}
	var b core.Batch
	var yielded int64
	for {
		if err := src.Next(&b); err != nil {
			e.lost(ifc, err)
			return
		}
		s.mu.Lock()
		s.behind(&b)
		s.serve() // first, so that a client which is there before the first packet hears all as it happens
		s.walk(ifc, &b)
		s.rejudge(len(b.Frames) == 0)
		s.mu.Unlock()
		if b.Steady-yielded >= readFor {
			yielded = b.Steady
			runtime.Gosched()
		}
	}
}

// lost is called when a device gives no more packets.
func (e *Engine) lost(ifc *iface, err error) {
	e.mu.Lock()
	stopping := !e.running
	if !stopping {
		ifc.state = event.Offline
	}
	e.mu.Unlock()
	if !stopping {
		e.log.Error().Err(err).Str("interface", ifc.cfg.Name).Msg("capture ended")
		e.report(fmt.Errorf("%s: %w", ifc.cfg.Name, err))
	}
}

// replay walks the packets of a file to its end. While the agent has stopped
// capturing it rests where it is. Nobody waits for it, since a pipe may be quiet
// for ever.
func (e *Engine) replay(s *Shard, ifc *iface, src core.Source) {
	var b core.Batch
	var err error
	for err == nil {
		err = src.Next(&b)
		s.begin()
		s.serve()
		if err == nil {
			s.walk(ifc, &b)
			s.rejudge(true)
		}
		s.rest()
		e.catchUp()
	}
	for at := 0; at >= 0; e.catchUp() {
		s.begin()
		s.serve()
		at = s.finishSome(ifc, at, false)
		s.rest()
	}
	e.ended(ifc, src, err)
}

// ended is called when a file was read to its end.
func (e *Engine) ended(ifc *iface, src core.Source, err error) {
	if !errors.Is(err, io.EOF) {
		e.log.Warn().Err(err).Msg("capture file")
	}
	src.Close()
	e.mu.Lock()
	ifc.read, ifc.state = true, event.Offline
	e.mu.Unlock()
	select {
	case e.drained <- struct{}{}:
	default:
	}
}

// done says that there is nothing more to capture: no device, and every file
// that could be opened was read.
func (e *Engine) done() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ifc := range e.ifaces {
		if ifc.cfg.File == "" || ifc.sources != nil && !ifc.read {
			return false
		}
	}
	return true
}

// catchUp lets clients catch up with a file, until they are to be waited for no more.
func (e *Engine) catchUp() {
	e.mu.Lock()
	stopping := e.stopping
	e.mu.Unlock()
	e.fanout.Wait(e.patience, stopping)
}

// pacing is the outlet of a file's shard: where many lines come at once, clients
// may catch up between two of them. Others may have the shard meanwhile, but
// none may end its flows before the piece is done.
type pacing struct {
	sink.Outlet
	e *Engine
	s *Shard
}

func (p *pacing) Offer(d event.Dialect, kind core.Kind, rank core.Rank, line []byte) bool {
	kept := p.Outlet.Offer(d, kind, rank, line)
	if p.s.busy && p.e.fanout.Behind(p.e.patience) {
		p.s.mu.Unlock()
		p.e.catchUp()
		p.s.mu.Lock()
	}
	return kept
}

// Catalogue is the compiled catalogue of applications that is in use.
func (e *Engine) Catalogue() *app.Base {
	e.status.mu.Lock()
	defer e.status.mu.Unlock()
	return e.apps.Base()
}

// Captures says how many of the interfaces are captured now: "2", or "1 of 2".
func (e *Engine) Captures() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, ifc := range e.ifaces {
		if ifc.stateNow() == event.Online {
			n++
		}
	}
	if n == len(e.ifaces) {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d of %d", n, len(e.ifaces))
}

func (e *Engine) report(err error) {
	select {
	case e.failed <- err:
	default:
	}
}

// Stop ends capture and every flow. The listeners stay. Clients have two
// seconds, all together, to take what is told of the flows.
func (e *Engine) Stop() { e.stop(time.Now().Add(goodbye)) }

// stop is Stop with a deadline. The last quarter of the time that is left is
// kept for what the queues then hold.
func (e *Engine) stop(deadline time.Time) {
	until := deadline.Add(-time.Until(deadline) / 4)
	e.mu.Lock()
	if !e.running {
		e.mu.Unlock()
		return
	}
	e.running = false
	close(e.stopping)
	e.mu.Unlock()
	e.status.mu.Lock()
	e.findOffload(&e.status)
	e.status.mu.Unlock()
	for _, s := range e.shards {
		s.halt(true)
		s.mu.Lock()
		s.unshuntAll()
		clear(s.shunts.sources)
		s.mu.Unlock()
	}
	for _, ifc := range e.ifaces {
		if ifc.cfg.File != "" {
			continue // its place is kept
		}
		for _, src := range ifc.sources {
			src.Close()
		}
	}
	e.readers.Wait()
	for n, ifc := range e.ifaces {
		if ifc.cfg.File == "" {
			ifc.past(ifc.counters())
			ifc.sources = nil
		}
		e.mu.Lock()
		ifc.state = event.Offline
		e.mu.Unlock()
		for _, s := range e.byIface[n] {
			for at := 0; at >= 0; e.fanout.Wait(time.Until(until)/8, nil) { // who is too slow for that is not waited for again
				s.mu.Lock()
				s.settled()
				s.serve()
				at = s.finishSome(ifc, at, true)
				s.mu.Unlock()
			}
		}
	}
}
