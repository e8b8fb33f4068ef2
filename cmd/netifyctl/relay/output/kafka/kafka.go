//go:build kafka

// Package kafka delivers to Kafka, and to what speaks its protocol. It is for
// servers: with the build tag kafka.
package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"netifyd/cmd/netifyctl/relay/output"
)

// Settings of [[relay.output]] with type = "kafka".
type Settings struct {
	Brokers      []string        `toml:"brokers"`   // HOST:PORT, some of the cluster
	Topic        string          `toml:"topic"`     // with ${…}; empty: netifyd-v1-${kind}
	Message      string          `toml:"message"`   // line: a record each line (the default), batch: a record each batch, with its envelope
	Secure       bool            `toml:"tls"`       // also where one of ca, cert or tls_verify is set
	Mechanism    string          `toml:"mechanism"` // plain, scram-sha-256, scram-sha-512; empty: plain where there is a username
	Username     string          `toml:"username"`
	Password     string          `toml:"password"`
	PasswordFile string          `toml:"password_file"`
	Compress     string          `toml:"compress"` // zstd (the default), gzip, none
	Timeout      output.Duration `toml:"timeout"`  // until all replicas have a batch; 0: 30 s
	output.TLS
}

type producer struct {
	s       Settings
	options []kgo.Opt
	client  *kgo.Client
}

func invalid(key, why string, values ...any) error {
	return &output.Invalid{Key: key, Why: fmt.Sprintf(why, values...)}
}

// Open makes the output.
func Open(_ string, decode func(any) error) (output.Output, error) {
	s := Settings{Topic: "netifyd-v1-${kind}", Message: "line", Compress: "zstd"}
	if err := decode(&s); err != nil {
		return nil, err
	}
	if len(s.Brokers) == 0 {
		return nil, invalid("brokers", "want some of the cluster, as [\"HOST:9092\"]")
	}
	if err := output.CheckNames(s.Topic); err != nil || s.Topic == "" {
		return nil, invalid("topic", "%q: %v", s.Topic, err)
	}
	if s.Message != "line" && s.Message != "batch" {
		return nil, invalid("message", `%q: want "line" or "batch"`, s.Message)
	}
	codec, ok := map[string]kgo.CompressionCodec{"zstd": kgo.ZstdCompression(), "gzip": kgo.GzipCompression(), "none": kgo.NoCompression()}[s.Compress]
	if !ok {
		return nil, invalid("compress", `%q: want "zstd", "gzip" or "none"`, s.Compress)
	}
	p := &producer{s: s, options: []kgo.Opt{
		kgo.SeedBrokers(s.Brokers...), kgo.ClientID("netifyctl"), kgo.ProducerBatchCompression(codec),
		kgo.AllowAutoTopicCreation(), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordDeliveryTimeout(s.Timeout.Or(30 * time.Second)),
		// Records of an agent stay in order: its name is their key.
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
	}}
	if s.Secure || s.CA != "" || s.Cert != "" || s.Verify != nil {
		config, err := s.TLS.Config()
		if err != nil {
			return nil, err
		}
		p.options = append(p.options, kgo.DialTLSConfig(config))
	}
	if err := p.authenticate(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *producer) authenticate() error {
	s := &p.s
	password, err := output.Secret("password", s.Password, s.PasswordFile)
	if err != nil {
		return err
	}
	if s.Username == "" {
		if password != "" || s.Mechanism != "" {
			return invalid("username", "want one beside the password")
		}
		return nil
	}
	switch s.Mechanism {
	case "", "plain":
		p.options = append(p.options, kgo.SASL(plain.Auth{User: s.Username, Pass: password}.AsMechanism()))
	case "scram-sha-256":
		p.options = append(p.options, kgo.SASL(scram.Auth{User: s.Username, Pass: password}.AsSha256Mechanism()))
	case "scram-sha-512":
		p.options = append(p.options, kgo.SASL(scram.Auth{User: s.Username, Pass: password}.AsSha512Mechanism()))
	default:
		return invalid("mechanism", `%q: want "plain", "scram-sha-256" or "scram-sha-512"`, s.Mechanism)
	}
	return nil
}

// Send returns nil when all replicas have all records. After an error some may
// be there: the rows say themselves which they are.
func (p *producer) Send(ctx context.Context, b *output.Batch) error {
	if p.client == nil {
		client, err := kgo.NewClient(p.options...)
		if err != nil {
			return err
		}
		p.client = client
	}
	topic := b.Expand(p.s.Topic)
	var records []*kgo.Record
	record := func(value []byte) {
		records = append(records, &kgo.Record{Topic: topic, Key: []byte(b.Agent), Value: value})
	}
	if p.s.Message == "batch" {
		value := append(b.AppendEnvelope(nil, time.Now()), '\n')
		record(b.AppendRows(value, false))
	} else {
		// Each row says whose it is, since no envelope does. The library may read a record after a failure: these lines are ours.
		for line := range bytes.Lines(b.AppendRows(nil, true)) {
			record(bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	return judge(p.client.ProduceSync(ctx, records...).FirstErr())
}

// judge says what an error of a broker means.
func judge(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		return output.ErrTooLarge
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed), errors.Is(err, kerr.SaslAuthenticationFailed),
		strings.Contains(err.Error(), "certificate"):
		return &output.Unauthorized{Err: err}
	case errors.Is(err, kerr.InvalidTopicException), errors.Is(err, kerr.InvalidRecord):
		return &output.Refused{Words: err.Error()[:min(200, len(err.Error()))]}
	}
	return err
}

// Objects says that rows name their columns, where no envelope does.
func (p *producer) Objects() bool { return p.s.Message != "batch" }

// Close ends the connections. Nothing waits: each Send waited for its own.
func (p *producer) Close() error {
	if p.client != nil {
		p.client.Close()
	}
	return nil
}
