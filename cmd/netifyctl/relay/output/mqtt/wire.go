package mqtt

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// dial opens the connection, with TLS where the configuration says so.
func dial(ctx context.Context, c *Broker) (*wire, error) {
	address, err := c.address()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	settings, err := c.tls()
	if err != nil {
		return nil, &output.Unauthorized{Err: err}
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if settings == nil {
		return newWire(raw, c.timeout()), nil
	}
	secured := tls.Client(raw, settings)
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, refusedBy(err)
	}
	return newWire(secured, c.timeout()), nil
}

// refusedBy makes an Unauthorized of errors that only a person can mend: a
// certificate that we or the broker do not believe.
func refusedBy(err error) error {
	var ours *tls.CertificateVerificationError
	var theirs *net.OpError
	switch {
	case errors.As(err, &ours):
		return &output.Unauthorized{Err: fmt.Errorf("the broker's certificate is not believed (ca, server_name): %w", err)}
	case errors.As(err, &theirs) && theirs.Op == "remote error":
		return &output.Unauthorized{Err: fmt.Errorf("the broker refuses the certificate or the version of TLS (cert, key): %w", err)}
	}
	return err
}

// wire is a connection that gathers small packets: what is written while a
// write is under way goes with the next one. Without it each message costs
// several records of TLS and calls of the system.
type wire struct {
	net.Conn
	in         *bufio.Reader
	timeout    time.Duration // of one write
	gone       chan struct{} // closed with the connection, whichever side closed it
	sync.Mutex               // held over a packet that is written in parts

	mu    sync.Mutex // guards all below
	room  sync.Cond  // out is short again, or err is set
	more  sync.Cond  // out is not empty, or err is set
	out   []byte
	busy  bool // a write is under way
	err   error
	spare []byte
}

// gathered is how much waits for a write before writers wait too, in bytes.
const gathered = 64 << 10

func newWire(c net.Conn, timeout time.Duration) *wire {
	w := &wire{Conn: c, in: bufio.NewReaderSize(c, 4096), timeout: timeout, gone: make(chan struct{})}
	w.room.L, w.more.L = &w.mu, &w.mu
	go w.run()
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil {
		w.mu.Lock()
		w.fail(err)
		w.mu.Unlock()
	}
	return n, err
}

// fail ends the connection with its first error. Whoever calls it holds mu.
func (w *wire) fail(err error) {
	if w.err != nil {
		return
	}
	w.err = err
	close(w.gone)
	w.room.Broadcast()
	w.more.Broadcast()
	w.Conn.Close()
}

// Write takes p for a later write. It fails when an earlier one has failed.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.out) > gathered && w.err == nil {
		w.room.Wait()
	}
	if w.err != nil {
		return 0, w.err
	}
	w.out = append(w.out, p...)
	w.more.Signal()
	return len(p), nil
}

func (w *wire) run() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.out) == 0 && w.err == nil {
			w.more.Wait()
		}
		if w.err != nil {
			return
		}
		out := w.out
		w.out, w.busy = w.spare[:0], true
		w.mu.Unlock()
		w.Conn.SetWriteDeadline(time.Now().Add(w.timeout))
		_, err := w.Conn.Write(out)
		w.mu.Lock()
		w.spare, w.busy = out, false
		if err != nil {
			w.fail(err)
		}
		w.room.Broadcast()
	}
}

// first is why the connection ended: what came later only says that it had. It
// is other where it did not end.
func (w *wire) first(other error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil && errors.Is(other, net.ErrClosed) {
		return w.err
	}
	return other
}

// Close sends what was written, and closes. It waits no longer than a second.
func (w *wire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	late := time.AfterFunc(time.Second, func() { w.Conn.Close() })
	defer late.Stop()
	for (len(w.out) > 0 || w.busy) && w.err == nil {
		w.room.Wait()
	}
	w.fail(net.ErrClosed)
	return nil
}

// SetDeadline is for reads; writes have their own.
func (w *wire) SetDeadline(t time.Time) error { return w.Conn.SetReadDeadline(t) }

func (w *wire) SetWriteDeadline(time.Time) error { return nil }
