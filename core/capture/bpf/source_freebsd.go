package bpf

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// Source captures from one interface. Next belongs to one goroutine; every
// other method may be called from any.
type Source struct {
	config Config
	done   chan struct{} // closed by Close
	failed string        // of Next alone: the error told last

	mu     sync.Mutex
	dev    *device // nil while the interface is gone; changed by Next alone
	closed bool
	total  core.Counters
}

var _ core.Source = (*Source)(nil)

// Open captures from an interface. It needs read and write access to /dev/bpf.
// The source lives until Close, also when the interface vanishes or comes back.
func Open(c Config) (*Source, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	dev, err := openDevice(&c)
	if err != nil {
		return nil, explain(&c, err)
	}
	return &Source{config: c, dev: dev, done: make(chan struct{})}, nil
}

// Next lends the packets of one buffer of the kernel until its next call. It
// waits no longer than Config.Timeout, and returns os.ErrClosed after Close.
func (s *Source) Next(b *core.Batch) error {
	b.Frames = b.Frames[:0]
	err := s.fill(b)
	b.Stamp()
	return err
}

func (s *Source) fill(b *core.Batch) error {
	select {
	case <-s.done:
		return os.ErrClosed
	default:
	}
	dev := s.dev
	if dev == nil {
		return s.reopen()
	}
	n, err := dev.file.Read(dev.buffer)
	switch {
	case n > 0:
		b.Frames, _ = walk(b.Frames, dev.buffer[:n], dev.link, unix.BPF_ALIGNMENT)
		return nil
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.EINTR):
		return nil // the timeout: os.File takes 0 bytes for the end
	case errors.Is(err, os.ErrClosed):
		return os.ErrClosed
	}
	s.vanish()
	return nil
}

// vanish lets go of a device whose interface is no more (ENXIO).
func (s *Source) vanish() {
	s.mu.Lock()
	dev := s.dev
	s.collect()
	s.dev = nil
	gone := s.closed
	s.mu.Unlock()
	_ = dev.file.Close()
	s.failed = ""
	if !gone {
		s.tell(core.Vanished, nil)
	}
}

// reopen waits and then tries whether the interface is back.
func (s *Source) reopen() error {
	timer := time.NewTimer(s.config.Timeout)
	defer timer.Stop()
	select {
	case <-s.done:
		return os.ErrClosed
	case <-timer.C:
	}
	dev, err := openDevice(&s.config)
	if err != nil {
		if !errors.Is(err, unix.ENXIO) && s.failed != err.Error() {
			s.failed = err.Error()
			s.tell(core.Failed, explain(&s.config, err))
		}
		return nil
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = dev.file.Close()
		return os.ErrClosed
	}
	s.dev = dev
	s.mu.Unlock()
	s.tell(core.Returned, nil)
	return nil
}

func (s *Source) tell(kind core.ChangeKind, err error) {
	if s.config.Event != nil {
		s.config.Event(core.Change{Interface: s.config.Interface, Kind: kind, Err: err})
	}
}

// collect adds the device's counters to the total. The caller holds mu.
func (s *Source) collect() {
	if s.dev != nil {
		c := s.dev.counters()
		s.total.Received += c.Received
		s.total.Dropped += c.Dropped
	}
}

// Counters are cumulative since Open.
func (s *Source) Counters() core.Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collect()
	return s.total
}

// Close ends the capture. A Next that waits returns when its timeout passes;
// frames that it has lent stay valid.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.done)
	s.collect()
	if s.dev != nil {
		return s.dev.file.Close()
	}
	return nil
}
