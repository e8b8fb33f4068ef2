package sink

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/core/event"
)

// MinQueue is the smallest queue of a client, in bytes: the largest table of
// definitions fits into it.
const MinQueue = 128 << 10

// Greeting is what a client is told first. Each is a line that ends in LF; empty: left out.
type Greeting struct{ Hello, Status, Tables []byte }

// Options of a Fanout.
type Options struct {
	Clients int // at a time, of all listeners; further ones are refused and counted
	Queue   int // bytes of each client's queue; at least MinQueue
	// Greet makes the greeting of dialect d. It is called for each client, from
	// any goroutine, and must not wait for a goroutine that owns a Port.
	Greet func(d event.Dialect) Greeting
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

	mu        sync.Mutex // what follows, and writers of clients
	listeners []net.Listener
	rings     [][]byte // of clients that left
	closed    bool
	serving   sync.WaitGroup

	refused, accepted atomic.Uint64
	lost              atomic.Uint64 // of clients that left
	first             chan struct{} // closed when the first client is there
}

// NewFanout makes a Fanout without clients. Queues are allocated when clients
// come, and used again.
func NewFanout(o Options) *Fanout {
	o.Queue = max(o.Queue, MinQueue)
	f := &Fanout{options: o, first: make(chan struct{})}
	f.clients.Store(new([]*client))
	return f
}

// Serve takes clients from l, which it closes in Close, in a goroutine of its
// own. They are greeted in dialect d.
func (f *Fanout) Serve(l net.Listener, d event.Dialect) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		l.Close()
		return
	}
	f.listeners = append(f.listeners, l)
	f.serving.Add(1)
	go func() {
		defer f.serving.Done()
		f.accept(l, d)
	}()
}

// retry is the pause after a failed accept, which lack of descriptors causes.
const retry = 200 * time.Millisecond

func (f *Fanout) accept(l net.Listener, d event.Dialect) {
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			f.join(conn, d)
		case f.isClosed():
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

// join greets a client and makes it known to the ports.
func (f *Fanout) join(conn net.Conn, d event.Dialect) {
	greeting := f.greeting(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	list := *f.clients.Load()
	if f.closed || len(list) >= f.options.Clients {
		f.refused.Add(1)
		conn.Close()
		return
	}
	var ring []byte
	if n := len(f.rings); n > 0 {
		ring, f.rings = f.rings[n-1], f.rings[:n-1]
	} else {
		ring = make([]byte, f.options.Queue)
	}
	c := &client{conn: conn, dialect: d, queue: newQueue(ring)}
	list = append(slices.Clip(slices.Clone(list)), c)
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

func (f *Fanout) greeting(d event.Dialect) (b []byte) {
	if f.options.Greet == nil {
		return nil
	}
	g := f.options.Greet(d)
	if len(g.Hello) > 0 {
		b = frame(b, g.Hello)
	}
	if len(g.Status) > 0 {
		b = frame(b, event.AppendClientStatus(nil, g.Status, 0))
	}
	if len(g.Tables) > 0 {
		b = frame(b, g.Tables)
	}
	return b
}

func (f *Fanout) leave(c *client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := slices.Clone(*f.clients.Load())
	list = slices.DeleteFunc(list, func(x *client) bool { return x == c })
	f.clients.Store(&list)
	f.lost.Add(c.queue.lost())
	f.rings = append(f.rings, c.queue.release())
}

// Counters of a Fanout.
type Counters struct {
	Clients           int
	Accepted, Refused uint64
	Lost              uint64 // events that clients lost, all together
}

// Counters are cumulative but for Clients. Safe from any goroutine.
func (f *Fanout) Counters() Counters {
	list := *f.clients.Load()
	n := Counters{Clients: len(list), Accepted: f.accepted.Load(), Refused: f.refused.Load(), Lost: f.lost.Load()}
	for _, c := range list {
		n.Lost += c.queue.lost()
	}
	return n
}

// First is closed once a client has come.
func (f *Fanout) First() <-chan struct{} { return f.first }

// Close takes no more clients, lets each have what is in its queue for at most
// grace, and closes listeners and connections.
func (f *Fanout) Close(grace time.Duration) {
	deadline := time.Now().Add(grace)
	f.mu.Lock()
	f.closed = true
	listeners := f.listeners
	f.listeners = nil
	list := *f.clients.Load()
	f.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	for _, c := range list {
		c.finish(deadline)
	}
	f.serving.Wait()
}
