package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"netifyd/core/alert"
	"netifyd/core/calendar"
	"netifyd/core/config"
	known "netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/query/client"
	"netifyd/core/query/querytest"
	"netifyd/core/usage"
)

// counting is a house of a few flows in which devices used something.
type counting struct {
	*querytest.Still
	table  *usage.Table
	alerts alert.Ring
}

func (h *counting) Usage() *usage.Table { return h.table }
func (h *counting) Alerts() *alert.Ring { return &h.alerts }
func (h *counting) Agent(a *query.Agent) {
	h.Still.Agent(a)
	a.Started, a.MaxFlows, a.PlanKB, a.ResidentKB, a.Received = time.Unix(screenTime-86400, 0), 8192, 9000, 8000, 123456
	a.Interfaces = append(a.Interfaces, query.Interface{Name: "br-lan", Role: "lan", State: "online"}, query.Interface{Name: "eth1", Role: "wan", State: "online"})
}

const screenTime = 1_800_000_000

func newCounting(t *testing.T) *counting {
	t.Helper()
	clock, err := calendar.NewClock("UTC0", "1")
	if err != nil {
		t.Fatal(err)
	}
	h := &counting{Still: querytest.House(), table: usage.New(known.New(known.Options{Devices: 16}), usage.Options{Cells: 64, Clock: clock})}
	h.Hosts = map[int64]string{}
	for i := range h.List {
		r := &h.List[i]
		r.First += (screenTime - 1000) * 1e9
		r.Last = r.First
		r.MAC[0] = [6]byte{2, 0, 0, 0, 0, byte(i + 1)}
		r.Bytes, r.Rate = [2]uint64{uint64(1000 << i), uint64(1 << 30 >> (4 * i))}, [2]uint32{1000, uint32(3_000_000 >> i)}
		h.table.Devices.Lock()
		h.table.End(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, uint32(r.First/1e9))
		r.Device = uint16(h.table.Devices.Find(r.MAC[0]))
		h.table.Devices.Unlock()
	}
	h.Hosts[h.List[0].First], h.Hosts[h.List[1].First] = "www.Netflix.com", "evil\x1b[2J\u202e客厅.example"
	h.table.Devices.Lock()
	h.table.Tick(screenTime * 1e9)
	h.table.Devices.Rename(known.ID(h.List[0].Device), "living-room-tv")
	h.table.Devices.Rename(known.ID(h.List[1].Device), "Küche \u202e客厅电视")
	h.table.Devices.Unlock()
	h.alerts.Raise(alert.Alert{Kind: alert.DeviceNew, Device: h.table.Devices.At(known.ID(h.List[0].Device)).Number}, screenTime-60)
	h.alerts.Raise(alert.Alert{Kind: alert.CaptureLost, Value: 120}, screenTime-30)
	h.Time = screenTime * 1e9
	return h
}

// newScreen is a screen that asks h, with a clock that stands still until it is set.
func newScreen(t *testing.T, c *config.Config, now *time.Time) *top {
	t.Helper()
	f := &face{cfg: c}
	if err := f.dial(); err != nil {
		t.Fatal(err)
	}
	*now = time.Unix(screenTime, 0).UTC()
	s := newTop(f.agent, 2*time.Second, func() time.Time { return *now })
	s.dial = func() (*client.Client, error) { err := f.dial(); return f.agent, err }
	t.Cleanup(func() {
		if s.agent != nil {
			s.agent.Close()
		}
	})
	return s
}

// text draws a screen, and checks what holds of every screen.
func (t *top) text(tb testing.TB) string {
	tb.Helper()
	lines := t.render()
	if len(lines) != t.height {
		tb.Errorf("%d lines on a screen of %d", len(lines), t.height)
	}
	var b strings.Builder
	for _, l := range lines {
		if n := len([]rune(l.text)); n > t.width {
			tb.Errorf("%d letters in %d columns: %q", n, t.width, l.text)
		}
		if strings.ContainsAny(l.text, "\x1b\u202e\n\t") {
			tb.Errorf("a stranger is obeyed: %q", l.text)
		}
		if t.plain && strings.ContainsFunc(l.text, func(r rune) bool { return r > 0x7e }) {
			tb.Errorf("not ASCII: %q", l.text)
		}
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// keysOf reads keys as a terminal sends them.
func (t *top) keysOf(text string) (quit bool) {
	var k keyReader
	press := func(keys []rune) {
		for _, key := range keys {
			quit = t.press(key)
			t.refresh()
		}
	}
	for i := range len(text) {
		press(k.feed(text[i]))
	}
	press(k.pause())
	return quit
}

// Every list and page, on a small and on a large screen, and on one of 40 columns.
func TestScreens(t *testing.T) {
	c := answering(t, newCounting(t))
	var now time.Time
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 12}} {
		s := newScreen(t, c, &now)
		s.width, s.height = size[0], size[1]
		s.refresh()
		var b strings.Builder
		for _, keys := range []string{"", "l", "\x1b", "r", "p", "n", "n2", "2", "3", "n", "n\r", "\x1b", "/app:netflix\r", "\x1b", "/nosuch:x\r", "\x1b5", "G\r", "3i", "ii", "6?", "?1 "} {
			s.keysOf(keys)
			fmt.Fprintf(&b, "=== %q\n%s", keys, s.text(t))
		}
		golden(t, fmt.Sprintf("testdata/top-%dx%d.txt", size[0], size[1]), b.String())
	}
}

