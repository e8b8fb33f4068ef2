package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/core/alert"
	"netifyd/core/config"
	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/core/query"
	"netifyd/core/query/control"
	"netifyd/core/query/querytest"
	"netifyd/core/risk"
)

// answering starts a control socket over a few flows and gives the configuration that finds it.
func answering(t *testing.T, h query.House) *config.Config {
	c := config.Default()
	c.VolatileDir = t.TempDir()
	l, err := net.Listen("unix", filepath.Join(c.VolatileDir, config.ControlSocket))
	if err != nil {
		t.Fatal(err)
	}
	s := control.Serve(l, query.New(h), control.Options{Group: -1})
	t.Cleanup(s.Close)
	return c
}

func TestFaces(t *testing.T) {
	h := querytest.House()
	h.Hosts[900e9] = "evil\x1b[2J\u202e.example"
	h.List[0].Marks |= flow.Twin
	h.Wrong = map[int64]risk.Set{h.List[1].First: 1 << risk.Credentials}
	c := answering(t, h)
	for _, x := range []struct{ command, want string }{
		{"flows", "netflix (HTTP/S)"}, {"flows", "evil\\u001b[2J\\u202e.example"}, {"flows --sort bytes", "8.8 KiB"}, {"flows state:twin", " twin\n"}, {"flows risk:high", " RISK\n"}, {"flows --limit 1", "and 2 more"},
		{"flows proto:quic", "rr3.googlevideo.com"}, {"flows --csv app:netflix", "digest,device,application"}, {"flows --json", `"total":3`},
		{"query methods", `"columns"`}, {`query flows {"limit":1}`, `"total":3`}, {"status --json", `"interfaces"`}, {"status", "offload      none"},
	} {
		var out bytes.Buffer
		args := strings.Fields(x.command)
		err := runFace(c, args[0], args[1:], &out)
		var code exitCode
		if err != nil && !(errors.As(err, &code) && args[0] == "status") {
			t.Errorf("%s: %v", x.command, err)
			continue
		}
		if !strings.Contains(out.String(), x.want) {
			t.Errorf("%s: no %q in\n%s", x.command, x.want, out.String())
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e") {
			t.Errorf("%s obeys a stranger: %q", x.command, out.String())
		}
		if strings.Contains(x.command, "--json") && !json.Valid(out.Bytes()) {
			t.Errorf("%s is no JSON: %s", x.command, out.String())
		}
	}
}

func TestFacesSayWhatIsWrong(t *testing.T) {
	c := answering(t, querytest.House())
	away := config.Default()
	away.VolatileDir = t.TempDir()
	for _, x := range []struct {
		cfg           *config.Config
		command, want string
	}{
		{c, "flows --sort size", "there is no column"}, {c, "flows --sort", "needs a value"}, {c, "flows --colour", "no flag --colour here"}, {c, "flows --limit many", "want a number"},
		{c, "flows prot:x", `no key "prot"`}, {c, "query", "query methods lists them"}, {c, "query nosuch", "no such method"}, {c, "query flow {", "are no JSON"}, {c, "usage today", "takes no words"},
		{c, "status now", "takes no words"}, {c, "alerts all", "takes no words"}, {c, "doctor me", "takes no words"}, {c, "usage --by application,category", "nothing is counted"},
		{away, "flows", "not running"}, {away, "status", "not running"},
	} {
		args := strings.Fields(x.command)
		if err := runFace(x.cfg, args[0], args[1:], new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", x.command, err, x.want)
		}
	}
}

// A list that is longer than an answer comes in several.
func TestFacesOfManyRows(t *testing.T) {
	h := querytest.House()
	for n := range 1500 {
		h.List = append(h.List, querytest.Record(int64(1000+n), proto.QUIC, 10119, "192.168.1.8", "203.0.113.1", 443, 10))
	}
	c := answering(t, h)
	for command, want := range map[string]int{"flows --limit 700 --csv": 701, "flows --limit 5000 --csv": 1201, "flows --limit 450": 452, "flows --csv": 51} {
		var out bytes.Buffer
		args := strings.Fields(command)
		if err := runFace(c, args[0], args[1:], &out); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n != want {
			t.Errorf("%s: %d lines, want %d", command, n, want)
		}
	}
}

// alarmed is a house with an alert about a host that is no device.
type alarmed struct {
	*querytest.Still
	ring alert.Ring
}

func (h *alarmed) Alerts() *alert.Ring { return &h.ring }

func TestAlertsNameTheHost(t *testing.T) {
	h := &alarmed{Still: querytest.House()}
	h.ring.Raise(alert.Alert{Kind: alert.ScanHosts, Label: 22, Value: 40, Host: netip.MustParseAddr("198.51.100.9").As16()}, 1000)
	var out bytes.Buffer
	if err := runFace(answering(t, h), "alerts", nil, &out); err != nil || !strings.Contains(out.String(), "  198.51.100.9 tries many hosts at port 22: 40 connections did not come about\n") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// top draws one frame where there is no terminal, and cleans what strangers wrote.
func TestTopOnce(t *testing.T) {
	h := querytest.House()
	h.Hosts[900e9] = "evil\x1b[2J.example"
	c := answering(t, h)
	var out bytes.Buffer
	if err := runFace(c, "top", []string{"--once"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3 flows", "DEVICE", "netflix", "rr3.googlevideo.com"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("an escape code: %q", out.String())
	}
	out.Reset()
	if err := runFace(c, "top", []string{"--json", "app:netflix"}, &out); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("%v: %s", err, out.String())
	}
}
