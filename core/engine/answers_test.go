package engine

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/alert"
	"netifyd/core/calendar"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/query"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

var update = flag.Bool("update", false, "write the golden answers anew")

// replayedHouse is a shard that walked some captures, in the middle of their flows.
type replayedHouse struct {
	house
	history *usage.History
	alerts  alert.Ring
}

func (h *replayedHouse) History() *usage.History { return h.history }
func (h *replayedHouse) Alerts() *alert.Ring     { return &h.alerts }

// answersOf are captures that follow each other, one second apart. At - the day
// changes; at + an interval goes by.
var answersOf = []string{"dhcp", "mdns", "dns", "http-get", "ssh", "-", "ssdp", "tls-chromium", "+", "quic-chromium"}

func newReplayedHouse(t *testing.T) *replayedHouse {
	t.Helper()
	c := config.Default()
	c.Usage.RulesDir = ""
	ifc := &iface{cfg: config.Interface{Name: "br-lan"}, label: event.Iface{Name: "br-lan", Internal: true}}
	ifc.refresh(nil)
	set := newSettings(c, app.Default(), []*iface{ifc})
	s := newShard(c, set, 1, hint.New(c.Hints, uint32(c.HintTTL.Seconds()), 1), 1, silent{})
	clock, err := calendar.NewClock("UTC0", "1")
	if err != nil {
		t.Fatal(err)
	}
	s.usage, _ = newUsage(c, true, clock)
	h := &replayedHouse{house: house{shards: []*Shard{s}, usage: s.usage}}
	h.history, _ = usage.OpenHistory(new(usage.Memory), clock, usage.Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	midnight := time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC).UnixNano()
	now := midnight - 600e9
	for _, name := range answersOf {
		switch name {
		case "-":
			now = midnight + 600e9
			continue
		case "+":
			now += 16e9
			s.pass(ifc, now)
			continue
		}
		src, err := pcapfile.Open(filepath.Join("../../testdata", name+".pcap"))
		if err != nil {
			t.Fatal(err)
		}
		first := int64(0)
		var b core.Batch
		for src.Next(&b) == nil {
			for i := range b.Frames {
				if first == 0 {
					first = b.Frames[i].Time - now - 1e9
				}
				f := &b.Frames[i]
				f.Time -= first
				now = f.Time
				f.Data = abroad(f.Data)
			}
			s.walk(ifc, &b)
		}
		src.Close()
	}
	s.pass(ifc, now+6e9)
	if err := h.history.Commit(s.usage); err != nil {
		t.Fatal(err)
	}
	return h
}

// abroad gives the server of an IPv4 frame an address of the Internet, so that
// there is something to count. SSDP and mDNS stay at home.
func abroad(data []byte) []byte {
	home, world := []byte{10, 9, 0, 2}, []byte{198, 51, 100, 2}
	data = bytes.Clone(data)
	if len(data) < 38 || data[12] != 8 || data[23] == 17 && (data[35] == 0x6c || data[37] == 0x6c || data[30] == 239) { // UDP port 1900
		return data
	}
	for _, at := range []int{26, 30} {
		if bytes.Equal(data[at:at+4], home) {
			copy(data[at:], world)
		}
	}
	return data
}

