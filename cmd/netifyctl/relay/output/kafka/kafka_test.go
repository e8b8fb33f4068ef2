//go:build kafka

package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"netifyd/cmd/netifyctl/relay/output"
)

func open(t *testing.T, text string) (output.Output, error) {
	return Open("test", func(into any) error {
		md, err := toml.Decode(text, into)
		for _, k := range md.Undecoded() {
			t.Errorf("%s: %s is not read", text, k)
		}
		return err
	})
}

func TestOpen(t *testing.T) {
	const brokers = "brokers = [\"broker:9092\"]\n"
	for text, key := range map[string]string{
		brokers: "",
		brokers + "topic = \"x-${kind}\"\nmessage = \"batch\"\ncompress = \"none\"\ntls = true\nusername = \"u\"\npassword = \"p\"\nmechanism = \"scram-sha-512\"": "",
		"":                             "brokers",
		brokers + "topic = \"${x}\"":   "topic",
		brokers + "message = \"x\"":    "message",
		brokers + "compress = \"lz4\"": "compress",
		brokers + "password = \"p\"":   "username",
		brokers + "username = \"u\"\nmechanism = \"x\"": "mechanism",
		brokers + "ca = \"/nowhere\"":                   "ca",
	} {
		_, err := open(t, text)
		var bad *output.Invalid
		if key == "" && err != nil || key != "" && (!errors.As(err, &bad) || bad.Key != key) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func cluster(t *testing.T) *kfake.Cluster {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "netifyd-v1-flow"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func batch(n int) *output.Batch {
	b := &output.Batch{Agent: "0a-1b", Kind: "flow", Columns: []string{"n"}}
	for i := range n {
		b.Lines = append(b.Lines, fmt.Appendf(nil, "[%d]", i))
	}
	return b
}

// All lines of an agent arrive in order, under its name, and each says whose it is.
func TestSend(t *testing.T) {
	c := cluster(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	o, err := open(t, fmt.Sprintf("brokers = [%q]", c.ListenAddrs()[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := o.Send(ctx, batch(1000)); err != nil {
		t.Fatal(err)
	}
	whole, err := open(t, fmt.Sprintf("brokers = [%q]\nmessage = \"batch\"", c.ListenAddrs()[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	if err := whole.Send(ctx, batch(2)); err != nil {
		t.Fatal(err)
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("netifyd-v1-flow"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var got []string
	for len(got) < 1001 {
		f := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("only %d records came", len(got))
		}
		f.EachRecord(func(r *kgo.Record) {
			if string(r.Key) != "0a-1b" {
				t.Errorf("key %q", r.Key)
			}
			got = append(got, string(r.Value))
		})
	}
	for i := range 1000 {
		if got[i] != fmt.Sprintf(`["0a-1b",%d]`, i) {
			t.Fatalf("record %d is %q", i, got[i])
		}
	}
	if !strings.HasPrefix(got[1000], `{"agent":"0a-1b"`) || !strings.HasSuffix(got[1000], "\n[0]\n[1]\n") {
		t.Errorf("batch: %q", got[1000])
	}
}

// Away: an error within the time-out, and not for ever.
func TestAway(t *testing.T) {
	c := cluster(t)
	address := c.ListenAddrs()[0]
	c.Close()
	o, err := open(t, fmt.Sprintf("brokers = [%q]\ntimeout = \"1s\"", address))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := o.Send(ctx, batch(1)); err == nil || ctx.Err() != nil {
		t.Errorf("%v, %v", err, ctx.Err())
	}
}

func TestJudge(t *testing.T) {
	var person *output.Unauthorized
	var refused *output.Refused
	if err := judge(kerr.TopicAuthorizationFailed); !errors.As(err, &person) {
		t.Error(err)
	}
	if err := judge(kerr.InvalidTopicException); !errors.As(err, &refused) {
		t.Error(err)
	}
	if err := judge(kerr.MessageTooLarge); err != output.ErrTooLarge {
		t.Error(err)
	}
	if err := judge(kerr.NotLeaderForPartition); err != kerr.NotLeaderForPartition {
		t.Error(err)
	}
}
