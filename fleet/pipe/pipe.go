// Package pipe carries batches from a broker into the store. The work is done
// by Benthos (redpanda-data/benthos, the core of Redpanda Connect): it batches,
// tries again, and acknowledges to the broker only what is stored. Ours are the
// two inputs, since the core has none for brokers, and the output.
package pipe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/nats-io/nats.go"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure" // batching, retries
	"github.com/redpanda-data/benthos/v4/public/service"

	"netifyd/fleet/store"
)

// Settings of a pipe.
type Settings struct {
	From     string      // mqtt://HOST:PORT, mqtts://, nats://, tls+nats is nats:// with TLS set
	TLS      *tls.Config // nil: none
	Name     string      // of the session or durable consumer; another name gets all messages once more
	Topics   []string    // MQTT: of netifyd/v1/+/usage …; $share/NAME/… shares them among several pipes
	Stream   string      // NATS: the stream; $MQTT_msgs holds what MQTT clients published
	Subject  string      // NATS: which subjects of it
	Store    *store.Store
	Batch    int           // messages in an insert at the most
	Period   time.Duration // and how long it waits for them
	LogLevel string        // of Benthos: info where it is empty
	Ready    func()        // nil, or called each time that the broker keeps messages for this pipe
}

// Kinds that a pipe carries: each has a table KIND_in.
var Kinds = []string{"usage", "flow", "device", "alert"}

// Defaults fills in what is not said.
func (s *Settings) Defaults() {
	if s.Name == "" {
		s.Name = "netifyd-store"
	}
	if len(s.Topics) == 0 {
		for _, k := range Kinds {
			s.Topics = append(s.Topics, "netifyd/v1/+/"+k)
		}
	}
	if s.Stream == "" {
		s.Stream, s.Subject = "$MQTT_msgs", "$MQTT.msgs.netifyd.v1.>"
	}
	if s.Batch == 0 {
		s.Batch = 1000
	}
	if s.Period == 0 {
		s.Period = time.Second
	}
	if s.LogLevel == "" {
		s.LogLevel = "info"
	}
	if s.Ready == nil {
		s.Ready = func() {}
	}
}

// Run carries until ctx ends. Messages that are under way then are handed out
// again by the broker the next time.
func Run(ctx context.Context, s Settings) error {
	s.Defaults()
	from, err := url.Parse(s.From)
	if err != nil || from.Host == "" {
		return fmt.Errorf("%q is not the address of a broker: mqtt://HOST:1883, mqtts://HOST:8883 or nats://HOST:4222", s.From)
	}
	env := service.NewEnvironment()
	spec := service.NewConfigSpec()
	input := func(_ *service.ParsedConfig, r *service.Resources) (service.Input, error) {
		switch from.Scheme {
		case "mqtt", "mqtts", "tcp", "ssl":
			u := *from
			u.Scheme = map[bool]string{true: "ssl", false: "tcp"}[s.TLS != nil]
			return service.AutoRetryNacks(&fromMQTT{url: u.String(), id: s.Name, topics: s.Topics, tls: s.TLS, messages: make(chan mqtt.Message), ready: s.Ready, log: r.Logger()}), nil
		case "nats":
			f := &fromNATS{url: s.From, stream: s.Stream, subject: s.Subject, durable: s.Name, ready: s.Ready}
			if s.TLS != nil {
				f.options = append(f.options, nats.Secure(s.TLS))
			}
			return f, nil
		}
		return nil, fmt.Errorf("%s:// is not a broker that is known: mqtt, mqtts or nats", from.Scheme)
	}
	output := func(_ *service.ParsedConfig, r *service.Resources) (service.BatchOutput, service.BatchPolicy, int, error) {
		c := &clickhouse{store: s.Store, log: r.Logger(), bad: r.Metrics().NewCounter("refused"), rows: r.Metrics().NewCounter("rows")}
		return c, service.BatchPolicy{Count: s.Batch, Period: s.Period.String(), ByteSize: 32 << 20}, 2, nil
	}
	if err := errors.Join(env.RegisterInput("broker", spec, input), env.RegisterBatchOutput("store", spec, output)); err != nil {
		return err
	}
	b := env.NewStreamBuilder()
	if err := b.SetYAML(strings.Join([]string{
		"input: {broker: {}}",
		"output: {store: {}}",
		"logger: {level: " + strings.ToUpper(s.LogLevel) + "}",
	}, "\n")); err != nil {
		return err
	}
	stream, err := b.Build()
	if err != nil {
		return err
	}
	if err := stream.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
