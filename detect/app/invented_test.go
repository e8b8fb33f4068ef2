package app_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/event"
	"netifyd/core/proto"
	"netifyd/core/sink"
	"netifyd/detect/app"
)

// The captures of ordinary software are of programs that talk to each other in
// namespaces, under names reserved for examples: an application there can only
// be one that a protocol stands for, or the question for the name of an address.
func TestNothingIsInvented(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/*.pcap")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	cfg, _, err := config.Load("")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Resolve()
	apps := app.Default()
	reverse := apps.Host([]byte("1.2.0.192.in-addr.arpa"))
	if reverse == nil {
		t.Fatal("in-addr.arpa is not known")
	}
	flows := 0
	for _, path := range paths {
		var out bytes.Buffer
		w := sink.NewWriter(&out, event.V4)
		if _, err := engine.Replay(cfg, apps, path, filepath.Base(path), w); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		for d := json.NewDecoder(&out); d.More(); {
			var e struct {
				Type string
				Flow struct {
					App      uint32   `json:"detected_application"`
					Name     string   `json:"detected_application_name"`
					Protocol proto.ID `json:"detected_protocol"`
					Host     string   `json:"host_server_name"`
				}
			}
			if err := d.Decode(&e); err != nil {
				t.Fatal(err)
			}
			if e.Type != "flow" {
				continue
			}
			flows++
			if e.Flow.App == 0 {
				continue
			}
			asks := e.Flow.Protocol == proto.DNS || e.Flow.Protocol == proto.MDNS
			if asks && e.Flow.App == reverse.ID && strings.HasSuffix(e.Flow.Host, ".arpa") {
				continue
			}
			if twin := apps.Twin(e.Flow.Protocol); twin == nil || twin.ID != e.Flow.App {
				t.Errorf("%s: a flow of %s to %q is said to be %s", path, e.Flow.Protocol.Name(), e.Flow.Host, e.Flow.Name)
			}
		}
	}
	if flows < len(paths) {
		t.Errorf("%d flows in %d captures", flows, len(paths))
	}
}
