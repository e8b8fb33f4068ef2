package console

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"netifyd/core/alert"
	"netifyd/core/calendar"
	known "netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/core/query"
	"netifyd/core/query/client"
	"netifyd/core/query/querytest"
	"netifyd/core/usage"
)

var update = flag.Bool("update", false, "write the golden files anew")

const screenTime = 1_800_000_754

// house is an agent of five devices, of which one has a name that wants to be obeyed.
type house struct {
	*querytest.Still
	table  *usage.Table
	alerts alert.Ring
}

func (h *house) Usage() *usage.Table { return h.table }
func (h *house) Alerts() *alert.Ring { return &h.alerts }
func (h *house) Agent(a *query.Agent) {
	*a = query.Agent{Version: "0.2.0", Hints: 321, Offload: "none", Flows: uint64(len(h.List)), Started: time.Unix(screenTime-86400, 0), Interval: 15 * time.Second, MaxFlows: 8192, PlanKB: 9000, ResidentKB: 8000, Peak: 8100,
		Received: 123456, Dropped: 120, Evicted: 3, Shunted: 17, MaxClients: 16, Clients: 2, LostLines: 5, CPUUser: 90 * time.Second, CPUSystem: 30 * time.Second}
	a.Interfaces = append(a.Interfaces, query.Interface{Name: "br-lan", Role: "lan", State: "online", Received: 123000, Dropped: 120}, query.Interface{Name: "eth1", Role: "wan", State: "online", Received: 456})
	a.Sockets = append(a.Sockets, query.Socket{Address: "unix:///var/run/netifyd/netifyd.sock", Dialect: "3"})
}

func (h *house) FlowAt(place int, show func(*query.Flow)) bool {
	show(&query.Flow{Rec: &h.List[place], Place: place, Iface: "br-lan", View: h})
	return true
}

func (h *house) Flows(at int, show func(*query.Flow)) int {
	for i := range h.List {
		h.FlowAt(i, show)
	}
	return -1
}

func (h *house) Event(b []byte, r *flow.Record) []byte {
	return fmt.Appendf(b, `{"flow":{"detected_application_name":"netify.netflix","detected_protocol_name":"HTTP/S","digest":"84c1","first_seen_at":%d,"host_server_name":"evil\u001b[2J\u202e.example","local_ip":"192.168.1.7","local_port":50000,"other_ip":"198.51.100.9","other_port":443,"risks":{"ndpi_risk_score":10,"risks":[46]},"ssl":{"alpn":["h2","http/1.1"],"client_ja4":"t13d1516h2_8daaf6152771_e5627efa2ab1","client_sni":"www.netflix.com","version":"0x0304"}},"interface":"br-lan","internal":true,"type":"flow"}`+"\n", r.First/1e6)
}

func (h *house) Counters(b []byte, r *flow.Record) []byte {
	return fmt.Appendf(b, `{"flow":{"digest":"84c1","local_bytes":1000,"other_bytes":%d,"tcp":{"resets":0,"retrans":3},"total_bytes":%d},"type":"flow_stats"}`+"\n", r.TotalBytes-1000, r.TotalBytes)
}

func newHouse(t testing.TB) *house {
	t.Helper()
	clock, err := calendar.NewClock("UTC0", "1")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Still: querytest.House(), table: usage.New(known.New(known.Options{Devices: 16}), usage.Options{Cells: 64, Hosts: 16, Clock: clock})}
	h.Hosts = map[int64]string{}
	h.List = []flow.Record{
		querytest.Record(900, proto.HTTPS, 133, "192.168.1.7", "198.51.100.9", 443, 4_100_000_000),
		querytest.Record(950, proto.QUIC, 10119, "192.168.1.8", "203.0.113.1", 443, 610_000_000),
		querytest.Record(960, proto.DNS, 0, "192.168.1.7", "192.0.2.53", 53, 400),
		querytest.Record(970, proto.HTTPS, 133, "192.168.1.9", "198.51.100.9", 443, 90_000),
		querytest.Record(990, proto.Unknown, 0, "2001:db8::1", "2001:db8::2", 9999, 10_000),
	}
	macs := []byte{1, 2, 1, 3, 4}
	names := map[int]string{0: "living-room-tv", 1: "Küche \u202e客厅电视", 3: "laptop"}
	for i, host := range []string{"ipv4-c012-sjc002-ix.1.oca.nflxvideo.net", "evil\x1b[2J\u202e客厅.example", "www.example.org", "www.netflix.com"} {
		h.Hosts[(h.List[i].First/1e9+screenTime-1000)*1e9] = host
	}
	for i := range h.List {
		r := &h.List[i]
		r.First += (screenTime - 1000) * 1e9
		r.Last = screenTime * 1e9
		r.MAC[0] = [6]byte{2, 0, 0, 0, 0, macs[i]}
		r.Rate = [2]uint32{uint32(11250 >> i), uint32(2_275_000 >> (2 * i))}
		r.Bytes = [2]uint64{r.TotalBytes / 40, r.TotalBytes - r.TotalBytes/40}
	}
	h.table.Devices.Lock()
	for at := int64(-120); at <= 0; at += 5 {
		for i := range h.List {
			r := &h.List[i]
			if at > -120 {
				wave := uint64(at*at*int64(i+3)%7 + 1) // so that the curve is one
				r.Bytes[0], r.Bytes[1] = r.Bytes[0]+uint64(r.Rate[0])*5*wave/4, r.Bytes[1]+uint64(r.Rate[1])*5*wave/4
			}
			h.table.Book(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, uint32(screenTime+at))
		}
		h.table.Tick((screenTime + at) * 1e9)
	}
	for i := range h.List {
		h.table.Visit(&h.List[i], []byte(h.Hosts[h.List[i].First]), true)
	}
	h.table.Devices.Unlock()
	h.table.Devices.Lock()
	for i, name := range names {
		h.table.Devices.Rename(known.ID(h.List[i].Device), name)
	}
	h.table.Devices.Unlock()
	h.alerts.Raise(alert.Alert{Kind: alert.DeviceNew, Device: h.table.Devices.At(known.ID(h.List[1].Device)).Number}, screenTime-60)
	h.alerts.Raise(alert.Alert{Kind: alert.CaptureLost, Value: 120}, screenTime-30)
	h.Time = screenTime * 1e9
	return h
}

