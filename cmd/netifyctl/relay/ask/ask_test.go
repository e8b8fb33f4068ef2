package ask

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/core/alert"
)

// agent is a stand-in that answers at a control socket.
type agent struct {
	mu      sync.Mutex
	now     int64
	started int64
	answers map[string]func(args map[string]any) any
	asked   int
}

func stand(t *testing.T) (*agent, Agent) {
	a := &agent{now: 100*86400 + 5000, started: 7, answers: map[string]func(map[string]any) any{}}
	a.answers["status"] = func(map[string]any) any { return map[string]any{"now": a.now, "uuid": "uu-id", "started": a.started} }
	path := filepath.Join(t.TempDir(), "c")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go a.serve(conn)
		}
	}()
	return a, Agent{Control: path}
}

func (a *agent) serve(conn net.Conn) {
	defer conn.Close()
	for r := bufio.NewReader(conn); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return
		}
		var q struct {
			Method string
			Args   map[string]any
		}
		_ = json.Unmarshal(line, &q)
		a.mu.Lock()
		a.asked++
		var reply any = map[string]string{"error": "no such question"}
		if fn := a.answers[q.Method]; fn != nil {
			reply = fn(q.Args)
		}
		text, _ := json.Marshal(reply)
		a.mu.Unlock()
		if _, err := conn.Write(append(text, '\n')); err != nil {
			return
		}
	}
}

// taken is an output that keeps rows.
type taken struct{ rows, kinds []string }

func (p *taken) Send(_ context.Context, b *output.Batch) error {
	for _, l := range b.Lines {
		p.rows, p.kinds = append(p.rows, string(l)), append(p.kinds, b.Kind)
	}
	return nil
}
func (p *taken) Close() error { return nil }

// rows gives a writer, and what was written with it so far.
func rows(t *testing.T, columns []string) (*lane.Rows, *lane.Lane, func() []string) {
	p := &taken{}
	l, err := lane.New(lane.Options{}, p, func() lane.Identity { return lane.Identity{} })
	if err != nil {
		t.Fatal(err)
	}
	r := lane.NewRows(columns...)
	r.To(l, "x", lane.Keep, false)
	return r, l, func() []string {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		l.Run(ctx)
		got := p.rows
		p.rows = nil
		return got
	}
}

