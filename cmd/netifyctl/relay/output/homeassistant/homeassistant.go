// Package homeassistant shows the network in Home Assistant, over MQTT: the rates
// and today's bytes of each device, the state of the agent, and alerts. Discovery
// topics are retained, so Home Assistant needs no configuration; a last will makes
// everything unavailable when the relay ends.
package homeassistant

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/mqtt"
)

// Settings of [[relay.output]] with type = "homeassistant".
type Settings struct {
	mqtt.Broker
	Prefix  string          `toml:"discovery_prefix"` // as Home Assistant has it; empty: homeassistant
	Topic   string          `toml:"topic"`            // template; empty: netifyd/v1/%a/ha
	Devices int             `toml:"devices"`          // as many are shown; 0: 200
	Forget  output.Duration `toml:"forget"`           // devices that were away for so long go; 0: 336h
}

// Output keeps what it has said, to say it again where a broker has forgotten it.
type Output struct {
	s      Settings
	client *mqtt.Client
	agent  string
	again  bool // what was said last may not have arrived
	now    func() time.Time

	newest atomic.Pointer[mqtt.Client] // client, for those who ask how it does

	mu    sync.Mutex
	at    places
	known map[string]*known // devices, by what the relay calls them
	said  map[string][]byte // what the agent's topics hold
}

// known is a device that Home Assistant was told of.
type known struct {
	seen     time.Time
	identity string            // name, maker and type, as they were told
	said     map[string][]byte // topic → payload
}

// deviceRow is what is wanted of a row of kind device.
type deviceRow struct {
	Device, Name, Type, Vendor string
	Online                     bool
	DownRate                   float64 `json:"down_rate"`
	UpRate                     float64 `json:"up_rate"`
	TodayDown                  uint64  `json:"today_down"`
	TodayUp                    uint64  `json:"today_up"`
}

// Open makes the output.
func Open(_ string, decode func(any) error) (output.Output, error) {
	var s Settings
	if err := decode(&s); err != nil {
		return nil, err
	}
	return New(s)
}

// New checks the settings.
func New(s Settings) (*Output, error) {
	if s.Prefix == "" {
		s.Prefix = "homeassistant"
	}
	if s.Topic == "" {
		s.Topic = "netifyd/v1/%a/ha"
	}
	if s.Devices == 0 {
		s.Devices = 200
	}
	s.Forget = output.Duration(s.Forget.Or(14 * 24 * time.Hour))
	if err := s.Broker.Check(); err != nil {
		return nil, err
	}
	if err := mqtt.CheckTemplate(s.Topic); err != nil {
		return nil, &output.Invalid{Key: "topic", Why: fmt.Sprintf("%q: %v", s.Topic, err)}
	}
	if err := mqtt.CheckTemplate(s.Prefix); err != nil {
		return nil, &output.Invalid{Key: "discovery_prefix", Why: fmt.Sprintf("%q: %v", s.Prefix, err)}
	}
	if s.Devices < 1 || s.Devices > 5000 {
		return nil, &output.Invalid{Key: "devices", Why: fmt.Sprintf("%d: want 1 to 5000, or 0 for 200", s.Devices)}
	}
	return &Output{s: s, now: time.Now}, nil
}

// Send tells of devices, status and alerts; other kinds mean nothing to Home
// Assistant and are taken as told.
func (o *Output) Send(ctx context.Context, b *output.Batch) error {
	if b.Agent == "" {
		return mqtt.ErrNameless
	}
	if o.client == nil || o.agent != b.Agent {
		o.open(b)
	}
	var messages []mqtt.Message
	if o.again {
		messages = o.everything()
	}
	for _, line := range b.Lines {
		row, err := object(b.Columns, line)
		if err != nil {
			return &output.Refused{Words: "a row is none of JSON: " + err.Error()}
		}
		switch b.Kind {
		case "device":
			messages = append(messages, o.device(row)...)
		case "status":
			messages = append(messages, o.status(row)...)
		case "alert":
			messages = append(messages, o.alert(row)...)
		}
	}
	messages = append(messages, o.forget()...)
	if len(messages) == 0 {
		return nil
	}
	_, err := o.client.Publish(ctx, messages)
	o.again = err != nil
	return err
}

// Close makes everything unavailable.
func (o *Output) Close() error {
	if o.client == nil {
		return nil
	}
	return o.client.Close(mqtt.Message{Topic: o.at.relay(), Payload: offline, Retain: true})
}

var online, offline = []byte("online"), []byte("offline")

func (o *Output) open(b *output.Batch) {
	if o.client != nil {
		o.Close()
	}
	o.mu.Lock()
	o.agent, o.known, o.said = b.Agent, map[string]*known{}, map[string][]byte{}
	o.at = places{agent: b.Agent, prefix: o.s.Prefix, base: mqtt.Expand(o.s.Topic, b)}
	o.mu.Unlock()
	id := o.s.ClientID
	if id == "" {
		id = "netifyctl-%a-ha"
	}
	will := &mqtt.Message{Topic: o.at.relay(), Payload: offline, Retain: true}
	o.client = mqtt.Dial(&o.s.Broker, mqtt.Expand(id, b), will, o.everything, nil)
	o.newest.Store(o.client)
}

