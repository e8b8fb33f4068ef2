package afpacket

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
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
	config Config
	state  atomic.Uint32 // reading, closed, gone
	done   chan struct{} // closed by Close

	// Of Next alone.
	over   bool // it has returned os.ErrClosed
	down   bool
	awaits string // what was said at Open of an interface that has never been there
	failed string // the error told last
	queued bool   // it waits for others of its group
	looked int64  // when it was last asked what became of the interface
	now    int64  // when Next last returned

	mu    sync.Mutex
	sock  *socket // nil while the interface is gone; changed by Next, once it was called
	total core.Counters
	shunt *shunt // outlives its sockets, as what it counts does; nil: packets are read without a ring, or the source is closed
	// forget closes it with a source that nobody closed.
	forget runtime.Cleanup

	lent core.Batch // of ZeroCopyReadPacketData
	read int
}

// Bits of Source.state.
const (
	reading = 1 << iota // Next was called: it lets go of the socket
	closed              // Close was called
	gone                // the interface is not there, or down
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
	if err != nil && (!c.Await || !absent(err)) {
		return nil, explain(&c, err)
	}
	s := &Source{config: c, done: make(chan struct{})}
	if sock == nil {
		// A filter that is wrong for Ethernet is wrong.
		if _, err := filter.Compile(c.Filter, filter.Options{Link: core.LinkEthernet}); err != nil {
			return nil, explain(&c, fmt.Errorf("filter %q: %w", c.Filter, err))
		}
		s.awaits = fmt.Sprintf("%s is not there: waiting for it to come; there is %s", c.Interface, strings.Join(names(), ", "))
		if err == errDown {
			s.awaits = c.Interface + " is down: waiting for it to come up"
		}
		s.state.Store(gone)
		s.keepShunt(openShunt(&c, shape{link: core.LinkEthernet}))
		return s, nil
	}
	s.sock = sock
	if sock.ring != nil {
		s.keepShunt(openShunt(&c, sock.ring.shape))
	}
	return s, nil
}

// absent says that an error of opening is what to wait for.
func absent(err error) bool {
	return errors.Is(err, unix.ENODEV) || errors.Is(err, errDown) || err == errTurn
}

// OpenShards opens n sources, each with a ring of its own, that share the
// packets of one interface by flow hash; both directions of a flow go to one
// source, as long as the kernel has hashes of its own. None lends a packet before
// all are there, and once one is closed the others get no more. The first one
// tells the events.
func OpenShards(c Config, n int) ([]*Source, error) {
	if n < 1 {
		return nil, fmt.Errorf("%d shards: use at least 1", n)
	}
	if n > 1 {
		c.fanout = newGroup(n)
	}
	shards := make([]*Source, 0, n)
	for c.shard = range n {
		s, err := openUnless(c.Stop, c)
		if err != nil {
			for _, open := range shards {
				_ = open.Close()
			}
			return nil, err
		}
		c.Event = nil
		shards = append(shards, s)
	}
	return shards, nil
}

// openUnless is Open, unless stop is closed.
func openUnless(stop <-chan struct{}, c Config) (*Source, error) {
	select {
	case <-stop:
		return nil, fmt.Errorf("capture on %s: stopped before it began: %w", c.Interface, os.ErrClosed)
	default:
		return Open(c)
	}
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
	if s.isClosed() || sock.shut.Load() {
		sock.end()
	} else if s.now-s.looked >= lookEach || s.now < s.looked {
		s.look()
	}
	if !sock.ended.IsZero() {
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
		s.sock.end()
	case err != nil:
		// Nothing known: asked again with the next error.
	case d.index != s.sock.index: // another interface took its name
		s.sock.end()
	case d.up() && s.down:
		s.setDown(false)
		s.tell(core.Up, nil)
	case !d.up() && !s.down:
		s.setDown(true)
		s.tell(core.Down, nil)
	default:
		s.mu.Lock()
		s.goOn()
		s.mu.Unlock()
	}
}

// reopen waits and then tries whether the interface is back.
func (s *Source) reopen() error {
	if !s.awaitTurn() {
		return s.finish()
	}
	sock, err := openSocket(&s.config)
	s.queued = err == errTurn
	if err != nil {
		if !absent(err) && s.failed != err.Error() {
			s.failed = err.Error()
			s.tell(core.Failed, explain(&s.config, err))
		}
		return nil
	}
	if !s.install(sock) {
		return s.finish()
	}
	s.looked, s.failed = 0, ""
	s.setDown(false)
	kind := core.Returned
	if s.awaits != "" {
		kind, s.awaits = core.Came, ""
	}
	s.tell(kind, nil)
	return nil
}

// awaitTurn waits a while, or until other sockets of the group have gone or
// come. False: the source is closed.
func (s *Source) awaitTurn() bool {
	var changed <-chan struct{}
	if s.queued {
		var mine bool
		if mine, changed = s.config.fanout.turn(s.config.shard); mine {
			return !s.isClosed()
		}
	}
	timer := time.NewTimer(s.config.Wait)
	defer timer.Stop()
	select {
	case <-s.done:
		return false
	case <-timer.C:
	case <-changed:
	}
	return true
}

// setDown notes for Present whether packets may come.
func (s *Source) setDown(down bool) {
	if s.down = down; down {
		s.state.Or(gone)
	} else {
		s.state.And(^uint32(gone))
	}
}

// Present is core.Presence's.
func (s *Source) Present() bool { return s.state.Load()&gone == 0 }

// install makes sock the source's, unless Close came first.
func (s *Source) install(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		sock.free()
		return false
	}
	s.sock = sock
	s.goOn()
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
		s.total.Corrupt += c.Corrupt
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
		if before&reading == 0 {
			s.endShunt()
		}
		return nil
	}
	s.sock.hushAll()
	s.collect()
	if before&reading == 0 {
		s.sock.free()
		s.sock = nil
		s.endShunt()
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

// Notice says in a sentence what the kernel refused and what that costs, or what
// is waited for; empty if nothing. To be asked before the first Next.
func (s *Source) Notice() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sock == nil {
		return s.awaits
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
