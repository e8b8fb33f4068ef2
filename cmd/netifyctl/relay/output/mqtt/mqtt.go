// Package mqtt delivers to an MQTT broker, in MQTT 3.1.1 and 5, with QoS 0 and 1.
package mqtt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Output is one broker. The kind status is retained and says whether we are
// there: the broker itself says no when we are gone.
type Output struct {
	s        Settings
	client   *Client
	whose    output.Batch // agent and site that the connection is for
	messages []Message
	body     []byte // of a batch that is one message
	each     progress

	mu     sync.Mutex
	status []byte                 // newest, said again on every new connection
	newest atomic.Pointer[Client] // client, for those who ask how it does
}

// progress is how far a batch is that was sent in part.
type progress struct {
	kind       string
	epoch, seq uint64
	at         int // messages that need not be sent again
	refused    output.Refused
}

// Open makes the output.
func Open(_ string, decode func(any) error) (output.Output, error) {
	var s Settings
	if err := decode(&s); err != nil {
		return nil, err
	}
	return New(s)
}

// New checks the settings. The first Send connects, since it names the agent.
func New(s Settings) (*Output, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	return &Output{s: s}, nil
}

// ErrNameless is said until the agent has said who it is: topics are below its
// name, and so are the rights at most brokers.
var ErrNameless = errors.New("the agent has not said who it is yet: `netifyd -p` makes its identifier, or set relay.agent")

// Send publishes a batch. It returns nil when each message was acknowledged. A
// batch that failed in its middle goes on there.
func (o *Output) Send(ctx context.Context, b *output.Batch) error {
	if len(b.Lines) == 0 {
		return nil
	}
	if b.Agent == "" {
		return ErrNameless
	}
	if o.client == nil || o.whose.Agent != b.Agent || o.whose.Site != b.Site {
		o.open(b)
	}
	if err := o.fill(b); err != nil {
		return &output.Refused{Words: err.Error()}
	}
	p := &o.each
	if p.kind != b.Kind || p.epoch != b.Epoch || p.seq != b.Seq || p.at >= len(o.messages) {
		*p = progress{kind: b.Kind, epoch: b.Epoch, seq: b.Seq}
	}
	n, err := o.client.Publish(ctx, o.messages[p.at:])
	p.at += n
	var some *partly
	if errors.As(err, &some) {
		p.refused.Rows, p.refused.Words, err = p.refused.Rows+some.refused.Rows, some.refused.Words, some.error
	}
	var refused *output.Refused
	switch {
	case errors.As(err, &refused):
		p.refused.Rows += refused.Rows
		p.refused.Words = refused.Words
	case errors.Is(err, output.ErrTooLarge) && len(o.messages) > 1:
		// One message is: the others go on.
		p.at++
		p.refused.Rows++
		p.refused.Words = fmt.Sprintf("a message of %d bytes is larger than the broker takes", len(o.messages[p.at-1].Payload))
		if p.at < len(o.messages) {
			return o.Send(ctx, b)
		}
	case err != nil:
		return err
	}
	if p.refused.Rows > 0 {
		r := p.refused
		if len(o.messages) == 1 {
			r.Rows = 0 // the one message is all rows
		}
		return &r
	}
	return nil
}

// Close says that we go, and waits at most a few seconds.
func (o *Output) Close() error {
	if o.client == nil {
		return nil
	}
	topic := o.statusTopic()
	if topic == "" {
		return o.client.Close()
	}
	return o.client.Close(Message{topic, offline, true})
}

var (
	online  = []byte(`{"online":true}`)
	offline = []byte(`{"online":false}`)
)

// Hear takes wishes from the topic policy of the agent, a retained message.
func (o *Output) Hear(wish func([]byte)) {
	o.s.Listen = map[string]func([]byte){o.s.policyTopic(): wish}
}

// open begins a connection in the name of an agent.
func (o *Output) open(b *output.Batch) {
	if o.client != nil {
		o.Close()
	}
	o.whose = output.Batch{Agent: b.Agent, Site: b.Site, Kind: "status"}
	o.setStatus(online)
	id := o.s.ClientID
	if id == "" {
		// Two outputs of an agent at one broker are two clients.
		h := fnv.New32a()
		h.Write([]byte(o.s.topic()))
		id = fmt.Sprintf("netifyctl-%%a-%08x", h.Sum32())
	}
	var will *Message
	topic := o.statusTopic()
	if topic != "" {
		will = &Message{topic, offline, true}
	}
	listen := map[string]func([]byte){}
	for t, f := range o.s.Listen {
		listen[Expand(t, &o.whose)] = f
	}
	o.client = Dial(&o.s.Broker, Expand(id, &o.whose), will, func() []Message {
		if topic == "" {
			return nil
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		return []Message{{topic, o.status, true}}
	}, listen)
	o.newest.Store(o.client)
}

// Alive is why there is no connection to the broker.
func (o *Output) Alive() error { return o.newest.Load().Alive() }

// statusTopic is where the status is said; empty: nowhere.
func (o *Output) statusTopic() string { return Expand(o.s.statusTopic(), &o.whose) }

func (o *Output) setStatus(b []byte) {
	o.mu.Lock()
	o.status = b
	o.mu.Unlock()
}

// fill makes the messages of a batch.
func (o *Output) fill(b *output.Batch) error {
	o.messages = o.messages[:0]
	if topic := o.statusTopic(); b.Kind == "status" && topic != "" {
		status := withOnline(b.Lines[len(b.Lines)-1])
		o.setStatus(status)
		o.messages = append(o.messages, Message{topic, status, true})
		return checkTopic(topic)
	}
	topic, retain := Expand(o.s.topic(), b), b.Retain || o.s.Retain
	if err := checkTopic(topic); err != nil {
		return err
	}
	if o.s.Message == "batch" || o.s.Message == "" && len(b.Columns) > 0 {
		o.body = append(b.AppendEnvelope(o.body[:0], time.Now()), '\n')
		o.body = b.AppendRows(o.body, false)
		o.messages = append(o.messages, Message{topic, o.body, retain})
		return nil
	}
	for _, line := range b.Lines {
		o.messages = append(o.messages, Message{topic, line, retain})
	}
	return nil
}

// withOnline copies a status and adds that we are there, unless it says itself.
func withOnline(line []byte) []byte {
	var said struct{ Online *bool }
	if err := json.Unmarshal(line, &said); err != nil || said.Online != nil {
		return append([]byte(nil), line...)
	}
	var whole map[string]json.RawMessage
	if json.Unmarshal(line, &whole) != nil {
		return append([]byte(nil), line...)
	}
	if len(whole) == 0 {
		return online
	}
	at := 0
	for line[at] != '{' {
		at++
	}
	return append([]byte(`{"online":true,`), line[at+1:]...)
}
