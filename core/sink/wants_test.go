package sink_test

import (
	"encoding/json"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/event/eventtest"
	"netifyd/core/expr"
	"netifyd/core/sink"
	"netifyd/core/sink/socket"
)

// startFive serves dialect 5.
func startFive(t *testing.T) (*sink.Fanout, string) {
	f := sink.NewFanout(sink.Options{Clients: 4, Queue: sink.MinQueue, Greet: func(d *sink.Door) sink.Greeting {
		g := greet(d)
		g.Tables = nil
		return g
	}, Compile: func(text string) (*expr.Program, error) {
		return expr.Compile(text, func(string) (uint8, bool) { return 0, false })
	}})
	t.Cleanup(func() { f.Close(0) })
	return f, listen(t, f, event.V5)
}

// says sends a line.
func (r *reader) says(text string) *reader {
	r.t.Helper()
	if _, err := r.conn.Write([]byte(text)); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// bare reads one line without a header.
func (r *reader) bare() string {
	r.t.Helper()
	s, err := r.buf.ReadString('\n')
	if err != nil {
		r.t.Fatalf("%v after %q", err, s)
	}
	return s
}

// joined polls until the port has n clients.
func joined(t *testing.T, f *sink.Fanout, n int) *sink.Port {
	t.Helper()
	for end := time.Now().Add(patience); f.Counters().Clients < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d clients, not %d", f.Counters().Clients, n)
		}
	}
	p := f.Port()
	for _, j := range p.Poll() {
		j.Done()
	}
	p.Poll()
	return p
}

// tell offers a line of each kind, about a flow of an address.
func tell(p *sink.Port, kind core.Kind, local string) {
	if !p.Wants(event.V5, kind) {
		return
	}
	if p.Filters(kind) && !p.Select(kind, &expr.Input{LocalIP: netip.MustParseAddr(local)}) {
		return
	}
	p.Offer(event.V5, kind, core.Wanted, []byte(`{"ip":"`+local+`","type":"`+kind.String()+`"}`+"\n"))
}

func TestFiveIsLinesWithoutHeaders(t *testing.T) {
	f, path := startFive(t)
	r := dial(t, "unix", path)
	for _, want := range []string{`{"hello":"5"}`, `{"client_dropped":0,"clients":{},"cpu_cores":2,"type":"agent_status"}`} {
		if got := r.bare(); got != want+"\n" {
			t.Errorf("%q, want %s", got, want)
		}
	}
	p := joined(t, f, 1)
	tell(p, core.KindFlowComplete, "192.0.2.1")
	if got := r.bare(); got != `{"ip":"192.0.2.1","type":"flow_dpi_complete"}`+"\n" {
		t.Errorf("%q", got)
	}
}

// A client that asks first is told nothing else, not even in the greeting.
func TestKinds(t *testing.T) {
	f, path := startFive(t)
	r := dial(t, "unix", path).says(`{"kinds":["flow_dpi_complete","flow_purge"]}` + "\n")
	p := joined(t, f, 1)
	if p.Wants(event.V5, core.KindFlowStats) || p.Wants(event.V5, core.KindStatus) || !p.Wants(event.V5, core.KindFlowPurge) || p.Wants(event.V4, core.KindFlow) {
		t.Error("what nobody asked for would be encoded")
	}
	r.says(strings.Repeat("thrown away\n", 1000))
	for _, k := range []core.Kind{core.KindFlow, core.KindFlowComplete, core.KindFlowStats, core.KindStatus, core.KindFlowPurge} {
		tell(p, k, "192.0.2.1")
		p.Offer(event.V5, k, core.Wanted, []byte(`{"type":"`+k.String()+`"}`+"\n")) // as it would be for another client
	}
	for _, want := range []string{"flow_dpi_complete", "flow_dpi_complete", "flow_purge", "flow_purge"} {
		if got := r.bare(); !strings.Contains(got, `"type":"`+want+`"`) {
			t.Errorf("%q, want %s", got, want)
		}
	}
}

// A client with a filter, and one that hears all.
func TestFilter(t *testing.T) {
	f, path := startFive(t)
	one := dial(t, "unix", path).says(`{"kinds":["flow"],"filter":"local_ip == 192.0.2.1"}` + "\n")
	p := joined(t, f, 1)
	if !p.Filters(core.KindFlow) || p.Filters(core.KindFlowPurge) || p.Filters(core.KindStatus) {
		t.Error("filters")
	}
	if p.Select(core.KindFlow, &expr.Input{LocalIP: netip.MustParseAddr("192.0.2.9")}) {
		t.Error("a line would be encoded for nobody")
	}
	all := dial(t, "unix", path)
	all.bare()
	all.bare()
	p = joined(t, f, 2)
	for _, a := range []string{"192.0.2.9", "192.0.2.1", "192.0.2.8"} {
		tell(p, core.KindFlow, a)
	}
	if got := one.bare(); !strings.Contains(got, "192.0.2.1") {
		t.Errorf("%q", got)
	}
	for _, want := range []string{"192.0.2.9", "192.0.2.1", "192.0.2.8"} {
		if got := all.bare(); !strings.Contains(got, want) {
			t.Errorf("%q, want %s", got, want)
		}
	}
}