// Alive is why there is no connection to the broker.
func (o *Output) Alive() error { return o.newest.Load().Alive() }

// everything is said on each new connection: a broker that keeps nothing on disk
// has forgotten all when it was started again.
func (o *Output) everything() []mqtt.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	messages := []mqtt.Message{{Topic: o.at.relay(), Payload: online, Retain: true}}
	add := func(said map[string][]byte) {
		for topic, payload := range said {
			messages = append(messages, mqtt.Message{Topic: topic, Payload: payload, Retain: true})
		}
	}
	add(o.said)
	for _, k := range o.known {
		add(k.said)
	}
	return messages
}

// say remembers what a topic holds, and gives the message that says so.
func say(said map[string][]byte, topic string, payload []byte) mqtt.Message {
	said[topic] = payload
	return mqtt.Message{Topic: topic, Payload: payload, Retain: true}
}

// device tells the state of a device; before, where it is new or has another
// name, that there is one.
func (o *Output) device(row []byte) (messages []mqtt.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var r deviceRow
	if json.Unmarshal(row, &r) != nil || r.Device == "" {
		return nil
	}
	k := o.known[r.Device]
	if k == nil {
		if len(o.known) >= o.s.Devices {
			return nil
		}
		k = &known{said: map[string][]byte{}}
		o.known[r.Device] = k
	}
	if r.Online || k.seen.IsZero() {
		k.seen = o.now()
	}
	state := o.at.device(r.Device)
	if identity := strings.Join([]string{r.Name, r.Vendor, r.Type}, "\x00"); len(k.said) == 0 || k.identity != identity {
		k.identity = identity
		for i := range ofDevice {
			topic, payload := o.at.announce(&ofDevice[i], o.at.forDevice(&r), state, true)
			messages = append(messages, say(k.said, topic, payload))
		}
	}
	return append(messages, say(k.said, state, slices.Clone(row)))
}

// status tells how the agent does, and whether there is one.
func (o *Output) status(row []byte) (messages []mqtt.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var r struct {
		Answers bool
		Agent   struct{ Version string }
	}
	if json.Unmarshal(row, &r) != nil {
		return nil
	}
	of := o.at.forAgent(r.Agent.Version)
	if r.Answers {
		announce := func(s *sensor, state string, everyone bool) {
			topic, payload := o.at.announce(s, of, state, everyone)
			if string(o.said[topic]) != string(payload) {
				messages = append(messages, say(o.said, topic, payload))
			}
		}
		announce(&running, o.at.alive(), false)
		announce(&lastAlert, o.at.alert(), false)
		for i := range ofAgent {
			announce(&ofAgent[i], o.at.status(), true)
		}
	}
	if !r.Answers {
		return append(messages, say(o.said, o.at.alive(), offline))
	}
	return append(messages, say(o.said, o.at.status(), slices.Clone(row)), say(o.said, o.at.alive(), online))
}

// alert tells the newest alert: the agent's words, and the rest as attributes.
func (o *Output) alert(row []byte) []mqtt.Message {
	var whole map[string]json.RawMessage
	if json.Unmarshal(row, &whole) != nil {
		return nil
	}
	var text string
	for _, key := range []string{"text", "kind"} {
		if text == "" {
			_ = json.Unmarshal(whole[key], &text)
		}
	}
	if text == "" {
		return nil
	}
	if cut := []rune(text); len(cut) > 250 { // a state of Home Assistant has at most 255
		text = string(cut[:250])
	}
	whole["text"], _ = json.Marshal(text)
	payload, err := json.Marshal(whole)
	if err != nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return []mqtt.Message{say(o.said, o.at.alert(), payload)}
}

// forget takes devices away that were not there for a long time: an empty
// payload removes an entity, and what the broker keeps of it.
func (o *Output) forget() (messages []mqtt.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, k := range o.known {
		if o.now().Sub(k.seen) < time.Duration(o.s.Forget) {
			continue
		}
		for topic := range k.said {
			messages = append(messages, mqtt.Message{Topic: topic, Retain: true})
		}
		delete(o.known, id)
	}
	return messages
}

// object makes an object of a row that is an array.
func object(columns []string, line []byte) ([]byte, error) {
	if len(columns) == 0 {
		if !json.Valid(line) {
			return nil, fmt.Errorf("%.40q", line)
		}
		return line, nil
	}
	var values []json.RawMessage
	if err := json.Unmarshal(line, &values); err != nil {
		return nil, err
	}
	row := make(map[string]json.RawMessage, len(columns))
	for i, name := range columns[:min(len(columns), len(values))] {
		row[name] = values[i]
	}
	return json.Marshal(row)
}
