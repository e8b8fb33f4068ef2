package mqtt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Message is what a broker is told.
type Message struct {
	Topic   string
	Payload []byte
	Retain  bool // the broker keeps the newest of the topic for those who come later
}

// link is a connection to a broker. One goroutine uses it.
type link interface {
	post(m *Message, qos byte) error
	listen(ctx context.Context, topic string, f func([]byte)) error
	quality() byte    // the highest QoS that the broker takes
	line() *wire      // what it goes through
	close(clean bool) // clean: the broker is told, and keeps the last will for itself
}

// Client keeps a connection to a broker for ever. Its methods may be called
// from several goroutines; they take turns.
type Client struct {
	c      *Broker
	id     string
	will   *Message         // sent by the broker when we are gone without a word; nil: nothing
	hello  func() []Message // sent first on every connection; nil: nothing
	listen map[string]func([]byte)

	ctx    context.Context // ends with Close
	cancel func()
	turn   chan struct{} // holds one token: whose turn it is
	link   link
	why    atomic.Pointer[error] // there is no connection; nil: there is one, or none was tried
	ended  chan struct{}         // closed when keep has returned
}

// Dial begins to connect, and returns at once.
func Dial(c *Broker, id string, will *Message, hello func() []Message, listen map[string]func([]byte)) *Client {
	m := &Client{c: c, id: id, will: will, hello: hello, listen: listen, turn: make(chan struct{}, 1), ended: make(chan struct{})}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	go m.keep()
	return m
}

// Publish sends messages in order. It returns how many of them, from the first
// on, need not be sent again, and nil when all were acknowledged (QoS 1) or
// written (QoS 0). A Refused says how many of those the broker did not want; a partly
// says it beside another error.
// The payloads are lent.
func (m *Client) Publish(ctx context.Context, messages []Message) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.ctx, cancel)()
	if err := m.take(ctx); err != nil {
		return 0, err
	}
	defer m.give()
	l, err := m.connected(ctx)
	if err != nil {
		return 0, err
	}
	return m.send(ctx, l, messages)
}

// Close says goodbye, waits two seconds for the broker, and disconnects.
func (m *Client) Close(goodbye ...Message) error {
	m.cancel()
	<-m.ended
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := m.take(ctx); err != nil {
		return err
	}
	defer m.give()
	if m.link == nil {
		return nil
	}
	_, err := m.send(ctx, m.link, goodbye)
	if m.link != nil {
		m.link.close(true)
		m.link = nil
	}
	return err
}

func (m *Client) take(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Client) give() { <-m.turn }

// firstPause is how long a lost connection is not tried again, about. It grows
// to a minute while the broker is away. Tests make it shorter.
var firstPause = time.Second

// keep connects again whenever the connection is lost: the status at the
// broker is right even while there is nothing to say.
func (m *Client) keep() {
	defer close(m.ended)
	pause := firstPause
	for m.ctx.Err() == nil {
		l, err := m.again()
		var person *output.Unauthorized
		switch {
		case err == nil:
			pause = firstPause
			select {
			case <-l.line().gone:
				m.gone(fmt.Errorf("the connection ended: %w", l.line().first(net.ErrClosed)))
			case <-m.ctx.Done():
				return
			}
		case errors.As(err, &person):
			pause = 15 * time.Minute
		default:
			pause = min(2*pause, time.Minute)
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-m.ctx.Done():
		}
	}
}

func (m *Client) again() (link, error) {
	if err := m.take(m.ctx); err != nil {
		return nil, err
	}
	defer m.give()
	return m.connected(m.ctx)
}

