package mqtt

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
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
		return newWire(raw, raw, c), nil
	}
	secured := tls.Client(raw, settings)
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, refusedBy(err)
	}
	return newWire(secured, raw, c), nil
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

// wire is the connection below a library. It gathers small packets: what is
// written while a write is under way goes with the next one. Without it each
// message costs several records of TLS and calls of the system. Messages are
// written past the library, and their PUBACKs are taken out of what it reads.
type wire struct {
	net.Conn
	flight
	five       bool // MQTT 5
	in         *bufio.Reader
	pass       int           // bytes of a packet that are for the library
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

// heard is the longest packet that a broker of MQTT 5 is asked for, in bytes: what
// we hear is short. Older brokers cannot be asked, so none is read above mostHeard,
// or the libraries would take up to 256 MiB at a broker's word.
const (
	heard     = 4096
	mostHeard = 64 << 10
)

// gathered is how much waits for a write before writers wait too, in bytes.
const gathered = 64 << 10

// newWire takes a connection, and what lies below its TLS.
func newWire(c, raw net.Conn, b *Broker) *wire {
	w := &wire{Conn: c, five: b.Version != "3.1.1", in: bufio.NewReaderSize(c, heard), timeout: b.timeout(), gone: make(chan struct{})}
	w.room.L, w.more.L = &w.mu, &w.mu
	w.flight.ack = acknowledger(raw)
	go w.run()
	return w
}

// Read gives the library what is not a PUBACK of ours.
func (w *wire) Read(p []byte) (n int, err error) {
	for w.pass == 0 && err == nil {
		err = w.next()
	}
	if err == nil {
		n, err = w.in.Read(p[:min(len(p), w.pass)])
		w.pass -= n
	}
	if err != nil {
		w.mu.Lock()
		w.fail(err)
		w.mu.Unlock()
	}
	return n, err
}

// next looks at the head of a packet (MQTT 3.1.1 and 5, 2.1): pass is its length
// if it is for the library.
func (w *wire) next() error {
	length, shift, at := 0, 0, 1
	for {
		head, err := w.in.Peek(at + 1)
		if err != nil {
			return err
		}
		length |= int(head[at]&0x7f) << shift
		if at++; head[at-1] < 0x80 {
			break
		}
		if shift += 7; at > 4 {
			return errors.New("the broker sent a packet whose length has more than 4 bytes")
		}
	}
	if length > mostHeard {
		return fmt.Errorf("the broker sent a packet of %d bytes: more than %d are not read", length, mostHeard)
	}
	head, err := w.in.Peek(1)
	if err == nil && w.five && head[0] == disconnect {
		packet, err := w.in.Peek(min(at+length, heard))
		if err != nil {
			return err
		}
		return goodbye(packet[at:])
	}
	if err != nil || head[0] != puback || length < 2 {
		w.flight.tell() // it may come at once behind our answers
		w.pass = at + length
		return err
	}
	packet, err := w.in.Peek(at + length)
	if err != nil {
		return err
	}
	if !w.flight.answered(packet, at) {
		w.flight.tell()
		w.pass = at + length
		return nil
	}
	_, _ = w.in.Discard(at + length)
	if w.in.Buffered() < 4 { // the next one is not there yet
		w.flight.tell()
	}
	return nil
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

// Kinds of packets (MQTT 3.1.1 and 5, 2.1.2 and 3.3.1).
const (
	publish = 0x30 // and 1: retain, qos<<1
	puback  = 0x40
	// disconnect comes from brokers of MQTT 5 alone.
	disconnect = 0xe0
)

// post takes a message for a later write, at the latest that of flush.
func (w *wire) post(m *Message, qos byte) error {
	w.Lock() // not between the parts of a packet of the library
	defer w.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(); err != nil {
		return err
	}
	kind, length := publish|qos<<1, 2+len(m.Topic)+len(m.Payload)
	if m.Retain {
		kind |= 1
	}
	var identifier uint16
	if qos > 0 {
		var err error
		if identifier, err = w.flight.next(); err != nil {
			return err
		}
		length += 2
	}
	if w.five {
		length++
	}
	out := binary.AppendUvarint(append(w.out, kind), uint64(length)) // as MQTT writes lengths (5, 1.5.5)
	out = append(binary.BigEndian.AppendUint16(out, uint16(len(m.Topic))), m.Topic...)
	if qos > 0 {
		out = binary.BigEndian.AppendUint16(out, identifier)
	}
	if w.five {
		out = append(out, 0) // no properties
	}
	if w.out = append(out, m.Payload...); len(w.out) >= gathered/2 {
		w.more.Signal()
	}
	return nil
}

// ready waits until there is room to write. Whoever calls it holds mu.
func (w *wire) ready() error {
	for len(w.out) > gathered && w.err == nil {
		w.room.Wait()
	}
	return w.err
}

// flush lets what was posted go.
func (w *wire) flush() { w.more.Signal() }

// written waits until all that was posted has gone.
func (w *wire) written() error {
	w.flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	for (len(w.out) > 0 || w.busy) && w.err == nil {
		w.room.Wait()
	}
	return w.err
}

// Write takes p for a later write. It fails when an earlier one has failed.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(); err != nil {
		return 0, err
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
