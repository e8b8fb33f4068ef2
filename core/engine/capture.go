package engine

import (
	"errors"
	"fmt"
	"io"
	"time"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/event"
)

// Start opens every capture and begins to read. Where none can be opened it
// gives the errors; where some can, the others are logged and left out.
func (e *Engine) Start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running {
		return nil
	}
	var errs []error
	opened := 0
	for _, ifc := range e.ifaces {
		if err := e.attach(ifc); err != nil {
			errs = append(errs, err)
			continue
		}
		opened++
	}
	if opened == 0 {
		return errors.Join(errs...)
	}
	for _, err := range errs {
		e.log.Error().Err(err).Msg("interface is left out")
	}
	e.running, e.stopping = true, make(chan struct{})
	for n := range e.ifaces {
		e.begin(n)
	}
	return nil
}

// Retry opens the captures that Start left out, for devices that came later.
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

// attach opens the captures of an interface.
func (e *Engine) attach(ifc *iface) error {
	sources, err := e.open(ifc)
	if err != nil {
		return fmt.Errorf("%s: %w", ifc.cfg.Name, err)
	}
	ifc.sources, ifc.state = sources, event.Online
	return nil
}

// begin reads what interface n was attached to.
func (e *Engine) begin(n int) {
	ifc := e.ifaces[n]
	for i, src := range ifc.sources {
		e.readers.Add(1)
		if ifc.cfg.File != "" {
			e.files++
		}
		go e.read(e.byIface[n][i%len(e.byIface[n])], ifc, src)
	}
}

func (e *Engine) open(ifc *iface) ([]core.Source, error) {
	if ifc.cfg.File != "" {
		src, err := pcapfile.Open(ifc.cfg.File)
		return []core.Source{src}, err
	}
	return e.opts.Open(&ifc.cfg, &e.cfg.Capture, func(text string) { e.log.Info().Msg(text) })
}

// patience is how long a replay waits for a client that does not read; goodbye
// is how long the end waits for all of them together.
const (
	patience = 2 * time.Second
	goodbye  = 2 * time.Second
)

// read walks the packets of one source until it is closed or its file ends.
func (e *Engine) read(s *Shard, ifc *iface, src core.Source) {
	defer e.readers.Done()
	file := ifc.cfg.File != ""
	if x, ok := src.(core.Shunter); ok && e.cfg.Capture.Shunt {
		s.mu.Lock()
		s.shunts.sources[ifc.index] = x
		s.shunts.notice = func(err error) { e.log.Info().Str("interface", ifc.cfg.Name).Msg(err.Error()) }
		s.mu.Unlock()
	}
	var b core.Batch
	for {
		err := src.Next(&b)
		if err != nil {
			e.ended(s, ifc, src, err)
			return
		}
		s.mu.Lock()
		s.serve() // first, so that a client which is there before the first packet hears all as it happens
		s.walk(ifc, &b)
		s.mu.Unlock()
		if file {
			e.fanout.Wait(patience, e.stopping)
		}
	}
}

// ended is called when a source gives no more packets.
func (e *Engine) ended(s *Shard, ifc *iface, src core.Source, err error) {
	e.mu.Lock()
	stopping := !e.running
	if !stopping {
		ifc.state = event.Offline
	}
	e.mu.Unlock()
	if stopping {
		return
	}
	if ifc.cfg.File == "" {
		e.log.Error().Err(err).Str("interface", ifc.cfg.Name).Msg("capture ended")
		e.report(fmt.Errorf("%s: %w", ifc.cfg.Name, err))
		return
	}
	if !errors.Is(err, io.EOF) {
		e.log.Warn().Err(err).Msg("capture file")
	}
	e.mu.Lock()
	e.files--
	last := e.files == 0
	e.mu.Unlock()
	for at := 0; at >= 0 && e.isRunning(); e.fanout.Wait(patience, e.stopping) {
		s.mu.Lock()
		s.serve()
		at = s.finishSome(ifc, at, false)
		s.mu.Unlock()
	}
	if last {
		close(e.drained)
	}
}

func (e *Engine) isRunning() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.running
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
		s.mu.Lock()
		s.unshuntAll()
		clear(s.shunts.sources)
		s.mu.Unlock()
	}
	for _, ifc := range e.ifaces {
		for _, src := range ifc.sources {
			src.Close()
		}
	}
	e.readers.Wait()
	for n, ifc := range e.ifaces {
		ifc.past(ifc.counters())
		ifc.sources, ifc.state = nil, event.Offline
		for _, s := range e.byIface[n] {
			for at := 0; at >= 0; e.fanout.Wait(time.Until(until)/8, nil) { // who is too slow for that is not waited for again
				s.mu.Lock()
				s.serve()
				at = s.finishSome(ifc, at, true)
				s.mu.Unlock()
			}
		}
	}
}
