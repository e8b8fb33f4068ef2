//go:build kafka

package schema

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/kafka"
)

// ClickHouse's engine fetches what the relay's output of type kafka has put
// into a cluster, here the fake one of the client's library: every kind, each
// batch twice.
func TestKafka(t *testing.T) {
	s := open(t)
	if _, err := Migrate(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "netifyd-v1-usage", "netifyd-v1-flow", "netifyd-v1-device", "netifyd-v1-alert"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	parsed, err := config.Parse("test", fmt.Appendf(nil, "[[relay.output]]\nname = \"fleet\"\ntype = \"kafka\"\nbrokers = [%q]\nkinds = [\"usage\"]\n", c.ListenAddrs()[0]), map[string]output.Open{"kafka": kafka.Open})
	if err != nil {
		t.Fatal(err)
	}
	if !parsed.Outputs[0].Objects {
		t.Error("rows do not name their columns")
	}
	out := parsed.Outputs[0].Out
	t.Cleanup(func() { _ = out.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	now := time.Now().Unix() / 3600 * 3600
	for seq, b := range []output.Batch{
		{Kind: "usage", Lines: [][]byte{fmt.Appendf(nil, `{"start":%d,"seconds":3600,"device":"d","name":"","label":"netflix","scope":"internet","down":70,"up":7,"flows":1,"complete":1,"estimated":0,"lossy":0,"version":1}`, now)}},
		{Kind: "flow", Lines: [][]byte{fmt.Appendf(nil, `{"first":%d,"last":%d,"device":"d","digest":"0a","down":5}`, now*1000, now*1000)}},
		{Kind: "device", Lines: [][]byte{fmt.Appendf(nil, `{"time":%d,"device":"d","name":"","online":1,"first":%d,"last":%d,"addresses":["10.0.0.1"],"version":1}`, now, now, now)}},
		{Kind: "alert", Lines: [][]byte{fmt.Appendf(nil, `{"time":%d,"started":1,"number":2,"kind":"quota","first":%d,"text":"80 %%"}`, now, now)}},
	} {
		b.Agent, b.Epoch, b.Seq, b.Lost = "KA-FK-A0-01", 9, uint64(seq), 3
		for range 2 {
			if err := out.Send(ctx, &b); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What is there before the store comes is fetched by all views.
	for range 2 {
		if err := Kafka(t.Context(), s, c.ListenAddrs()[0]); err != nil {
			t.Fatal(err)
		}
	}
	const want = "KA-FK-A0-01\t70\t1\t1\t1\t4\t12"
	got := ""
	for ctx.Err() == nil && got != want {
		text, err := s.Exec(ctx, "SELECT any(agent), sum(down), (SELECT count() FROM flow FINAL), (SELECT count() FROM device FINAL), (SELECT count() FROM alert FINAL), (SELECT count() FROM agent_batch FINAL), (SELECT sum(lost) FROM agent_batch FINAL) FROM usage FINAL")
		if got = strings.TrimSpace(text); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got != want {
		t.Errorf("the store has %q, not %q", got, want)
	}
}
