package bpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/filter"
)

// Source captures from one interface. Next belongs to one goroutine; every
// other method may be called from any.
type Source struct {
	config  Config
	done    chan struct{} // closed by Close
	present atomic.Bool

	// Of Next alone.
	begun  bool   // it was called
	over   bool   // it has returned os.ErrClosed
	failed string // the error told last
	awaits string // what was said at Open of an interface that has never been there
	looked int64  // when it was last asked whether the name is still that of the interface
	now    int64  // when Next last returned

	mu      sync.Mutex
	dev     *device // nil while the interface is gone; changed by Next, once it was called
	reading bool    // Next was called: it lets go of the device
	closed  bool
	total   core.Counters
}

var (
	_ core.Source   = (*Source)(nil)
	_ core.Presence = (*Source)(nil)
)

// lookEach is how often that is asked, in nanoseconds.
const lookEach = int64(time.Second)

// Open captures from an interface. It needs read and write access to /dev/bpf.
// The source lives until Close, also when the interface vanishes or comes back.
func Open(c Config) (*Source, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Source{config: c, done: make(chan struct{})}
	dev, err := openDevice(&c)
	switch {
	case err == nil:
		s.dev = dev
		s.present.Store(true)
	case c.Await && errors.Is(err, unix.ENXIO):
		// A filter that is wrong for Ethernet is wrong.
		if _, err := filter.Compile(c.Filter, filter.Options{Link: core.LinkEthernet}); err != nil {
			return nil, fmt.Errorf("filter %q: %w", c.Filter, err)
		}
		s.awaits = c.Interface + " is not there: waiting for it to come; ifconfig -l lists what there is"
	default:
		return nil, explain(&c, err)
	}
	return s, nil
}

// Present is core.Presence's.
func (s *Source) Present() bool { return s.present.Load() }

// Notice says in a sentence what is waited for; empty if nothing. To be asked
// before the first Next.
func (s *Source) Notice() string { return s.awaits }

// Next lends the packets of one buffer of the kernel until its next call. It
// waits no longer than Config.Timeout. After Close it lends what came before;
// then the error is os.ErrClosed.
func (s *Source) Next(b *core.Batch) error {
	b.Frames = b.Frames[:0]
	if !s.begun {
		s.begin()
	}
	err := s.fill(b)
	b.Stamp()
	s.now = b.Now
	return err
}

func (s *Source) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun, s.reading = true, true
	s.over = s.closed // Close has let go of the device
}

func (s *Source) isClosed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *Source) fill(b *core.Batch) error {
	if s.over {
		return os.ErrClosed
	}
	dev := s.dev
	if dev == nil {
		return s.reopen()
	}
	if s.isClosed() {
		dev.end()
	} else if s.now-s.looked >= lookEach || s.now < s.looked {
		if s.looked = s.now; dev.renamed(s.config.Interface) {
			dev.end()
		}
	}
	n, err := dev.file.Read(dev.buffer)
	switch {
	case n > 0:
		var whole bool
		if b.Frames, whole = walk(b.Frames, dev.buffer[:n], dev.link, unix.BPF_ALIGNMENT); !whole {
			dev.corrupt.Add(1)
		}
	case errors.Is(err, unix.EINTR):
	case dev.ended:
		return s.release() // that was all
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, unix.EWOULDBLOCK):
		// The timeout: os.File takes 0 bytes for the end.
	default:
		dev.end() // the interface is no more (ENXIO): what it has got is read first
	}
	return nil
}

// release lets go of a device that has ended. No frame is lent.
func (s *Source) release() error {
	s.mu.Lock()
	dev := s.dev
	s.collect()
	s.dev = nil
	s.mu.Unlock()
	_ = dev.file.Close()
	s.present.Store(false)
	if s.isClosed() {
		s.over = true
		return os.ErrClosed
	}
	s.failed = ""
	s.tell(core.Vanished, nil)
	return nil
}

// reopen waits and then tries whether the interface is back.
func (s *Source) reopen() error {
	timer := time.NewTimer(s.config.Timeout)
	defer timer.Stop()
	select {
	case <-s.done:
		s.over = true
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
	s.dev = dev // once Close was called, the next call lets go of it
	s.mu.Unlock()
	s.present.Store(true)
	kind := core.Returned
	if s.awaits != "" {
		kind, s.awaits = core.Came, ""
	}
	s.tell(kind, nil)
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
		s.total.Corrupt += c.Corrupt
	}
}

// Counters are cumulative since Open.
func (s *Source) Counters() core.Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collect()
	return s.total
}

// Close ends the capture. Next lends what came before and then returns
// os.ErrClosed, when its timeout has passed at the latest: who reads goes on
// until then. Who has never called Next need not.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.done)
	if s.dev == nil {
		return nil
	}
	s.dev.hush()
	s.collect()
	if s.reading {
		return nil
	}
	dev := s.dev
	s.dev = nil
	return dev.file.Close()
}
