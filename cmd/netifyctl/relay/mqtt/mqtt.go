// Package mqtt delivers to an MQTT broker, in MQTT 3.1.1 and 5, with QoS 0 and 1.
package mqtt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Output is one broker. The kind status is retained and says whether we are
// there: the broker itself says no when we are gone.
type Output struct {
	c           Config
	client      *Client
	agent, site string
	messages    []Message
	payloads    []byte

	mu     sync.Mutex
	status []byte // newest, said again on every new connection
}

// New checks the configuration. The first Send connects, since it names the
// agent.
func New(c Config) (*Output, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &Output{c: c}, nil
}

// Send publishes a batch. It returns nil when each message was acknowledged.
func (o *Output) Send(ctx context.Context, b *output.Batch) error {
	if len(b.Lines) == 0 {
		return nil
	}
	if o.client == nil || o.agent != b.Agent || o.site != b.Site {
		o.open(b.Agent, b.Site)
	}
	if err := o.fill(b); err != nil {
		return &output.Refused{Words: err.Error()}
	}
	err := o.client.Publish(ctx, o.messages)
	if err != nil {
		o.payloads = nil // the connection that failed may still read them
	}
	if errors.Is(err, output.ErrTooLarge) && len(b.Lines) == 1 {
		return &output.Refused{Words: fmt.Sprintf("a message of %d bytes is larger than the broker takes", len(b.Lines[0]))}
	}
	return err
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

// open begins a connection in the name of an agent.
func (o *Output) open(agent, site string) {
	if o.client != nil {
		o.Close()
	}
	o.agent, o.site = agent, site
	o.setStatus(online)
	id := o.c.ClientID
	if id == "" {
		// Two outputs of an agent at one broker are two clients.
		h := fnv.New32a()
		h.Write([]byte(o.c.topic()))
		id = fmt.Sprintf("netifyctl-%%a-%08x", h.Sum32())
	}
	var will *Message
	topic := o.statusTopic()
	if topic != "" {
		will = &Message{topic, offline, true}
	}
	listen := map[string]func([]byte){}
	for t, f := range o.c.Listen {
		listen[expand(t, agent, "", site)] = f
	}
	o.client = Dial(&o.c, expand(id, agent, "", site), will, func() []Message {
		if topic == "" {
			return nil
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		return []Message{{topic, o.status, true}}
	}, listen)
}

// statusTopic is where the status is said; empty: nowhere.
func (o *Output) statusTopic() string { return expand(o.c.statusTopic(), o.agent, "status", o.site) }

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
	topic, retain := expand(o.c.topic(), b.Agent, b.Kind, b.Site), b.Retain || o.c.Retain
	if err := checkTopic(topic); err != nil {
		return err
	}
	// Lines are lent to us, but the library may read them after a failure.
	p := o.payloads[:0]
	if o.c.Message == "batch" || o.c.Message == "" && len(b.Columns) > 0 {
		p = appendEnvelope(p, b)
		for _, line := range b.Lines {
			p = append(append(p, '\n'), line...)
		}
		o.messages = append(o.messages, Message{topic, p, retain})
	} else {
		size := 0
		for _, line := range b.Lines {
			size += len(line)
		}
		if cap(p) < size {
			p = make([]byte, 0, size)
		}
		for _, line := range b.Lines {
			at := len(p)
			p = append(p, line...)
			o.messages = append(o.messages, Message{topic, p[at:len(p):len(p)], retain})
		}
	}
	o.payloads = p
	return nil
}

// appendEnvelope appends what stands before the rows of a batch.
func appendEnvelope(dst []byte, b *output.Batch) []byte {
	text, err := json.Marshal(struct {
		Agent   string   `json:"agent"`
		Site    string   `json:"site,omitempty"`
		Epoch   uint64   `json:"epoch"`
		Seq     uint64   `json:"seq"`
		Kind    string   `json:"kind"`
		Schema  int      `json:"schema"`
		Columns []string `json:"columns,omitempty"`
		Count   int      `json:"count"`
		Sent    int64    `json:"sent"`
		Lost    uint64   `json:"lost"`
	}{b.Agent, b.Site, b.Epoch, b.Seq, b.Kind, 1, b.Columns, len(b.Lines), time.Now().Unix(), b.Lost})
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	return append(dst, text...)
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