func TestDevices(t *testing.T) {
	a, control := stand(t)
	rate := 5
	a.answers["devices"] = func(args map[string]any) any {
		all := [][]any{{"02:00:00:00:00:01", "tv", "mdns", "tv", "Acme", true, false, 1, 2, 3, rate, 6, 7, 8, 9, 10, []string{"192.168.1.2", "fe80::ff:fe00:1"}, "more"},
			{"02:00:00:00:00:02", "pc", "dhcp", "", "", false, false, 1, 2, 0, 0, 0, 7, 8, 9, 10, []string{}, "more"}}
		offset := int(number(args, "offset"))
		return map[string]any{"now": 99, "columns": append(slices.Clone(DeviceColumns[1:len(DeviceColumns)-1]), "else"), "rows": all[offset : offset+1], "total": 2, "cut": true}
	}
	w, _, written := rows(t, DeviceColumns)
	d := &Devices{Agent: control, Rows: w}
	at := time.Unix(1000, 0)
	ask := func() {
		t.Helper()
		if err := d.Ask(context.Background(), at); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	if got, want := written(), `[99,"02:00:00:00:00:01","tv","mdns","tv","Acme",true,false,1,2,3,5,6,7,8,9,10,["192.168.1.2","fe80::ff:fe00:1"],99000]`; len(got) != 2 || got[0] != want {
		t.Errorf("%q\nwant %s", got, want)
	}
	rate = 50
	ask()
	ask()
	if got := written(); len(got) != 1 || !strings.Contains(got[0], ":01") {
		t.Errorf("%q", got)
	}
	at = at.Add(all)
	ask()
	if got := written(); len(got) != 2 {
		t.Errorf("%q", got)
	}
	d.Filter, _ = privacy.New("hash", "", "", filepath.Join(t.TempDir(), "k"), []string{"02:00:00:00:00:02"})
	d.full = time.Time{}
	ask()
	if got := written(); len(got) != 1 || strings.Contains(got[0], "02:00") || strings.Contains(got[0], `"tv","mdns"`) || !strings.Contains(got[0], `"fe80::"`) {
		t.Errorf("%q", got)
	}
	d.Filter, _ = privacy.New("none", "", "", "", nil)
	d.full = time.Time{}
	ask()
	if got := written(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestAlerts(t *testing.T) {
	a, control := stand(t)
	newest, last := 3, 50
	a.answers["alerts"] = func(args map[string]any) any {
		list := [][]any{}
		for n := number(args, "since") + 1; n <= int64(newest) && len(list) < 2; n++ {
			list = append(list, []any{n, "device_new", false, 40, last, "02:00:00:00:00:01", "tv", "", n * 10, "lan"})
		}
		return map[string]any{"newest": newest, "columns": []string{"number", "alert", "serious", "first", "last", "device", "name", "label", "value", "interface"}, "rows": list, "total": len(list)}
	}
	w, _, written := rows(t, AlertColumns)
	file := filepath.Join(t.TempDir(), "d", "alerts.json")
	x := &Alerts{Agent: control, Rows: w, File: file}
	ask := func(want ...string) {
		t.Helper()
		if err := x.Ask(context.Background(), time.Now()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range written() {
			got = append(got, strings.Join(strings.SplitN(r, ",", 4)[1:3], ","))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	ask("7,1", "7,2", "7,3")
	ask()
	newest++
	ask("7,4")
	x = &Alerts{Agent: control, Rows: w, File: file} // the relay restarts
	ask()
	last = 60 // they are raised again
	ask("7,1", "7,2", "7,3", "7,4")
	a.started, newest = 8, 1 // the agent restarts
	ask("8,1")
}

func TestStatus(t *testing.T) {
	_, control := stand(t)
	_, l, written := rows(t, nil)
	s := &Status{Agent: control, Lanes: []*lane.Lane{l}, Relay: func() any { return 5 }, Every: time.Minute}
	if err := s.Ask(context.Background(), time.Unix(9, 0)); err != nil {
		t.Fatal(err)
	}
	s.Agent.Control = "/no/such/socket"
	for at := range int64(75) { // asked each second; said once, and once more a minute later
		if err := s.Ask(context.Background(), time.Unix(10+at, 0)); err == nil {
			t.Error("nobody is there")
		}
	}
	s.Agent = control
	if err := s.Ask(context.Background(), time.Unix(86, 0)); err != nil {
		t.Error(err)
	}
	if got := written(); len(got) != 4 || !strings.HasPrefix(got[0], `{"time":9,"answers":true,"agent":{"now":`) ||
		got[1] != `{"time":10,"answers":false,"relay":5}` || got[2] != `{"time":70,"answers":false,"relay":5}` || !strings.HasPrefix(got[3], `{"time":86,"answers":true,`) {
		t.Errorf("%q", got)
	}
	if control.UUID(context.Background()) != "uu-id" {
		t.Error("no UUID")
	}
}

// An agent that gives the same alerts whatever is asked is not asked for ever.
func TestAlertsThatDoNotEnd(t *testing.T) {
	a, control := stand(t)
	a.answers["alerts"] = func(map[string]any) any {
		return map[string]any{"columns": []string{"number", "alert", "last"}, "rows": [][]any{{1, "device_new", 5}}, "total": 1}
	}
	w, _, written := rows(t, AlertColumns)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := (&Alerts{Agent: control, Rows: w}).Ask(ctx, time.Now()); err != nil || len(written()) != 1 {
		t.Error(err)
	}
}

// An alert about an address that is no device's names it, and each kind of the
// agent has a sentence.
func TestAlertsOfHosts(t *testing.T) {
	a, control := stand(t)
	a.answers["alerts"] = func(args map[string]any) any {
		list := [][]any{}
		if number(args, "since") < 1 {
			list = append(list, []any{1, "scan_ports", true, 40, 50, "", "", "", 25, "wan", "203.0.113.9"}, []any{2, "syn_unanswered", true, 40, 50, "", "", "25", 7, "lan", "2001:db8::200:ff:fe00:1"})
		}
		return map[string]any{"newest": 2, "columns": []string{"number", "alert", "serious", "first", "last", "device", "name", "label", "value", "interface", "host"}, "rows": list, "total": len(list)}
	}
	hide, err := privacy.New("none", "", "", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter *privacy.Filter
		want   []string
	}{
		{nil, []string{
			`[50,7,1,"scan_ports","warning",40,"","","",25,"wan","203.0.113.9","203.0.113.9 tries one port after the other: 25 connections did not come about"]`,
			`[50,7,2,"syn_unanswered","warning",40,"","","25",7,"lan","2001:db8::200:ff:fe00:1","7 connections that 2001:db8::200:ff:fe00:1 asked for at port 25 stayed without an answer"]`}},
		{hide, []string{
			`[50,7,1,"scan_ports","warning",40,"","","",25,"wan","203.0.113.9","203.0.113.9 tries one port after the other: 25 connections did not come about"]`,
			`[50,7,2,"syn_unanswered","warning",40,"","","25",7,"lan","2001:db8::","7 connections that 2001:db8:: asked for at port 25 stayed without an answer"]`}},
	} {
		w, _, written := rows(t, AlertColumns)
		if err := (&Alerts{Agent: control, Filter: c.filter, Rows: w}).Ask(context.Background(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := written(); !slices.Equal(got, c.want) {
			t.Errorf("%q\nwant %q", got, c.want)
		}
	}
	for k := alert.Kind(0); ; k++ {
		id := kindName(k)
		if id == "" {
			break
		}
		if sentences[id] == "" {
			t.Errorf("alerts of kind %s have no sentence", id)
		}
	}
}

// kindName is the identifier of an alert; empty after the last one.
func kindName(k alert.Kind) (name string) {
	defer func() { _ = recover() }()
	return k.String()
}
