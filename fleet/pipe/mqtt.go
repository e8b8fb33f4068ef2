package pipe

import (
	"context"
	"crypto/tls"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/redpanda-data/benthos/v4/public/service"
)

// fromMQTT reads topics of a broker by MQTT 3.1.1, which all brokers speak, in
// a session that outlives the connection. A message is acknowledged to the
// broker when it is stored; until then the broker keeps it.
type fromMQTT struct {
	url, id  string
	topics   []string
	tls      *tls.Config
	messages chan mqtt.Message
	ready    func()
	log      *service.Logger
	client   mqtt.Client
}

func (f *fromMQTT) Connect(context.Context) error {
	o := mqtt.NewClientOptions().AddBroker(f.url).SetClientID(f.id).SetTLSConfig(f.tls)
	o.SetCleanSession(false).SetAutoAckDisabled(true).SetOrderMatters(true).SetResumeSubs(true)
	o.SetAutoReconnect(true).SetMaxReconnectInterval(10 * time.Second).SetConnectTimeout(10 * time.Second).SetKeepAlive(20 * time.Second)
	receive := func(_ mqtt.Client, m mqtt.Message) { f.messages <- m }
	o.SetDefaultPublishHandler(receive)
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { f.log.Warnf("the broker went away, trying again: %v", err) })
	filters := map[string]byte{}
	for _, t := range f.topics {
		filters[t] = 1
	}
	o.SetOnConnectHandler(func(c mqtt.Client) {
		if t := c.SubscribeMultiple(filters, receive); t.Wait() && t.Error() != nil {
			f.log.Errorf("the broker lets this name not read: %v", t.Error())
			return
		}
		f.log.Info("the broker keeps messages for this pipe")
		f.ready()
	})
	f.client = mqtt.NewClient(o)
	t := f.client.Connect()
	t.Wait()
	return t.Error()
}

func (f *fromMQTT) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	select {
	case m := <-f.messages:
		out := service.NewMessage(m.Payload())
		out.MetaSetMut("topic", m.Topic())
		return out, func(_ context.Context, err error) error {
			if err == nil {
				m.Ack()
			}
			return nil
		}, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

func (f *fromMQTT) Close(context.Context) error {
	if f.client != nil {
		f.client.Disconnect(250)
	}
	return nil
}