func TestScreenInASCII(t *testing.T) {
	c := answering(t, newCounting(t))
	var now time.Time
	s := newScreen(t, c, &now)
	s.plain = true
	s.refresh()
	for _, keys := range []string{"", "l", "3", "?"} {
		s.keysOf(keys)
		s.text(t)
	}
}

// A row keeps its place for a while, and as long as it is chosen.
func TestRowsHoldStill(t *testing.T) {
	h := newCounting(t)
	c := answering(t, h)
	var now time.Time
	s := newScreen(t, c, &now)
	s.keysOf("3")
	before := strings.Join(s.keys, " ")
	h.List[2].Rate[1] = 1 << 30 // the last becomes the first
	s.refresh()
	if got := strings.Join(s.keys, " "); got != before {
		t.Errorf("%s after %s within the time that rows hold", got, before)
	}
	s.keysOf("j") // chooses the second
	chosen := s.chosen
	now = now.Add(placeHeld)
	s.refresh()
	if s.keys[0] == strings.Fields(before)[0] || s.keys[1] != chosen || s.cursor != 1 {
		t.Errorf("%v, chosen %s at %d", s.keys, chosen, s.cursor)
	}
	s.keysOf("f")
	h.List[1].Rate[1] = 1 << 31
	now = now.Add(placeHeld)
	s.refresh()
	if s.chosen != chosen || s.keys[s.cursor] != chosen {
		t.Errorf("the cursor does not follow %s: %v at %d", chosen, s.keys, s.cursor)
	}
}

// A flow that has ended stays for a while.
func TestEndedFlowsStay(t *testing.T) {
	h := newCounting(t)
	c := answering(t, h)
	var now time.Time
	s := newScreen(t, c, &now)
	s.keysOf("3")
	h.List = h.List[:2]
	s.refresh()
	if len(s.keys) != 3 || len(s.ended) != 1 {
		t.Errorf("%d rows, %d ended", len(s.keys), len(s.ended))
	}
	now = now.Add(afterglow)
	s.refresh()
	if len(s.keys) != 2 || len(s.ended) != 0 {
		t.Errorf("%d rows, %d ended after the time", len(s.keys), len(s.ended))
	}
}

// A frozen screen asks nothing. An agent that goes away is told of, and asked again.
func TestScreenFreezesAndComesBack(t *testing.T) {
	h := newCounting(t)
	c := answering(t, h)
	var now time.Time
	s := newScreen(t, c, &now)
	s.keysOf("3 ")
	h.List = h.List[:1]
	s.refresh()
	if len(s.keys) != 3 || !strings.Contains(s.text(t), "FROZEN") {
		t.Error("a frozen screen changed")
	}
	s.keysOf(" ")
	s.agent.Close()
	dial, away := s.dial, true
	s.dial = func() (*client.Client, error) {
		if away {
			return nil, errors.New("the agent is not running")
		}
		return dial()
	}
	s.refresh()
	if text := s.text(t); !strings.Contains(text, "trying again") {
		t.Error(text)
	}
	away = false
	s.refresh()
	if text := s.text(t); strings.Contains(text, "again") || !strings.Contains(text, "living-room-tv") {
		t.Error(text)
	}
}

func TestExport(t *testing.T) {
	c := answering(t, newCounting(t))
	var now time.Time
	s := newScreen(t, c, &now)
	files := map[string]string{}
	s.save = func(name string, text []byte) error { files[name] = string(text); return nil }
	s.keysOf("3e")
	if text := files["netifyd-flows-20270115-080000.csv"]; !strings.HasPrefix(text, "digest,device,") || strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("%q", files)
	}
	s.keysOf("\ry")
	if !json.Valid(s.copied) {
		t.Errorf("copied: %s", s.copied)
	}
	s.save = func(string, []byte) error { return errors.New("disk full") }
	if s.keysOf("qe"); !strings.Contains(s.text(t), "disk full") {
		t.Error(s.text(t))
	}
	if s.keysOf("q") != true {
		t.Error("q does not leave")
	}
}

