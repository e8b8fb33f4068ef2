package mqtt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"netifyd/cmd/netifyctl/relay/output"
)

// five is a connection in MQTT 5.
type five struct {
	client  *paho.Client
	wire    *wire
	largest uint32 // bytes of a packet that the broker takes; 0: any
	highest byte   // QoS that the broker takes
	forgets bool   // the broker takes nothing to keep

	mu       sync.Mutex
	handlers map[string]func([]byte)
}

func connect5(ctx context.Context, c *Broker, id string, will *Message) (link, error) {
	password, err := c.password()
	if err != nil {
		return nil, &output.Unauthorized{Err: err}
	}
	w, err := dial(ctx, c)
	if err != nil {
		return nil, err
	}
	l, most := &five{wire: w, highest: 2, handlers: map[string]func([]byte){}}, c.inFlight()
	l.client = paho.NewClient(paho.ClientConfig{
		Conn: w, PacketTimeout: c.timeout(),
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){l.received},
	})
	longest := uint32(heard)
	p := &paho.Connect{Properties: &paho.ConnectProperties{MaximumPacketSize: &longest}, ClientID: id, CleanStart: true, KeepAlive: uint16(c.keepAlive().Seconds()), Username: c.Username, UsernameFlag: c.Username != "",
		Password: []byte(password), PasswordFlag: password != ""}
	if will != nil {
		p.WillMessage = &paho.WillMessage{Topic: will.Topic, Payload: will.Payload, QoS: c.qos(), Retain: will.Retain}
	}
	answer, err := l.client.Connect(ctx, p)
	if err != nil {
		err = c.refused5(answer, w.first(err))
		w.Close()
		return nil, err
	}
	if a := answer.Properties; a != nil {
		if a.ReceiveMaximum != nil {
			most = max(1, min(most, int(*a.ReceiveMaximum)))
		}
		if a.MaximumPacketSize != nil {
			l.largest = *a.MaximumPacketSize
		}
		l.forgets = !a.RetainAvailable
		if a.MaximumQoS != nil {
			l.highest = *a.MaximumQoS
		}
	}
	w.allow(most)
	return l, nil
}

// refused5 says what a refused CONNECT means (MQTT 5, 3.2.2.2).
func (c *Broker) refused5(answer *paho.Connack, err error) error {
	if answer == nil || answer.ReasonCode < 0x80 {
		return c.closedEarly(err)
	}
	words := fmt.Errorf("the broker refuses us: %s (reason 0x%02x)", reason(answer.ReasonCode), answer.ReasonCode)
	switch answer.ReasonCode {
	case packets.ConnackBadUsernameOrPassword, packets.ConnackNotAuthorized, packets.ConnackBanned, packets.ConnackInvalidClientID, packets.ConnackBadAuthenticationMethod:
		return &output.Unauthorized{Err: words}
	case packets.ConnackServerBusy, packets.ConnackServerUnavailable, packets.ConnackQuotaExceeded, packets.ConnackConnectionRateExceeded:
		return &output.Later{Err: words}
	case packets.ConnackUnsupportedProtocolVersion:
		return &output.Unauthorized{Err: fmt.Errorf("%w: write version = \"3.1.1\"", words)}
	case packets.ConnackRetainNotSupported:
		return &output.Unauthorized{Err: fmt.Errorf("%w: write status_topic = \"none\"", words)}
	case packets.ConnackQoSNotSupported:
		return &output.Unauthorized{Err: fmt.Errorf("%w: write qos = 0", words)}
	}
	return words
}

// goodbye says why the broker ends the connection (MQTT 5, 3.14.2): body is what
// comes behind the head of its DISCONNECT.
func goodbye(body []byte) error {
	code := byte(0) // a body of nothing is a normal end
	if len(body) > 0 {
		code = body[0]
	}
	words := reason(code)
	if code == packets.DisconnectSessionTakenOver {
		words += ", another client has the same client_id"
	}
	if p, err := packets.ReadPacket(bytes.NewReader(append(binary.AppendUvarint([]byte{disconnect}, uint64(len(body))), body...))); err == nil {
		if d, ok := p.Content.(*packets.Disconnect); ok && d.Properties != nil && d.Properties.ReasonString != "" {
			words += ": " + d.Properties.ReasonString[:min(len(d.Properties.ReasonString), 150)]
		}
	}
	err := error(&ended{fmt.Sprintf("the broker ends the connection: %s (reason 0x%02x)", words, code)})
	if code == packets.DisconnectNotAuthorized {
		return &output.Unauthorized{Err: err}
	}
	return err
}

