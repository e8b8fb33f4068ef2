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
	state  atomic.Uint32 // reading, closed
	done   chan struct{} // closed by Close

	// Of Next alone.
	over   bool // it has returned os.ErrClosed
	down   bool
	failed string // the error told last
	looked int64  // when it was last asked what became of the interface
	now    int64  // when Next last returned

	mu    sync.Mutex
	sock  *socket // nil while the interface is gone; changed by Next, once it was called
	total core.Counters

	lent core.Batch // of ZeroCopyReadPacketData
	read int
}

// Bits of Source.state.
const (
	reading = 1 << iota // Next was called: it lets go of the socket
	closed              // Close was called
)

// lookEach is how often it is asked, in nanoseconds, whether the name is still
// that of the interface: nothing tells of a new name.
const lookEach = int64(time.Second)

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

// OpenShards opens n sources, each with a ring of its own, that share the
// packets of one interface by flow hash; both directions of a flow go to one
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

// Next lends the packets of one block of the ring until its next call. After
// Close it lends what came before; then the error is os.ErrClosed. Nothing that
// happens to the interface ends the source: Config.Event is told.
func (s *Source) Next(b *core.Batch) error {
	b.Frames = b.Frames[:0]
	if s.state.Or(reading)&(reading|closed) == closed {
		s.over = true // Close has let go of the socket
	}
	err := s.fill(b)
	b.Stamp()
	s.now = b.Now
	return err
}

// fill waits at most once.
func (s *Source) fill(b *core.Batch) error {
	if s.over {
		return os.ErrClosed
	}
	sock := s.sock
	if sock == nil {
		return s.reopen()
	}
	sock.giveBack()
	if s.isClosed() {
		sock.end(&s.config)
	} else if s.now-s.looked >= lookEach || s.now < s.looked {
		s.look()
	}
	if !sock.ends.IsZero() {
		return s.drain(b)
	}
	if sock.ring != nil && sock.ring.ready() {
		s.take(b)
		return nil
	}
	switch err := sock.wait.wait(s.config.Wait); {
	case err == nil:
		s.take(b)
	case err == errTimeout:
		if s.down {
			s.look()
		}
	default:
		s.look()
	}
	return nil
}

// take fills b with what the wait has found. The socket stays until the next
// call, whatever became of its interface: its frames are lent.
func (s *Source) take(b *core.Batch) {
	failed := false
	if ring := s.sock.ring; ring != nil {
		b.Frames = ring.take(b.Frames)
	} else {
		b.Frames = s.sock.recv.take(b.Frames)
		failed = s.sock.recv.takeError() != nil
	}
	if failed || s.down && len(b.Frames) > 0 {
		s.look()
	}
}

// look asks what became of the interface: after an error, while it is down, and
// now and then.
func (s *Source) look() {
	if s.isClosed() {
		return
	}
	s.looked = s.now
	d, err := lookup(s.config.Interface)
	switch {
	case s.sock.gone() || errors.Is(err, unix.ENODEV):
		s.sock.end(&s.config)
	case err != nil:
		// Nothing known: asked again with the next error.
	case d.index != s.sock.index: // another interface took its name
		s.sock.end(&s.config)
	case d.up() && s.down:
		s.down = false
		s.tell(core.Up, nil)
	case !d.up() && !s.down:
		s.down = true
		s.tell(core.Down, nil)
	}
	if !s.sock.ends.IsZero() {
		s.sock.hush() // one that was renamed goes on
	}
}

// reopen waits and then tries whether the interface is back.
func (s *Source) reopen() error {
	timer := time.NewTimer(s.config.Wait)
	defer timer.Stop()
	select {
	case <-s.done:
		s.over = true
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
		s.over = true
		return os.ErrClosed
	}
	s.looked = s.now
	s.tell(core.Returned, nil)
	return nil
}

// install makes sock the source's, unless Close came first.
func (s *Source) install(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		sock.free()
		return false
	}
	s.sock = sock
	return true
}

func (s *Source) isClosed() bool { return s.state.Load()&closed != 0 }

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

// Close ends the capture and wakes Next, which lends what came before and then
// returns os.ErrClosed: who reads goes on until then, so that no packet is
// lost. Who has never called Next need not.
func (s *Source) Close() error {
	before := s.state.Or(closed)
	if before&closed != 0 {
		return nil
	}
	close(s.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sock == nil {
		return nil
	}
	s.sock.hush()
	s.collect()
	if before&reading == 0 {
		s.sock.free()
		s.sock = nil
		return nil
	}
	s.sock.wait.wake()
	return nil
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
