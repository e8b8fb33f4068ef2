package mqtt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"time"

	paho3 "github.com/eclipse/paho.mqtt.golang"
	packets3 "github.com/eclipse/paho.mqtt.golang/packets"

	"netifyd/cmd/netifyctl/relay/output"
)

// three is a connection in MQTT 3.1.1.
type three struct {
	client paho3.Client
	wire   *wire
}

func connect3(ctx context.Context, c *Broker, id string, will *Message) (link, error) {
	password, err := c.password()
	if err != nil {
		return nil, &output.Unauthorized{Err: err}
	}
	w, err := dial(ctx, c)
	if err != nil {
		return nil, err
	}
	l := &three{wire: w}
	o := paho3.NewClientOptions()
	o.AddBroker(c.URL).SetClientID(id).SetUsername(c.Username).SetPassword(password).SetProtocolVersion(4).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).SetOrderMatters(false).
		SetKeepAlive(c.keepAlive()).SetPingTimeout(c.timeout()).SetConnectTimeout(c.timeout()).SetWriteTimeout(5 * time.Second)
	o.SetCustomOpenConnectionFn(func(*url.URL, paho3.ClientOptions) (net.Conn, error) { return w, nil })
	if will != nil {
		o.SetBinaryWill(will.Topic, will.Payload, c.qos(), will.Retain)
	}
	l.client = paho3.NewClient(o)
	token := l.client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
		w.Close()
		return nil, ctx.Err()
	}
	if err := token.Error(); err != nil {
		err = c.refused3(w.first(err))
		w.Close()
		return nil, err
	}
	w.allow(c.inFlight())
	return l, nil
}

// refused3 says what a refused CONNECT means (MQTT 3.1.1, 3.2.2.3).
func (c *Broker) refused3(err error) error {
	switch {
	case errors.Is(err, packets3.ErrorRefusedBadUsernameOrPassword), errors.Is(err, packets3.ErrorRefusedNotAuthorised):
		return &output.Unauthorized{Err: fmt.Errorf("the broker refuses us (username, password, certificate): %w", err)}
	case errors.Is(err, packets3.ErrorRefusedIDRejected):
		return &output.Unauthorized{Err: fmt.Errorf("the broker refuses client_id: %w", err)}
	case errors.Is(err, packets3.ErrorRefusedServerUnavailable):
		return &output.Later{Err: fmt.Errorf("the broker is not available: %w", err)}
	}
	return c.closedEarly(err)
}

// closedEarly explains a connection that was closed without an answer.
func (c *Broker) closedEarly(err error) error {
	err = refusedBy(err)
	if secure, _ := c.secure(); secure && (errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)) {
		return fmt.Errorf("the broker closed the connection without an answer; it may refuse our certificate (cert, key), or may not speak this MQTT (version): %w", err)
	}
	return err
}

func (l *three) line() *wire { return l.wire }

func (l *three) quality() byte { return 1 }

func (l *three) post(m *Message, qos byte) error { return l.wire.post(m, qos) }

func (l *three) listen(ctx context.Context, topic string, f func([]byte)) error {
	token := l.client.Subscribe(topic, 1, func(_ paho3.Client, m paho3.Message) { f(m.Payload()) })
	select {
	case <-token.Done():
		return token.Error()
	case <-l.wire.gone:
		return errLost
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *three) close(clean bool) {
	if clean {
		l.client.Disconnect(1000)
		l.wire.Close()
		return
	}
	l.wire.Close()             // before the library says goodbye
	go l.client.Disconnect(10) // ends its goroutines, in milliseconds
}
