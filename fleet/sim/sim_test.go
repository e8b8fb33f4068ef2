package sim

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/fleet/peer"
)

// A few routers reach the store, through its absence, and the sums are equal.
// One that cannot end in its time says how far it came.
func TestRun(t *testing.T) {
	o := Options{Way: "http", Routers: 3, Hours: 2, Hour: time.Second, Outage: 100 * time.Millisecond, Most: 2 * time.Minute}
	r, err := Run(t.Context(), o)
	if errors.Is(err, peer.ErrNone) {
		t.Skip(err)
	}
	if err != nil || r.Rows == 0 || r.Stored < r.Rows || r.Disk == 0 || r.Recovery == 0 || r.Cost.Store == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	o.Hour, o.Most = time.Hour, time.Second
	r, err = Run(t.Context(), o)
	if !errors.Is(err, ErrBound) || !strings.Contains(err.Error(), "the time of 1s is over while waiting for the hour before the outage to end: 0 of 3 routers") || r.Routers != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	o.Most, o.Memory = time.Minute, 1<<20
	if _, err = Run(t.Context(), o); !errors.Is(err, ErrBound) || !strings.Contains(err.Error(), "MiB of memory are in use, more than 1 while") {
		t.Error(err)
	}
}

func TestHandshakes(t *testing.T) {
	all, err := Handshakes(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		if h.Clients != 5 || h.All == 0 {
			t.Errorf("%+v", h)
		}
	}
}

// What is computed comes from what was measured, and can be reckoned by hand.
func TestCompute(t *testing.T) {
	var b bytes.Buffer
	results := []Result{
		{Options: Options{Way: "http"}, Rows: 5000, Cost: Cost{Store: time.Second}, Wire: 20, Disk: 10},
		{Options: Options{Way: "nats"}, Rows: 50_000, Cost: Cost{Broker: 2 * time.Second, Pipe: time.Second, Store: time.Second}, Wire: 100, Disk: 20},
		{Options: Options{Way: "mosquitto"}, Rows: 50_000, Cost: Cost{Broker: time.Second, Pipe: time.Second, Store: 2 * time.Second}, Wire: 100, Disk: 20},
	}
	compute(&b, results, []Handshake{{Server: "mosquitto", Each: 3 * time.Millisecond}, {Server: "haproxy", Each: time.Millisecond}})
	for _, want := range []string{"| 0.83 · 5 | 83 · 500 | 8300 · 50000 |", "| - | 0.0033 · 0.02 | 0.33 · 2 |", "| < 0.001 | 0.01 | 1 |", "| 140 kB | 720 kB | 720 kB |", "| 290 MB | 57 GB | 5.7 TB |", "cores: broker 4, pipes 2, store 2 × 4 |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

func TestInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("a\n"+begins+"\nold\n"+ends+"\nz\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Into(path, []byte("new\n")); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "a\n"+begins+"\n\nnew\n\n"+ends+"\nz\n" {
		t.Errorf("%q", text)
	}
	if err := Into("../../docs/relay.md", nil); err == nil {
		t.Error("a document without a place for it is written")
	}
	page, err := os.ReadFile("../../docs/fleet.md")
	if err != nil || !strings.Contains(string(page), begins) || !strings.Contains(string(page), ends) {
		t.Errorf("docs/fleet.md has no place for the tables: %v", err)
	}
}
