package engine

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/event/eventtest"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// Those who ask hear of devices and of the hours that closed, and what these
// lines say is what the flows carried; those who ask for nothing hear of neither.
func TestLinesOfDevicesAndUsage(t *testing.T) {
	c := config.Default()
	c.VolatileDir = t.TempDir()
	path := filepath.Join(c.VolatileDir, "s")
	c.Listeners = []config.Listener{{Path: path, Dialect: "5"}}
	c.Interfaces = []config.Interface{{Name: "eth0", Role: config.LAN}, {Name: "br-lan", Role: config.LAN, File: "../../testdata/http-get.pcap"}}
	c.Usage.Directory = "none"
	e, err := New(c, Options{Version: "t", NoConntrack: true, Log: zerolog.Nop(),
		Apps: func(*config.Config) (*app.Catalogue, error) { return app.Default(), nil },
		Open: func(*config.Interface, *config.Capture, func(string)) ([]core.Source, error) {
			return []core.Source{newTapped()}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	listen := func(request string) *bufio.Reader {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		fmt.Fprint(conn, request)
		return bufio.NewReader(conn)
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	asked, silent := listen(`{"kinds":["device","usage"]}`+"\n"), listen("")
	for end := time.Now().Add(20 * time.Second); !e.port.Wants(event.V5, core.KindUsage); time.Sleep(time.Millisecond) { // until the request was read
		if e.port.Poll(); time.Now().After(end) {
			t.Fatal("the request was not read")
		}
	}
	r := &live{e, t, make(chan struct{}), make(chan error, 1)}
	go func() { r.end <- e.Run(r.done) }()
	r.until("the end of the file", func() bool { return r.was(1) })
	r.stop()
	var flows, rows uint64
	e.usage.Totals(func(l usage.Label, n usage.Count) {
		if l != usage.Peer {
			flows += n.Sum()
		}
	})
	kinds, lines := map[string]int{}, 0
	for {
		text, err := asked.ReadString('\n')
		if err != nil {
			break
		}
		if err := eventtest.Validate([]byte(text)); err != nil {
			t.Errorf("%v: %s", err, text)
		}
		var line struct {
			Type  string
			Event string
			Seq   int
			Rows  []struct {
				Scope string
				Local uint64 `json:"local_bytes"`
				Other uint64 `json:"other_bytes"`
			}
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		kinds[line.Type+line.Event]++
		for _, x := range line.Rows {
			rows += x.Local + x.Other
		}
		if line.Type == "usage" {
			if lines++; line.Seq != lines {
				t.Errorf("line %d has number %d", lines, line.Seq)
			}
		}
	}
	if kinds["usage"] == 0 || kinds["devicenew"] == 0 || rows != flows || rows == 0 {
		t.Errorf("%v: rows of usage have %d bytes, flows %d", kinds, rows, flows)
	}
	for {
		text, err := silent.ReadString('\n')
		if err != nil {
			break
		}
		if strings.Contains(text, `"type":"usage"`) || strings.Contains(text, `"type":"device"`) {
			t.Errorf("nobody asked for %s", text)
		}
	}
}