// A client that asks late is heard too; what it has asked for is not asked for again.
func TestAsksLate(t *testing.T) {
	f, path := startFive(t)
	r := dial(t, "unix", path)
	r.bare()
	r.bare()
	p := joined(t, f, 1)
	r.says(`{"kinds":`).says(`["flow_purge"]}` + "\n" + `{"kinds":["flow"]}` + "\n")
	for end := time.Now().Add(patience); p.Wants(event.V5, core.KindFlow); p.Poll() {
		if time.Now().After(end) {
			t.Fatal("not heard")
		}
		time.Sleep(time.Millisecond)
	}
	tell(p, core.KindFlow, "192.0.2.1")
	tell(p, core.KindFlowPurge, "192.0.2.2")
	if got := r.bare(); !strings.Contains(got, "192.0.2.2") {
		t.Errorf("%q", got)
	}
}

// Who asks for what is not there is told so, and let go.
func TestWrongRequests(t *testing.T) {
	for ask, want := range map[string]string{
		`{"kinds":["flows"]}`:             `kinds: there is no "flows": want some of agent_hello`,
		`{"kind":["flow"]}`:               `the request is not of the form {"kinds"`,
		`{"kinds":"flow"}`:                `the request is not of the form {"kinds"`,
		`{"kinds":["flow"]} {}`:           `more follows the object`,
		`{"filter":"nonsense == 1"}`:      `filter: `,
		`{` + strings.Repeat(" ", 10_000): `the request is longer than 8192 bytes`,
	} {
		f, path := startFive(t)
		r := dial(t, "unix", path).says(ask + "\n")
		line := r.bare()
		var e struct{ Type, Error string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Type != "agent_error" || !strings.Contains(e.Error, want) {
			t.Errorf("%.40s: %q, want %s", ask, line, want)
		}
		if err := eventtest.Validate([]byte(line)); err != nil {
			t.Error(err)
		}
		if more, err := r.buf.ReadString('\n'); err == nil {
			t.Errorf("%.40s: still told %q", ask, more)
		}
		for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) { // its place is free again
			if r := dial(t, "unix", path); r.bare() != "" && f.Counters().Clients > 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("no place")
			}
		}
	}
}

// What is no request at all changes nothing: a person who presses enter, a probe.
func TestNoRequest(t *testing.T) {
	for _, text := range []string{"\n", "hello\n", "GET / HTTP/1.1\r\n\r\n", "[1]\n"} {
		f, path := startFive(t)
		r := dial(t, "unix", path).says(text)
		if got := r.bare(); got != `{"hello":"5"}`+"\n" {
			t.Errorf("%q: %q", text, got)
		}
		p := joined(t, f, 1)
		if !p.Wants(event.V5, core.KindFlowStats) || p.Filters(core.KindFlow) {
			t.Errorf("%q was taken for a request", text)
		}
	}
}

// The older dialects hear no requests.
func TestOlderDialectsIgnoreRequests(t *testing.T) {
	f, path := start(t, 2)
	r := dial(t, "unix", path).says(`{"kinds":["flow_purge"]}` + "\n").greeted()
	p := joined(t, f, 1)
	offer(p, `{"type":"flow"}`)
	r.want(`{"type":"flow"}`)
}

// A door may give fewer kinds, to readers who know no others: nothing of the
// rest is asked for or sent, whatever the dialect.
func TestDoorWithKinds(t *testing.T) {
	f := sink.NewFanout(sink.Options{Clients: 4, Queue: sink.MinQueue, Greet: greet})
	t.Cleanup(func() { f.Close(0) })
	path := filepath.Join(t.TempDir(), "s")
	l, err := socket.Listen(config.Listener{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(sink.Door{Listener: l, Dialect: event.V3, Kinds: []core.Kind{core.KindHello, core.KindFlow}})
	r := dial(t, "unix", path)
	if got := r.line(); !strings.Contains(got, "hello") {
		t.Errorf("%q", got)
	}
	p := joined(t, f, 1)
	if p.Wants(event.V3, core.KindFlowPurge) || !p.Wants(event.V3, core.KindFlow) || p.Wants(event.V4, core.KindFlow) {
		t.Error("lines are made that nobody is sent, or none that somebody is")
	}
	for _, kind := range []core.Kind{core.KindStatus, core.KindFlowStats, core.KindFlowPurge, core.KindFlow} {
		p.Offer(event.V3, kind, core.Wanted, []byte(`{"type":"`+kind.String()+`"}`+"\n"))
	}
	if got := r.line(); !strings.Contains(got, `"flow"`) {
		t.Errorf("%q came first", got)
	}
}