// Every question has a golden answer. They are what every face draws.
func TestGoldenAnswers(t *testing.T) {
	h := newReplayedHouse(t)
	device := ""
	server := query.New(h)
	ask := func(method, args string) []byte {
		text, err := server.Ask(method, []byte(args), query.Caller{Changes: true})
		if err != nil && method != "plan" {
			t.Errorf("%s %s: %v", method, args, err)
		}
		if !json.Valid(text) {
			t.Errorf("%s %s: %s", method, args, text)
		}
		return text
	}
	var list struct{ Rows [][]any }
	if err := json.Unmarshal(ask("devices", `{"sort":"period_down","limit":1}`), &list); err != nil || len(list.Rows) == 0 {
		t.Fatal(err, list)
	}
	device = list.Rows[0][1].(string)
	var flows struct{ Rows [][]any }
	if err := json.Unmarshal(ask("flows", `{"sort":"bytes","limit":1}`), &flows); err != nil {
		t.Fatal(err)
	}
	h.alerts.Raise(alert.Alert{Kind: alert.DeviceNew, Device: uint32(list.Rows[0][0].(float64))}, 100)
	var out bytes.Buffer
	for _, q := range [][2]string{
		{"overview", ""}, {"overview", `{"by":"month","limit":3}`}, {"devices", `{"sort":"id"}`}, {"devices", `{"filter":"proto:dns !state:hidden","sort":"name"}`},
		{"device", `{"device":"` + device + `","period":"month"}`}, {"flows", `{"sort":"bytes"}`}, {"flows", `{"filter":"port:443","sort":"host","limit":2}`}, {"flow", `{"digest":"` + flows.Rows[0][0].(string) + `"}`},
		{"usage", ""}, {"usage", `{"period":"month","by":"application"}`}, {"usage", `{"step":"day","count":2,"by":"device"}`}, {"usage", `{"by":"category","period":"7d"}`}, {"usage", `{"local":true,"period":"month"}`},
		{"hosts", ""}, {"hosts", `{"by":"device,host","limit":3}`}, {"totals", ""}, {"totals", `{"by":"application"}`}, {"alerts", ""}, {"protocols", `{"limit":2}`}, {"applications", `{"limit":2}`}, {"categories", ""},
		{"check", `{"text":""}`}, {"device_set", `{"device":"` + device + `","name":"tv"}`}, {"devices", `{"filter":"tv"}`},
	} {
		text := ask(q[0], q[1])
		out.WriteString("# " + q[0] + " " + q[1] + "\n")
		text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("],["), []byte("],\n[")), []byte(`},"`), []byte("},\n\""))
		out.Write(append(text, '\n'))
	}
	path := "testdata/answers.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	have, expected := bytes.Split(out.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(have), len(expected)) {
		if i >= len(have) || i >= len(expected) || !bytes.Equal(have[i], expected[i]) {
			t.Fatalf("line %d of %s differs (go test ./core/engine -run GoldenAnswers -update):\nhave %s\nwant %s", i+1, path, at(have, i), at(expected, i))
		}
	}
}

func at(lines [][]byte, i int) []byte {
	if i < len(lines) {
		return lines[i]
	}
	return nil
}

// orderly is a house whose shards a question may only wait for while the
// devices are free: a shard takes their lock while it holds its own, so the
// other order ends with both waiting for ever, and the capture with them.
type orderly struct {
	*replayedHouse
	t      *testing.T
	asking string
}

func (o *orderly) look() {
	o.t.Helper()
	if !o.usage.Devices.TryLock() {
		o.t.Errorf("%s waits for a shard while it holds the devices", o.asking)
		return
	}
	o.usage.Devices.Unlock()
}

func (o *orderly) Now() int64                 { o.look(); return o.replayedHouse.Now() }
func (o *orderly) Catalogue() query.Catalogue { o.look(); return o.replayedHouse.Catalogue() }
func (o *orderly) Agent(a *query.Agent)       { o.look(); o.replayedHouse.Agent(a) }
func (o *orderly) FlowAt(at int, show func(*query.Flow)) bool {
	o.look()
	return o.replayedHouse.FlowAt(at, show)
}
func (o *orderly) Flows(at int, show func(*query.Flow)) int {
	o.look()
	return o.replayedHouse.Flows(at, show)
}

func (o *orderly) Records(at int, show func([]flow.Record)) int {
	o.look()
	return o.replayedHouse.Records(at, show)
}