// asked is a source that answers out of a house, without a socket.
type asked struct {
	*query.Server
	away *bool
}

func (a asked) Raw(method string, args any) ([]byte, error) {
	if *a.away {
		return nil, errors.New("the agent went away: EOF")
	}
	text, err := json.Marshal(args)
	if err != nil || args == nil {
		text = nil
	}
	answer, err := a.Ask(method, text, query.Caller{})
	if err != nil {
		return nil, client.Refusal(err.Error())
	}
	return answer, nil
}

func (a asked) Close() error { return nil }

// desk is a person at a terminal without a terminal: a screen, its agent, a
// clock that stands still until it is set.
type desk struct {
	*screen
	t     testing.TB
	to    tcell.SimulationScreen
	asker *asker
	away  bool
	now   time.Time
	files map[string]string
}

func newDesk(t testing.TB, dial func(*desk) (source, error), width, height int) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Unix(screenTime, 0).UTC(), files: map[string]string{}}
	clock := func() time.Time { return d.now }
	d.screen = newScreen(clock, 2*time.Second)
	d.save = func(name string, text []byte) error {
		if d.files == nil {
			return errors.New("disk full")
		}
		d.files[name] = string(text)
		return nil
	}
	d.asker = &asker{dial: func() (source, error) { return dial(d) }, clock: clock}
	d.to = tcell.NewSimulationScreen("UTF-8")
	if err := d.to.Init(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.to.Fini)
	d.to.SetSize(width, height)
	d.refresh()
	return d
}

// atHouse is a desk whose agent is h.
func atHouse(t testing.TB, h *house, width, height int) *desk {
	t.Helper()
	server := query.New(h)
	return newDesk(t, func(d *desk) (source, error) {
		if d.away {
			return nil, errors.New("no agent runs here")
		}
		return asked{server, &d.away}, nil
	}, width, height)
}

// refresh asks and draws, as a tick of the clock does.
func (d *desk) refresh() {
	if q := d.question(); q != nil {
		d.take(d.asker.answer(q))
	}
	d.screen.draw(d.to, styles(true))
}

var keyNames = map[rune]tcell.Key{'\r': tcell.KeyEnter, '\x1b': tcell.KeyEscape, '\x7f': tcell.KeyBackspace2, '↑': tcell.KeyUp, '↓': tcell.KeyDown, '→': tcell.KeyRight, '←': tcell.KeyLeft, '\x15': tcell.KeyCtrlU, '\x17': tcell.KeyCtrlW, '\x03': tcell.KeyCtrlC}

// keys presses keys, and asks after each as live does.
func (d *desk) keys(text string) (quit bool) {
	for _, r := range text {
		ev := tcell.NewEventKey(tcell.KeyRune, r, 0)
		if key, ok := keyNames[r]; ok {
			ev = tcell.NewEventKey(key, 0, 0)
		}
		if quit = d.press(ev); quit {
			return true
		}
		d.refresh()
	}
	return false
}

func (d *desk) mouseAt(x, y int, buttons tcell.ButtonMask) {
	d.screen.mouse(tcell.NewEventMouse(x, y, buttons, 0))
	d.screen.mouse(tcell.NewEventMouse(x, y, tcell.ButtonNone, 0))
	d.refresh()
}

// text is what stands on the terminal. It checks what holds of every screen.
func (d *desk) text() string {
	d.t.Helper()
	cells, width, height := d.to.GetContents()
	var b strings.Builder
	for y := range height {
		var l strings.Builder
		for x := 0; x < width; x++ {
			c := cells[y*width+x]
			l.WriteString(string(c.Runes))
			if columns(string(c.Runes)) == 2 {
				x++
			}
		}
		text := l.String()
		if n := columns(text); n != width {
			d.t.Errorf("%d columns, want %d: %q", n, width, text)
		}
		if clean(text) != text || strings.ContainsAny(text, "\x1b\u202e\n\t") {
			d.t.Errorf("a stranger is obeyed: %q", text)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

// shows checks that the screen has texts, and none that begins with !.
func (d *desk) shows(texts ...string) {
	d.t.Helper()
	screen := d.text()
	for _, x := range texts {
		if name, not := strings.CutPrefix(x, "!"); strings.Contains(screen, name) == not {
			d.t.Errorf("the screen lacks %q:\n%s", x, screen)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range max(len(g), len(w)) {
			var a, b string
			if i < len(g) {
				a = g[i]
			}
			if i < len(w) {
				b = w[i]
			}
			if a != b {
				t.Fatalf("%s line %d:\n got %q\nwant %q", path, i+1, a, b)
			}
		}
	}
}