// ended is the reason of a broker that ended the connection.
type ended struct{ words string }

func (e *ended) Error() string { return e.words }

// reason is the name of a code, for those that brokers send in practice.
func reason(code byte) string {
	names := map[byte]string{0x00: "normal disconnection", 0x8b: "server shutting down", 0x8d: "keep alive timeout", 0x8e: "session taken over", 0x8f: "topic filter invalid",
		0x93: "receive maximum exceeded", 0x94: "topic alias invalid", 0x96: "message rate too high", 0x98: "administrative action", 0x9c: "use another server", 0x9d: "server moved",
		0xa0: "maximum connect time", 0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error", 0x83: "implementation error", 0x84: "unsupported protocol version",
		0x85: "client_id not valid", 0x86: "bad user name or password", 0x87: "not authorized", 0x88: "server unavailable", 0x89: "server busy", 0x8a: "banned",
		0x8c: "bad authentication method", 0x90: "topic name invalid", 0x95: "packet too large", 0x97: "quota exceeded", 0x99: "payload format invalid", 0x9a: "retain not supported", 0x9b: "QoS not supported", 0x9f: "connection rate exceeded"}
	if n := names[code]; n != "" {
		return n
	}
	return "error"
}

func (l *five) line() *wire { return l.wire }

func (l *five) quality() byte { return l.highest }

func (l *five) post(m *Message, qos byte) error {
	// 2 bytes each of topic's length and identifier, 5 of the header, 1 of no properties.
	if l.largest > 0 && uint64(len(m.Topic)+len(m.Payload)+10) > uint64(l.largest) {
		return output.ErrTooLarge
	}
	if m.Retain && l.forgets { // a broker ends the connection at it (3.2.2.3.5)
		m = &Message{m.Topic, m.Payload, false}
	}
	return l.wire.post(m, qos)
}

// refusedMessage says why the broker did not take a message.
func refusedMessage(packet []byte) error {
	p, err := packets.ReadPacket(bytes.NewReader(packet))
	if err != nil {
		return fmt.Errorf("the broker sent a PUBACK that cannot be read: %w", err)
	}
	return judge(p.Content.(*packets.Puback))
}

// judge says what an acknowledgement means (MQTT 5, 3.4.2.1).
func judge(ack *packets.Puback) error {
	if ack.ReasonCode < 0x80 {
		return nil
	}
	words := reason(ack.ReasonCode)
	if ack.Properties != nil && ack.Properties.ReasonString != "" {
		words += ": " + ack.Properties.ReasonString[:min(len(ack.Properties.ReasonString), 150)]
	}
	switch ack.ReasonCode {
	case packets.PubackNotAuthorized:
		return &output.Unauthorized{Err: errors.New("the broker lets us not publish to this topic: " + words)}
	case packets.PubackQuotaExceeded:
		return &output.Later{Err: errors.New(words)}
	case packets.PubackTopicNameInvalid, packets.PubackPayloadFormatInvalid:
		return &output.Refused{Words: words}
	}
	return errors.New("the broker did not take the message: " + words)
}

func (l *five) received(p paho.PublishReceived) (bool, error) {
	l.mu.Lock()
	f := l.handlers[p.Packet.Topic]
	l.mu.Unlock()
	if f != nil {
		f(p.Packet.Payload)
	}
	return f != nil, nil
}

func (l *five) listen(ctx context.Context, topic string, f func([]byte)) error {
	l.mu.Lock()
	l.handlers[topic] = f
	l.mu.Unlock()
	_, err := l.client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: topic, QoS: 1}}})
	return err
}

func (l *five) close(clean bool) {
	if clean {
		l.client.Disconnect(&paho.Disconnect{})
	}
	l.wire.Close()
}
