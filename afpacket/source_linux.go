package afpacket

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// Source captures from one interface. Next belongs to one goroutine; every
// other method may be called from any.
type Source struct {
	config Config
	state  atomic.Uint32 // busy, closed
	done   chan struct{} // closed by Close
	down   bool          // of Next alone
	failed string        // of Next alone: the error told last

	mu    sync.Mutex
	sock  *socket // nil while the interface is gone; changed by Next alone
	total core.Counters
	freed sync.Once

	lent core.Batch // of ZeroCopyReadPacketData
	read int
}

// Bits of Source.state.
const (
	busy   = 1 << iota // Next runs, or has lent frames
	closed             // Close was called
)

// Open captures from an interface. It needs CAP_NET_RAW. The source lives until
// Close, also when the interface goes down, vanishes or comes back.
func Open(c Config) (*Source, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	sock, err := openSocket(&c)
	if err != nil {
		return nil, explain(&c, err)
	}
	if c.fanout != 0 {
		c.fanout = sock.group
	}
	return &Source{config: c, sock: sock, done: make(chan struct{})}, nil
}

// OpenShards opens n sources that share the packets of one interface by flow
// hash, and its ring's memory equally; both directions of a flow go to one
// source. Where a network card computes the hash, it decides.
func OpenShards(c Config, n int) ([]*Source, error) {
	if n < 1 {
		return nil, fmt.Errorf("%d shards: use at least 1", n)
	}
	if err := c.complete(); err != nil {
		return nil, err
	}
	if n > 1 {
		c.fanout = ownGroup
		c.RingBytes = max(c.RingBytes/n/c.BlockBytes, 2) * c.BlockBytes
	}
	shards := make([]*Source, 0, n)
	for range n {
		s, err := Open(c)
		if err != nil {
			for _, open := range shards {
				_ = open.Close()
			}
			return nil, err
		}
		c.fanout = s.config.fanout
		shards = append(shards, s)
	}
	return shards, nil
}

// Next lends the packets of one block of the ring until its next call. The
// error is os.ErrClosed after Close; nothing that happens to the interface ends
// the source: Config.Event is told.
func (s *Source) Next(b *core.Batch) error {
	b.Frames = b.Frames[:0]
	if s.state.Or(busy)&closed != 0 {
		s.free()
		return os.ErrClosed
	}
	err := s.fill(b)
	b.Now = time.Now().UnixNano()
	if len(b.Frames) == 0 && s.state.And(^uint32(busy))&closed != 0 {
		s.free()
		return os.ErrClosed
	}
	return err
}

// fill waits at most once.
func (s *Source) fill(b *core.Batch) error {
	sock := s.sock
	if sock == nil {
		return s.reopen()
	}
	if sock.ring != nil {
		sock.ring.giveBack()
		if sock.ring.ready() {
			return s.take(b)
		}
	}
	switch err := sock.wait.wait(s.config.Wait); {
	case err == nil:
		return s.take(b)
	case errors.Is(err, os.ErrClosed):
		return os.ErrClosed
	case err == errTimeout:
		if s.down {
			s.look()
		}
	default:
		s.look()
	}
	return nil
}

// take fills b with what the wait has found.
func (s *Source) take(b *core.Batch) error {
	if ring := s.sock.ring; ring != nil {
		b.Frames = ring.take(b.Frames)
	} else {
		b.Frames = s.sock.recv.take(b.Frames)
		if s.sock.recv.takeError() != nil {
			s.look()
			return nil
		}
	}
	if s.down && len(b.Frames) > 0 {
		s.look()
	}
	return nil
}

// look asks what became of the interface, after an error and while it is down.
func (s *Source) look() {
	if s.state.Load()&closed != 0 {
		return
	}
	d, err := lookup(s.config.Interface)
	switch {
	case s.sock.gone() || errors.Is(err, unix.ENODEV):
		s.vanish()
	case err != nil:
		// Nothing known: asked again with the next error.
	case d.up() && s.down:
		s.down = false
		s.tell(core.Up, nil)
	case !d.up() && !s.down:
		s.down = true
		s.tell(core.Down, nil)
	}
}

// vanish lets go of a socket whose interface is no more.
func (s *Source) vanish() {
	s.mu.Lock()
	sock := s.sock
	s.collect()
	s.sock = nil
	s.mu.Unlock()
	sock.close()
	sock.free()
	s.down, s.failed = false, ""
	s.tell(core.Vanished, nil)
}

// reopen waits and then tries whether the interface is back.
func (s *Source) reopen() error {
	timer := time.NewTimer(s.config.Wait)
	defer timer.Stop()
	select {
	case <-s.done:
		return os.ErrClosed
	case <-timer.C:
	}
	sock, err := openSocket(&s.config)
	if err != nil {
		if !errors.Is(err, unix.ENODEV) && s.failed != err.Error() {
			s.failed = err.Error()
			s.tell(core.Failed, explain(&s.config, err))
		}
		return nil
	}
	if !s.install(sock) {
		return os.ErrClosed
	}
	s.tell(core.Returned, nil)
	return nil
}

// install makes sock the source's, unless Close came first.
func (s *Source) install(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load()&closed != 0 {
		sock.close()
		sock.free()
		return false
	}
	s.sock = sock
	return true
}

func (s *Source) tell(kind core.ChangeKind, err error) {
	if s.config.Event != nil {
		s.config.Event(core.Change{Interface: s.config.Interface, Kind: kind, Err: err})
	}
}

// collect adds the socket's counters to the total. The caller holds mu.
func (s *Source) collect() {
	if s.sock != nil {
		c := s.sock.counters()
		s.total.Received += c.Received
		s.total.Dropped += c.Dropped
		s.total.Freezes += c.Freezes
	}
}

// Counters are cumulative since Open, whatever became of the interface between.
func (s *Source) Counters() core.Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collect()
	return s.total
}

// Close ends the capture and wakes Next. Frames that Next has lent stay valid
// until its next call, which returns os.ErrClosed.
func (s *Source) Close() error {
	before := s.state.Or(closed)
	if before&closed != 0 {
		return nil
	}
	close(s.done)
	s.mu.Lock()
	if s.sock != nil {
		s.collect()
		s.sock.close()
	}
	s.mu.Unlock()
	if before&busy == 0 {
		s.free()
	}
	return nil
}

// free gives the memory back. Nobody is in Next and no frame is lent.
func (s *Source) free() {
	s.freed.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.sock != nil {
			s.sock.free()
		}
	})
}

// Method says how packets are read: Ring or Socket; empty while the interface is gone.
func (s *Source) Method() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.sock == nil:
		return ""
	case s.sock.ring == nil:
		return Socket
	}
	return Ring
}

// Notice says in a sentence what the kernel refused and what that costs; empty if nothing.
func (s *Source) Notice() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sock == nil {
		return ""
	}
	return s.sock.notice
}

// Link is what the frames begin with; it may change when an interface returns.
func (s *Source) Link() core.LinkType {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.sock == nil:
		return core.LinkEthernet
	case s.sock.ring == nil:
		return s.sock.recv.link
	}
	return s.sock.ring.link
}