// Keys come byte by byte, as a serial line gives them.
func TestKeys(t *testing.T) {
	for _, x := range []struct {
		text string
		want []rune
	}{{"a", []rune{'a'}}, {"é", []rune{'é'}}, {"\x1b[A\x1bOB", []rune{keyUp, keyDown}}, {"\x1b[5~x", []rune{keyPageUp, 'x'}}, {"\x1b", []rune{keyEscape}}, {"\x1b\x1b", []rune{keyEscape, keyEscape}},
		{"\x1b[200~", []rune{}}, {"\n\r", []rune{keyEnter, keyEnter}}, {"\xff", []rune{'\ufffd'}}, {"\x1bq", []rune{keyEscape, 'q'}}, {"\x1bé", []rune{keyEscape, 'é'}}, {"\x1b[1;5Cq", []rune{'q'}}, {"\x1b[", []rune{}}} {
		var k keyReader
		got := []rune{}
		for i := range len(x.text) {
			got = append(got, k.feed(x.text[i])...)
		}
		got = append(got, k.pause()...)
		if string(got) != string(x.want) && fmt.Sprint(got) != fmt.Sprint(x.want) {
			t.Errorf("%q gives %v, want %v", x.text, got, x.want)
		}
		if k.waits() {
			t.Errorf("%q leaves %q behind", x.text, k.got)
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte("\x1b[A/app:x\r\x1b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var k keyReader
		for _, c := range b {
			k.feed(c)
			if len(k.got) > 16 {
				t.Fatalf("%d bytes are kept of %q", len(k.got), b)
			}
		}
	})
}

// Only lines that changed are written, and a frame is small enough for a slow line.
func TestChanges(t *testing.T) {
	a := []line{{"one", normal}, {"two", heading}}
	if got := changes(nil, a, true); got != "\x1b[0m\x1b[2J\x1b[1;1Hone\x1b[K\x1b[2;1H\x1b[1mtwo\x1b[0m\x1b[K" {
		t.Errorf("%q", got)
	}
	if got := changes(a, []line{{"one", normal}, {"2", alarm}}, false); got != "\x1b[2;1H\x1b[1m2\x1b[0m\x1b[K" {
		t.Errorf("%q", got)
	}
	if got := changes(a, a, true); got != "" {
		t.Errorf("%q", got)
	}
	full := make([]line, 24)
	for i := range full {
		full[i] = line{strings.Repeat("x", 79), normal}
	}
	if n := len(changes(make([]line, 24), full, true)); n > 2200 {
		t.Errorf("a frame of %d bytes", n)
	}
}

func TestPlainTerminals(t *testing.T) {
	for _, x := range []struct {
		env  string
		want bool
	}{{"", false}, {"TERM=xterm", false}, {"TERM=vt100", true}, {"TERM=linux", false}, {"TERM=vt220 LANG=de_DE.UTF-8", false}, {"LANG=C", true}, {"LC_ALL=C LANG=C.UTF-8", true}, {"LC_CTYPE=C.utf8", false}} {
		env := map[string]string{}
		for _, word := range strings.Fields(x.env) {
			name, value, _ := strings.Cut(word, "=")
			env[name] = value
		}
		if got := isPlain(func(name string) string { return env[name] }); got != x.want {
			t.Errorf("%s: %v", x.env, got)
		}
	}
}

// What programs read: each list as text, JSON and CSV.
func TestTopText(t *testing.T) {
	c := answering(t, newCounting(t))
	for _, x := range []struct{ args, want string }{
		{"--once", "living-room-tv"}, {"--once --view flows", "www.Netflix.com"}, {"--once app:netflix", "netflix"}, {"--json", `"today_down"`}, {"--csv --view flows", "digest,device"},
		{"--json --view applications", `"netify.netflix"`}, {"--json --view agent", `"memory"`}, {"--json --view alerts", `"capture_lost"`}, {"--once --view alerts", "the kernel dropped 120 packets"}, {"--once --view agent", "packets"},
	} {
		var out bytes.Buffer
		if err := runFace(c, "top", strings.Fields(x.args), &out); err != nil || !strings.Contains(out.String(), x.want) {
			t.Errorf("top %s: %v: no %q in\n%s", x.args, err, x.want, out.String())
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e") {
			t.Errorf("top %s obeys a stranger: %q", x.args, out.String())
		}
	}
	for args, want := range map[string]string{"--view nosuch": "want devices", "--view alerts x": "a filter chooses", "--csv --view agent": "--json", "--interval soon": "want a number", "--interval 99 --once": "--interval 99: want 1 to 10 seconds", "--interval 0": "want 1 to 10 seconds", "nosuch:x": "no key"} {
		if err := runFace(c, "top", append(strings.Fields(args), "--once"), new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("top %s: %v, want %q", args, err, want)
		}
	}
}

// What a detail tells is for people: bytes, rates and times have their units.
func TestReadable(t *testing.T) {
	local := func(at int64) string { return time.Unix(at, 0).Format("2006-01-02 15:04:05") }
	for _, x := range []struct{ name, text, want string }{
		{"today_down", "6325969", "6.0 MiB"}, {"bytes", "12", "12 B"}, {"down_rate", "125000", "1.0 Mbit/s"}, {"first", "1796099335", local(1796099335)},
		{"last_seen_at", "1796099335123", local(1796099335)}, {"flows", "6325969", "6325969"}, {"other_port", "443", "443"}, {"first", "0", "0"}, {"up", "-1", "-1"}, {"seen", "4", "4"},
	} {
		if got := readable(x.name, x.text); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.name, x.text, got, x.want)
		}
	}
}
