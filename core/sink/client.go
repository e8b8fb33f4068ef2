package sink

import (
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"netifyd/core/event"
)

// batch is how many bytes are written to a client at once, as a rule.
const batch = 32 << 10

// lookEvery is how often a client that sends no more is looked after.
const lookEvery = time.Second

// client is one connection: a goroutine that writes what its queue holds, and
// one that throws away what the other end sends.
type client struct {
	conn    net.Conn
	dialect event.Dialect
	queue   *queue
	stuck   atomic.Bool // did not catch up when a replay waited for it
}

// frame puts the header of a line before it.
func frame(dst, line []byte) []byte {
	dst = append(dst, `{"length": `...)
	dst = append(strconv.AppendInt(dst, int64(len(line)), 10), '}', '\n')
	return append(dst, line...)
}

// run serves the connection until it breaks, or the queue is closed and empty.
func (c *client) run(greeting []byte) {
	read, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		c.discard(written)
	}()
	if _, err := c.conn.Write(greeting); err == nil {
		c.write()
	}
	close(written)
	c.stop()
	<-read
}

func (c *client) write() {
	buf := make([]byte, 0, batch)
	for {
		var ended bool
		if buf, ended = c.queue.take(buf); ended {
			return
		}
		if len(buf) == 0 {
			<-c.queue.wake
			continue
		}
		if _, err := c.conn.Write(buf); err != nil {
			return
		}
	}
}

// discard reads what the client sends, until the connection breaks. The end
// of what it sends ends nothing, since a client may close its half and go on
// reading; then only now and then a look tells whether it is still there.
func (c *client) discard(written <-chan struct{}) {
	defer c.stop()
	var b [512]byte
	for {
		if _, err := c.conn.Read(b[:]); err == io.EOF {
			break
		} else if err != nil {
			return
		}
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for !hungUp(c.conn) {
		select {
		case <-written:
			return
		case <-look.C:
		}
	}
}

// stop ends the connection at once.
func (c *client) stop() {
	c.queue.close()
	c.conn.Close()
}

// finish ends the connection once everything is written, or at the deadline.
func (c *client) finish(deadline time.Time) {
	c.queue.close()
	c.conn.SetWriteDeadline(deadline)
}
