package pipe

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redpanda-data/benthos/v4/public/service"
)

// fromNATS reads a stream of JetStream with a durable consumer, which several
// copies of the pipe share. A message is acknowledged when it is stored; one
// that is not within a minute is handed out again.
type fromNATS struct {
	url, stream, subject, durable string
	options                       []nats.Option
	ready                         func()
	conn                          *nats.Conn
	messages                      jetstream.MessagesContext
}

func (f *fromNATS) Connect(ctx context.Context) error {
	conn, err := nats.Connect(f.url, append(f.options, nats.MaxReconnects(-1), nats.ReconnectWait(time.Second), nats.RetryOnFailedConnect(false))...)
	if err != nil {
		return err
	}
	f.conn = conn
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	consumer, err := js.CreateOrUpdateConsumer(ctx, f.stream, jetstream.ConsumerConfig{
		Durable: f.durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute, MaxAckPending: 20000, FilterSubject: f.subject,
	})
	if err != nil {
		conn.Close()
		return err
	}
	if f.messages, err = consumer.Messages(jetstream.PullMaxMessages(2000)); err == nil {
		f.ready()
	}
	return err
}

func (f *fromNATS) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	m, err := f.messages.Next(jetstream.NextContext(ctx))
	if errors.Is(err, jetstream.ErrMsgIteratorClosed) || errors.Is(err, nats.ErrConnectionClosed) {
		return nil, nil, service.ErrNotConnected
	} else if err != nil {
		return nil, nil, err
	}
	out := service.NewMessage(m.Data())
	out.MetaSetMut("topic", m.Subject())
	return out, func(_ context.Context, err error) error {
		if err != nil {
			return m.Nak()
		}
		return m.Ack()
	}, nil
}

func (f *fromNATS) Close(context.Context) error {
	if f.messages != nil {
		f.messages.Stop()
	}
	if f.conn != nil {
		f.conn.Close()
	}
	return nil
}
