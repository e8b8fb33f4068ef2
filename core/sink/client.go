package sink

import (
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/core"
	"netifyd/core/event"
)

// batch is how many bytes are written to a client at once, as a rule.
const batch = 32 << 10

// lookEvery is how often a client that sends no more is looked after.
const lookEvery = time.Second

// What a client sends is read and thrown away, at most this much at a time:
// one that sends without end shall not keep a processor busy.
const (
	discardAtOnce = 16 << 10
	discardPause  = 10 * time.Millisecond
)

// errStalled ends a client whose queue overflows while it reads nothing.
var errStalled = errors.New("the client reads nothing while events are lost")

// client is one connection: a goroutine that writes what its queue holds, and
// one that throws away what the other end sends.
type client struct {
	conn    net.Conn
	fanout  *Fanout
	door    *door
	queue   *queue
	timeout time.Duration // of a client that takes nothing; 0: none
	wants   atomic.Pointer[wants]
	asks    request // dialect 5
	pace    pace
	stalled atomic.Bool // closed, since it read nothing
	gone    atomic.Bool // closed, since the other end answers no more

	mu  sync.Mutex // deadlines
	end time.Time  // of all writing; zero: none
}

// askWithin is how long a client of dialect 5 is waited for that asks for
// something in its first line. One that asks later is heard too.
const askWithin = 200 * time.Millisecond

func frameHead(dst []byte, n int) []byte {
	dst = append(dst, `{"length": `...)
	return append(strconv.AppendInt(dst, int64(n), 10), '}', '\n')
}

// run serves the connection until it breaks, or the queue is closed and empty.
func (c *client) run(greeting [][]byte) {
	read, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		c.discard(written)
	}()
	if err := c.write(greeting); errors.Is(err, errStalled) {
		c.stalled.Store(true)
	}
	close(written)
	c.stop()
	<-read
}

func (c *client) write(greeting [][]byte) error {
	for _, b := range greeting {
		if err := c.send(b); err != nil {
			return err
		}
	}
	buf := make([]byte, 0, batch)
	for {
		var ended bool
		if buf, ended = c.queue.take(buf); ended {
			return nil
		}
		if len(buf) == 0 {
			<-c.queue.wake
			continue
		}
		if err := c.send(buf); err != nil {
			return err
		}
	}
}

// send writes b. A client that takes nothing of it for the timeout, while its
// queue loses events, is given up.
func (c *client) send(b []byte) error {
	lost, since := c.queue.lost(), time.Now()
	for len(b) > 0 {
		c.allow()
		n, err := c.conn.Write(b)
		b = b[n:]
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded) || c.over():
			return err
		case n > 0:
			lost, since = c.queue.lost(), time.Now()
		case c.timeout > 0 && c.queue.lost() != lost && time.Since(since) >= c.timeout:
			return errStalled
		}
	}
	return nil
}

// allow sets when the next write is to come back: soon enough to look at the
// time, and never after the end.
func (c *client) allow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := c.end
	if c.timeout > 0 {
		if step := time.Now().Add(c.timeout / 4); until.IsZero() || step.Before(until) {
			until = step
		}
	}
	_ = c.conn.SetWriteDeadline(until) // an error of it is that of the write
}

// over says that the time of the end has come.
func (c *client) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.end.IsZero() && !time.Now().Before(c.end)
}

// discard reads what the client sends, until the connection breaks. The end
// of what it sends ends nothing, since a client may close its half and go on
// reading; then only now and then a look tells whether it is still there.
func (c *client) discard(written <-chan struct{}) {
	defer c.stop()
	if !c.swallow() {
		return
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for !hungUp(c.conn) && !c.lost() {
		select {
		case <-written:
			return
		case <-look.C:
		}
	}
}

// swallow reads to the end of what the client sends; false: the connection broke.
func (c *client) swallow() bool {
	var b [512]byte
	for sum := 0; ; {
		if c.timeout > 0 {
			_ = c.conn.SetReadDeadline(time.Now().Add(c.timeout / 4))
		}
		n, err := c.conn.Read(b[:])
		if c.asking() && c.asks.take(b[:n]) {
			if err := c.asked(); err != nil { // the last that it is told
				c.queue.push(event.AppendError(nil, err.Error()), core.Wanted)
				c.queue.close()
			} else {
				c.fanout.changed()
			}
		}
		switch {
		case err == io.EOF:
			return true
		case errors.Is(err, os.ErrDeadlineExceeded):
			if c.lost() {
				return false
			}
		case err != nil:
			return false
		}
		if sum += n; sum >= discardAtOnce {
			sum = 0
			time.Sleep(discardPause)
		}
	}
}

// asking says that the client may ask for something, and has not yet.
func (c *client) asking() bool { return c.door.Dialect == event.V5 && !c.asks.over }

// listen waits a moment for what a client asks for, before it is told anything.
func (c *client) listen() error {
	var b [512]byte
	_ = c.conn.SetReadDeadline(time.Now().Add(askWithin))
	defer c.conn.SetReadDeadline(time.Time{})
	for c.asking() {
		n, err := c.conn.Read(b[:])
		if c.asks.take(b[:n]) {
			err := c.asked()
			if err != nil {
				_ = c.conn.SetWriteDeadline(time.Now().Add(askWithin))
				_, _ = c.conn.Write(event.AppendError(nil, err.Error()))
			}
			return err
		}
		if err != nil { // it asks for nothing now; whatever is wrong comes again
			return nil
		}
	}
	return nil
}

// asked takes what the client asks for. One that asks for what is not there is
// told so, and let go: it would wait for nothing.
func (c *client) asked() error {
	w, err := c.asks.parse(c.fanout.options.Compile)
	if err == nil {
		c.wants.Store(w)
	}
	return err
}

// lost says that the other end is there no more, as far as the kernel knows.
func (c *client) lost() bool {
	if c.timeout <= 0 || !silent(c.conn, c.timeout) {
		return false
	}
	c.gone.Store(true)
	return true
}

// stop ends the connection at once.
func (c *client) stop() {
	c.queue.close()
	c.conn.Close()
}

// finish ends the connection once everything is written, or at the deadline.
func (c *client) finish(deadline time.Time) {
	c.queue.close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = deadline
	_ = c.conn.SetWriteDeadline(deadline)
}
