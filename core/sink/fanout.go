package sink

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/expr"
)

// MinQueue is the smallest queue of a client, in bytes: the largest table of
// definitions fits into it.
const MinQueue = 128 << 10

// Greeting is what a client is told first. Each is a line that ends in LF;
// empty: left out. They are not copied: nobody may change them afterwards.
type Greeting struct{ Hello, Status, Tables []byte }

// Options of a Fanout.
type Options struct {
	Clients int // at a time, of all doors; further ones are refused and counted
	Queue   int // bytes of each client's queue; at least MinQueue
	// Timeout is after how long a client is closed that reads nothing while its
	// queue loses events, or whose other end answers no more; 0: never.
	Timeout time.Duration
	// Greet makes the greeting of those who come in by d. It is called once for
	// each client that has a place, from any goroutine, and must not wait for a
	// goroutine that owns a Port.
	Greet func(d *Door) Greeting
	// Compile makes a filter for a client of dialect 5; nil: there are none.
	Compile func(text string) (*expr.Program, error)
}

// Memory is how many bytes clients take at most, without the kernel's buffers.
func (o Options) Memory() int64 {
	return int64(o.Clients) * int64(max(o.Queue, MinQueue)+batch+entryHead)
}

// Fanout serves the stream to clients. A client that is slow or never reads
// loses its own oldest events and nobody else's.
type Fanout struct {
	options Options
	clients atomic.Pointer[[]*client] // never changed in place

	mu      sync.Mutex // what follows, and writers of clients
	doors   []*door
	rings   [][]byte // of clients that left
	closed  bool
	serving sync.WaitGroup
	foreign netip.Addr // the newest that no door allows

	accepted, full, outside atomic.Uint64
	stalled, gone           atomic.Uint64
	lost                    atomic.Uint64 // of clients that left
	first                   chan struct{} // closed when the first client is there
}

// NewFanout makes a Fanout without clients. Queues are allocated when clients
// come, and used again.
func NewFanout(o Options) *Fanout {
	o.Queue = max(o.Queue, MinQueue)
	f := &Fanout{options: o, first: make(chan struct{})}
	f.clients.Store(new([]*client))
	return f
}

// Serve takes clients from a door, whose listener it closes in Close, in a
// goroutine of its own.
func (f *Fanout) Serve(d Door) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		d.Listener.Close()
		return
	}
	open := &door{Door: d}
	f.doors = append(f.doors, open)
	f.serve(open)
}

// Renew puts another listener in the place of one that nobody reaches any
// more. The old one must be closed before. Clients stay.
func (f *Fanout) Renew(old, l net.Listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.doors {
		if d.Listener == old && !f.closed {
			d.Listener = l
			f.serve(d)
			return
		}
	}
	l.Close()
}

func (f *Fanout) serve(d *door) {
	l := d.Listener
	f.serving.Add(1)
	go func() {
		defer f.serving.Done()
		f.accept(l, d)
	}()
}

// retry is the pause after a failed accept, which lack of descriptors causes.
const retry = 200 * time.Millisecond

func (f *Fanout) accept(l net.Listener, d *door) {
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			f.join(conn, d)
		case f.isClosed(), errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(retry)
		}
	}
}

func (f *Fanout) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// join gives a client a place, if it may have one. That is asked first: a
// greeting costs more than everything else here.
func (f *Fanout) join(conn net.Conn, d *door) {
	if !d.admits(conn) {
		f.turnAway(conn)
		return
	}
	f.mu.Lock()
	if f.closed || !f.hasPlace(d) {
		f.mu.Unlock()
		f.full.Add(1)
		conn.Close()
		return
	}
	d.clients++
	f.mu.Unlock()
	keepAlive(conn)
	c := &client{conn: conn, fanout: f, door: d, timeout: f.options.Timeout}
	c.wants.Store(wantsOf(d.Kinds))
	if d.Dialect == event.V5 {
		f.hear(c)
		return
	}
	f.enter(c)
}

// hear lets a client enter once it had time to ask for something.
func (f *Fanout) hear(c *client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		c.conn.Close()
		return
	}
	f.serving.Add(1)
	go func() {
		defer f.serving.Done()
		if c.listen() == nil {
			f.enter(c)
			return
		}
		c.conn.Close()
		f.mu.Lock()
		c.door.clients--
		f.mu.Unlock()
	}()
}

// enter greets a client that has a place and makes it known to the ports.
func (f *Fanout) enter(c *client) {
	greeting := f.greeting(c)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		c.conn.Close()
		return
	}
	var ring []byte
	if n := len(f.rings); n > 0 {
		ring, f.rings = f.rings[n-1], f.rings[:n-1]
	} else {
		ring = make([]byte, f.options.Queue)
	}
	c.queue = newQueue(ring, c.door.Dialect == event.V5)
	list := append(slices.Clip(slices.Clone(*f.clients.Load())), c)
	f.clients.Store(&list)
	f.serving.Add(1)
	go func() {
		defer f.serving.Done()
		c.run(greeting)
		f.leave(c)
	}()
	if f.accepted.Add(1) == 1 {
		close(f.first)
	}
}