// connected is the connection as it stands, or a new one. Whoever calls it has
// the turn.
func (m *Client) connected(ctx context.Context) (link, error) {
	if m.link != nil {
		select {
		case <-m.link.line().gone:
			m.drop()
		default:
			m.why.Store(nil)
			return m.link, nil
		}
	}
	connect := connect5
	if m.c.Version == "3.1.1" {
		connect = connect3
	}
	l, err := connect(ctx, m.c, m.id, m.will)
	if err != nil {
		m.gone(err)
		return nil, err
	}
	m.link = l
	m.why.Store(nil)
	for topic, f := range m.listen {
		if err := l.listen(ctx, topic, f); err != nil {
			m.drop()
			return nil, err
		}
	}
	if m.hello != nil {
		if _, err := m.send(ctx, l, m.hello()); err != nil {
			m.drop()
			return nil, err
		}
	}
	return l, nil
}

// gone notes why there is no connection.
func (m *Client) gone(err error) { m.why.Store(&err) }

// Alive is why there is no connection to the broker; nil: there is one, or none
// was tried yet.
func (m *Client) Alive() error {
	if m == nil {
		return nil
	}
	if err := m.why.Load(); err != nil {
		return *err
	}
	return nil
}

func (m *Client) drop() {
	if m.link != nil {
		m.link.close(false)
		m.link = nil
	}
}

// send hands over all messages and waits for all acknowledgements. What the
// broker refuses for ever is counted, and the others go on. What it refuses for
// now ends it, when the rest that is in flight was answered. After any other
// error the connection is closed, since what is in flight is not known any more.
func (m *Client) send(ctx context.Context, l link, messages []Message) (done int, err error) {
	w, qos := l.line(), min(m.c.qos(), l.quality())
	if qos == 0 {
		return m.unanswered(l, messages)
	}
	window := len(w.answers)
	var refused *output.Refused
	answered, settled := 0, 0
	stopped := false // what comes after an answer that was no good is sent again
	settle := func() {
		e := w.answer(ctx, m.c.timeout(), w.gone)
		answered++
		if e == nil {
			if !stopped {
				settled++
			}
			return
		}
		var words *output.Refused
		switch {
		case stopped:
		case errors.As(e, &words):
			if refused == nil {
				refused = &output.Refused{Words: words.Words}
			}
			refused.Rows++
			settled++
		default:
			err, stopped = e, true
		}
		if !refuses(e) {
			err = e
		}
	}
	sent := 0
	for ; sent < len(messages) && err == nil; sent++ {
		if sent-answered == window {
			w.flush()
			if settle(); err != nil {
				break
			}
		}
		if e := l.post(&messages[sent], qos); e != nil {
			err = e
			break
		}
	}
	w.flush()
	for answered < sent && (err == nil || refuses(err)) {
		settle()
	}
	if errors.Is(err, errLost) {
		if why := w.first(net.ErrClosed); errors.As(why, new(*ended)) {
			err = why // in the broker's own words
		}
	}
	if err != nil && !refuses(err) {
		m.drop()
	}
	switch {
	case refused == nil:
	case err == nil:
		err = refused
	default:
		err = &partly{err, refused}
	}
	return settled, err
}

// partly is an error behind messages that the broker refused for ever.
type partly struct {
	error
	refused *output.Refused
}

func (p *partly) Unwrap() error { return p.error }

// unanswered hands over messages that the broker does not acknowledge: they are
// done when they are written.
func (m *Client) unanswered(l link, messages []Message) (int, error) {
	for i := range messages {
		if err := l.post(&messages[i], 0); err != nil {
			if !refuses(err) {
				m.drop()
				return 0, err
			}
			return i, cmp.Or(l.line().written(), err)
		}
	}
	if err := l.line().written(); err != nil {
		m.drop()
		return 0, err
	}
	return len(messages), nil
}

// refuses tells whether the broker has answered, but not as hoped: the
// connection is as good as before.
func refuses(err error) bool {
	var refused *output.Refused
	var later *output.Later
	var person *output.Unauthorized
	return errors.Is(err, output.ErrTooLarge) || errors.As(err, &refused) || errors.As(err, &later) || errors.As(err, &person)
}
