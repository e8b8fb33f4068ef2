package pipe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"netifyd/fleet/peer"
	"netifyd/fleet/peer/peertest"
	"netifyd/fleet/schema"
	"netifyd/fleet/store"
)

const agent = "AG-EN-T0-01"

// publisher sends as an agent does, and waits for the broker's word for each.
func publisher(t *testing.T, url string, c *tls.Config) func(seq int, rows ...string) {
	t.Helper()
	o := mqtt.NewClientOptions().AddBroker(strings.Replace(url, "mqtts", "ssl", 1)).SetClientID(agent).SetTLSConfig(c).SetCleanSession(false)
	client := mqtt.NewClient(o)
	if w := client.Connect(); !w.WaitTimeout(20*time.Second) || w.Error() != nil {
		t.Fatal(w.Error())
	}
	t.Cleanup(func() { client.Disconnect(100) })
	return func(seq int, rows ...string) {
		t.Helper()
		text := fmt.Sprintf(`{"agent":%q,"epoch":1,"seq":%d,"kind":"usage","schema":1,"columns":["start","device","label","down","version"],"count":%d,"lost":0}`, agent, seq, len(rows)) + "\n" + strings.Join(rows, "\n")
		if w := client.Publish("netifyd/v1/"+agent+"/usage", 1, false, text); !w.WaitTimeout(20*time.Second) || w.Error() != nil {
			t.Fatal(seq, w.Error())
		}
	}
}

// sum waits until the store has what it shall have.
func sum(t *testing.T, s *store.Store, want string) {
	t.Helper()
	var got string
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		text, err := s.Exec(t.Context(), "SELECT sum(down), count() FROM usage FINAL")
		if got = strings.TrimSpace(text); err == nil && got == want {
			return
		}
	}
	t.Fatalf("the store has %q, not %q", got, want)
}

// through sends batches while the store is killed and comes back, while no pipe
// runs, and twice: no row is missing, none counts twice.
func through(t *testing.T, url string, sent *tls.Config, s Settings) {
	click := peertest.Here[*peer.ClickHouse](t)(peer.StartClickHouse(t.TempDir()))
	t.Cleanup(click.Kill)
	s.Store, s.Period, s.LogLevel = click.Store("netifyd"), 50*time.Millisecond, "off"
	if _, err := schema.Migrate(t.Context(), s.Store); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{}, 8)
	s.Ready = func() { ready <- struct{}{} }
	run := func() (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- Run(ctx, s) }()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	publish := publisher(t, url, sent)
	stop := run()
	<-ready
	start := time.Now().Unix() / 3600 * 3600
	row := func(label string, down, version int) string {
		return fmt.Sprintf(`[%d,"d",%q,%d,%d]`, start, label, down, version)
	}
	publish(0, row("a", 1, 1))
	sum(t, s.Store, "1\t1")
	click.Kill()
	for i := range 20 {
		publish(1+i, row(fmt.Sprint("k", i), 10, 1), row("a", 2+i, 2+i))
	}
	if err := click.Again(); err != nil {
		t.Fatal(err)
	}
	sum(t, s.Store, "221\t21")
	stop()
	publish(21, row("a", 1000, 50))
	publish(21, row("a", 1000, 50))
	publish(3, row("k2", 10, 1), row("a", 4, 4))
	t.Cleanup(run())
	sum(t, s.Store, "1200\t21")
	text, err := s.Store.Exec(t.Context(), "SELECT uniqExact(seq), max(seq) FROM agent_batch FINAL")
	if strings.TrimSpace(text) != "22\t21" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestFromMosquitto(t *testing.T) {
	ca := peertest.Here[*peer.CA](t)(peer.NewCA(t.TempDir()))
	if err := errors.Join(ca.Client(agent), ca.Client(peer.Collector)); err != nil {
		t.Fatal(err)
	}
	broker := peertest.Here[*peer.Mosquitto](t)(peer.StartMosquitto(t.TempDir(), ca))
	t.Cleanup(broker.Kill)
	through(t, broker.URL(), peertest.Here[*tls.Config](t)(ca.TLS(agent)), Settings{From: broker.URL(), TLS: peertest.Here[*tls.Config](t)(ca.TLS(peer.Collector))})
}

func TestFromNATS(t *testing.T) {
	ca := peertest.Here[*peer.CA](t)(peer.NewCA(t.TempDir()))
	if err := errors.Join(ca.Client(agent), ca.Client(peer.Collector)); err != nil {
		t.Fatal(err)
	}
	broker := peertest.Here[*peer.NATS](t)(peer.StartNATS(t.TempDir(), ca, []string{agent}))
	t.Cleanup(broker.Kill)
	through(t, broker.MQTT(), peertest.Here[*tls.Config](t)(ca.TLS(agent)), Settings{From: broker.URL(), TLS: peertest.Here[*tls.Config](t)(ca.TLS(peer.Collector))})
}