func TestQuestionsWaitForNoShardWithTheDevices(t *testing.T) {
	o := &orderly{replayedHouse: newReplayedHouse(t), t: t}
	server := query.New(o)
	ask := func(method, args string) []byte {
		o.asking = method + " " + args
		text, _ := server.Ask(method, []byte(args), query.Caller{Changes: true}) // some are refused here
		return text
	}
	var list struct{ Rows [][]any }
	if err := json.Unmarshal(ask("devices", `{"filter":"state:active app:dns"}`), &list); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(ask("devices", `{"sort":"period_down"}`), &list); err != nil || len(list.Rows) == 0 {
		t.Fatal(err, list)
	}
	device := list.Rows[0][1].(string)
	o.alerts.Raise(alert.Alert{Kind: alert.DeviceNew, Device: uint32(list.Rows[0][0].(float64))}, 100)
	for _, q := range [][2]string{
		{"status", ""}, {"overview", ""}, {"overview", `{"by":"month"}`}, {"flows", ""}, {"device", `{"device":"` + device + `"}`},
		{"usage", ""}, {"usage", `{"device":"` + device + `","step":"hour","count":3}`}, {"hosts", `{"device":"` + device + `"}`}, {"totals", ""}, {"totals", `{"by":"application"}`},
		{"alerts", ""}, {"device_set", `{"device":"` + device + `","name":"tv"}`}, {"rules", ""}, {"applications", ""}, {"device_forget", `{"device":"` + device + `"}`},
	} {
		ask(q[0], q[1])
	}
	o.asking = "a tick"
	server.Tick()
}

// A tick says what the overview's curve ends with, and the same rates.
func TestTickIsTheEndOfTheOverview(t *testing.T) {
	server := query.New(newReplayedHouse(t))
	var o struct {
		Newest int64
		WAN    struct{ Down, Up []uint64 }
		Words  struct{ Flows uint64 }
	}
	text, err := server.Ask("overview", []byte(`{}`), query.Caller{})
	if err != nil || json.Unmarshal(text, &o) != nil || len(o.WAN.Down) == 0 {
		t.Fatalf("%s: %v", text, err)
	}
	var tick struct {
		T, Newest int64
		WAN       [2]uint64
		Devices   [][3]uint64
		Flows     uint64
	}
	text = server.Tick()
	if err := json.Unmarshal(text, &tick); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	n := len(o.WAN.Down) - 1
	if tick.Newest != o.Newest || tick.WAN != [2]uint64{o.WAN.Down[n], o.WAN.Up[n]} || tick.Flows != o.Words.Flows || len(tick.Devices) != 1 || tick.WAN[0] == 0 {
		t.Errorf("%s, but the overview ends with %d, %d", text, o.WAN.Down[n], o.WAN.Up[n])
	}
}

// A question holds a shard for a piece of the table only: packets wait for 128
// records at the most, whatever is asked. The cost of one is in docs/performance.md.
func TestQuestionsLetGoOfTheShard(t *testing.T) {
	h := newReplayedHouse(t)
	s := h.shards[0]
	var key flow.Key
	key.Version, key.Protocol = 4, ipUDP
	for n := range s.table.Cap() {
		key.Port[0] = uint16(n)
		key.Addr[0][0] = byte(n >> 8)
		r, created := s.table.Touch(&key, s.now, func(*flow.Record) {})
		if created {
			r.First, r.Last = s.now, s.now
		}
	}
	records := 0
	for at := 0; at >= 0; {
		at = h.Records(at, func(part []flow.Record) {
			if s.mu.TryLock() {
				t.Fatal("records are shown while their shard walks on")
			}
			for i := range part {
				if part[i].Shown() {
					records++
				}
			}
		})
	}
	all, pieces := 0, 0
	defer func() {
		if records != all {
			t.Errorf("%d records, %d flows", records, all)
		}
	}()
	for at := 0; at >= 0; pieces++ {
		n := 0
		at = h.Flows(at, func(*query.Flow) {
			if n++; s.mu.TryLock() {
				t.Fatal("a flow is shown while its shard walks on")
			}
		})
		if n > askPiece {
			t.Fatalf("%d flows while the shard waits", n)
		}
		if !s.mu.TryLock() {
			t.Fatal("the shard is held between two pieces")
		}
		s.mu.Unlock()
		all += n
	}
	if all < s.table.Len()*9/10 || pieces < all/askPiece {
		t.Errorf("%d flows in %d pieces", all, pieces)
	}
}