// turnAway refuses a connection that comes from an address which no door allows.
func (f *Fanout) turnAway(conn net.Conn) {
	f.outside.Add(1)
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		f.mu.Lock()
		f.foreign = plain(a)
		f.mu.Unlock()
	}
	conn.Close()
}

// changed lets every port look at its clients anew.
func (f *Fanout) changed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := slices.Clone(*f.clients.Load())
	f.clients.Store(&list)
}

// greeting is what is written first, in pieces, of which the tables are shared.
func (f *Fanout) greeting(c *client) [][]byte {
	if f.options.Greet == nil {
		return nil
	}
	head := frameHead
	if c.door.Dialect == event.V5 {
		head = func(dst []byte, _ int) []byte { return dst }
	}
	g, w := f.options.Greet(&c.door.Door), c.wants.Load()
	var b []byte
	if len(g.Hello) > 0 && w.has(core.KindHello) {
		b = append(head(b, len(g.Hello)), g.Hello...)
	}
	if len(g.Status) > 0 && w.has(core.KindStatus) {
		status := event.AppendClientStatus(nil, g.Status, 0)
		b = append(head(b, len(status)), status...)
	}
	if len(g.Tables) == 0 || !w.has(core.KindDefinitions) {
		return [][]byte{b}
	}
	return [][]byte{head(b, len(g.Tables)), g.Tables}
}

func (f *Fanout) leave(c *client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := slices.Clone(*f.clients.Load())
	list = slices.DeleteFunc(list, func(x *client) bool { return x == c })
	f.clients.Store(&list)
	c.door.clients--
	f.lost.Add(c.queue.lost())
	switch {
	case c.stalled.Load():
		f.stalled.Add(1)
	case c.gone.Load():
		f.gone.Add(1)
	}
	f.rings = append(f.rings, c.queue.release())
}

// Counters of a Fanout. All but Clients are cumulative.
type Counters struct {
	Clients  int
	Accepted uint64
	Full     uint64 // refused, since every place was taken
	Outside  uint64 // refused, since their address is not allowed
	Stalled  uint64 // closed, since they read nothing while they lost events
	Gone     uint64 // closed, since the other end answered no more
	Lost     uint64 // events that clients lost, all together
}

// Counters may be called from any goroutine. The lock makes a client that leaves count once: as one that is there, or by what it lost.
func (f *Fanout) Counters() Counters {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := *f.clients.Load()
	n := Counters{Clients: len(list), Accepted: f.accepted.Load(), Full: f.full.Load(), Outside: f.outside.Load(),
		Stalled: f.stalled.Load(), Gone: f.gone.Load(), Lost: f.lost.Load()}
	for _, c := range list {
		n.Lost += c.queue.lost()
	}
	return n
}

// Foreign is the newest address that was refused since no door allows it.
func (f *Fanout) Foreign() netip.Addr {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.foreign
}

// First is closed once a client has come.
func (f *Fanout) First() <-chan struct{} { return f.first }

// Forever is a patience that does not end.
const Forever time.Duration = 1<<63 - 1

// Wait lets clients catch up: it returns when the queue of each is at most a
// quarter full. A client that has taken nothing for patience is waited for no
// more until it has caught up. For replays, which nothing else slows down, and
// for the end. It also returns when stop is closed. No caller may hold a lock
// that the corridor needs.
func (f *Fanout) Wait(patience time.Duration, stop <-chan struct{}) { f.wait(patience, stop, false) }

// Flush is Wait until the queues are empty.
func (f *Fanout) Flush(patience time.Duration, stop <-chan struct{}) { f.wait(patience, stop, true) }

func (f *Fanout) wait(patience time.Duration, stop <-chan struct{}, all bool) {
	if !f.behind(patience, all) {
		return
	}
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for f.behind(patience, all) {
		select {
		case <-look.C:
		case <-stop:
			return
		}
	}
}

// Behind says that Wait would wait.
func (f *Fanout) Behind(patience time.Duration) bool { return f.behind(patience, false) }

// behind says that somebody must be waited for.
func (f *Fanout) behind(patience time.Duration, all bool) (any bool) {
	list := *f.clients.Load()
	if len(list) == 0 {
		return false
	}
	for _, c := range list {
		any = c.pace.behind(c.queue, patience, all) || any
	}
	return any
}

// Close takes no more clients, lets each have what is in its queue for at most
// grace, and closes listeners and connections.
func (f *Fanout) Close(grace time.Duration) {
	deadline := time.Now().Add(grace)
	f.mu.Lock()
	f.closed = true
	list := *f.clients.Load()
	for _, d := range f.doors {
		d.Listener.Close()
	}
	f.mu.Unlock()
	for _, c := range list {
		c.finish(deadline)
	}
	f.serving.Wait()
}
