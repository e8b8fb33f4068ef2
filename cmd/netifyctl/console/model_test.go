package console

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// recorded reads a stream of testdata.
func recorded(t testing.TB, name string) (lines [][]byte) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		lines = append(lines, bytes.TrimSpace(line))
	}
	return lines
}

// modelSource is a model that nobody feeds any more.
type modelSource struct{ *model }

func (modelSource) Close() error { return nil }

// atStream is a desk whose agent told what was recorded, up to some line. The
// clock goes as the stream says.
func atStream(t testing.TB, name string, upTo, width, height int) *desk {
	t.Helper()
	var m *model
	d := newDesk(t, func(d *desk) (source, error) {
		if m == nil {
			m = newModel(func() time.Time { return d.now })
		}
		return modelSource{m}, nil
	}, width, height)
	d.now = time.Unix(0, 0).UTC()
	lines := recorded(t, name)
	for i, line := range lines[:min(upTo, len(lines))] {
		var at struct {
			Timestamp int64
			Flow      struct {
				Last int64 `json:"last_seen_at"`
			}
		}
		_ = json.Unmarshal(line, &at)
		now := max(at.Timestamp*1000, at.Flow.Last)
		if i == 0 || now > d.now.UnixMilli() {
			d.now = time.UnixMilli(now).UTC()
		}
		m.feed(line)
	}
	d.refresh()
	d.refresh()
	return d
}

// Golden screens of the agents of others: netifyd 4.4, and dialects 3 and 5.
func TestStreamScreens(t *testing.T) {
	for _, x := range []struct {
		name string
		upTo int
	}{{"netifyd-4-live", 70}, {"netifyd-4-steam", 20}, {"netifyd-3-steam", 14}, {"netifyd-5-steam", 15}} {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			d := atStream(t, x.name+".jsonl", x.upTo, size[0], size[1])
			var b strings.Builder
			for _, keys := range []string{"", "l", "2", "2", "3", "\r", "\x1b4", "5", "6"} {
				d.keys(keys)
				fmt.Fprintf(&b, "=== %q\n%s", keys, d.text())
			}
			golden(t, fmt.Sprintf("testdata/%s-%dx%d.txt", x.name, size[0], size[1]), b.String())
		}
	}
}

// What the model has added up is what the stream says of whole flows: the bytes
// of each are those that its end tells.
func TestModelAddsUp(t *testing.T) {
	for _, name := range []string{"netifyd-4-live.jsonl", "netifyd-4-steam.jsonl", "netifyd-3-steam.jsonl", "netifyd-5-steam.jsonl"} {
		now := time.Unix(1_800_000_000, 0)
		m := newModel(func() time.Time { return now })
		want, remote := map[string]uint64{}, map[string]bool{}
		for _, line := range recorded(t, name) {
			m.feed(line)
			var e struct {
				Type string
				Flow flowRecord
			}
			_ = json.Unmarshal(line, &e)
			if e.Flow.OtherType != "" {
				remote[e.Flow.Digest] = e.Flow.OtherType == "remote" || e.Flow.OtherType == "unknown"
			}
			if e.Flow.TotalBytes > 0 {
				want[e.Flow.Digest] = e.Flow.TotalBytes
			}
		}
		var sum, have uint64
		for digest, n := range want {
			f := m.flows[digest]
			if _, told := remote[digest]; !told {
				continue // its protocol is unknown, and nothing but its counters was told
			}
			if f == nil {
				t.Errorf("%s: flow %s is missing", name, digest)
				continue
			}
			if f.bytes != n {
				t.Errorf("%s: flow %s has %d bytes, want %d", name, digest, f.bytes, n)
			}
			if remote[digest] {
				sum += n
			}
		}
		for _, x := range m.devices {
			have += x.down + x.up
		}
		if len(want) == 0 || sum != have {
			t.Errorf("%s: devices used %d bytes, their flows %d", name, have, sum)
		}
	}
}

// A stream is the same with headers, with headers of other kinds, without any,
// and where the last line feed of a payload is missing.
func TestReader(t *testing.T) {
	events := recorded(t, "netifyd-4-steam.jsonl")
	for form, write := range map[string]func(*bytes.Buffer, []byte){
		"header":         func(b *bytes.Buffer, e []byte) { fmt.Fprintf(b, "{\"length\": %d}\n%s\n", len(e)+1, e) },
		"compact header": func(b *bytes.Buffer, e []byte) { fmt.Fprintf(b, "{\"length\":%d}\n%s\n", len(e)+1, e) },
		"no line feed":   func(b *bytes.Buffer, e []byte) { fmt.Fprintf(b, "{\"length\": %d}\n%s", len(e), e) },
		"lines":          func(b *bytes.Buffer, e []byte) { fmt.Fprintf(b, "%s\n", e) },
		"carriage":       func(b *bytes.Buffer, e []byte) { fmt.Fprintf(b, "%s\r\n\r\n", e) },
	} {
		var b bytes.Buffer
		for _, e := range events {
			write(&b, e)
		}
		r := newEventReader(&b)
		for i, want := range events {
			if got, err := r.next(); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: event %d: %v: %.80s", form, i, err, got)
			}
		}
		if _, err := r.next(); err != io.EOF {
			t.Errorf("%s: %v at the end", form, err)
		}
	}
}

// What is no stream is told soon, and never waited for.
func TestReaderRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"SSH-2.0-OpenSSH_9.2\r\n": "no stream", "{\"length\": 99999999}\n{": "no stream", "{\"length\": 10}\n{": "EOF", strings.Repeat("x", maxEvent+100000): "no end",
	} {
		r := newEventReader(strings.NewReader(text))
		if e, err := r.next(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %q, %v", text, e, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"length\": 3}\n{}\n{\"type\":\"flow\",\"flow\":{\"digest\":\"1\",\"other_ip\":\"::1\"}}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newModel(func() time.Time { return time.Unix(1, 0) })
		for r := newEventReader(bytes.NewReader(b)); ; {
			e, err := r.next()
			if err != nil {
				break
			}
			m.feed(e)
		}
		for _, method := range []string{"status", "overview", "flows", "devices", "usage", "hosts", "alerts"} {
			if text, err := m.Raw(method, nil); err != nil || !json.Valid(text) {
				t.Errorf("%s: %v: %s", method, err, text)
			}
		}
	})
}

func flowLine(kind string, n int, more string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"interface":"eth0","flow":{"digest":"d%d","local_ip":"192.168.1.%d","local_mac":"02:00:00:00:%02x:%02x","local_port":%d,"other_ip":"198.51.100.1","other_port":443,"other_type":"remote","detected_protocol_name":"HTTP/S","host_server_name":"h%d.example"%s}}`, kind, n, n%250+1, n>>8&255, n&255, 1024+n%60000, n, more)
}

// However much a stream tells, the model holds what it has room for, and says what it left out.
func TestModelIsBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := newModel(func() time.Time { return now })
	for n := range 2 * maxFlows {
		now = now.Add(time.Millisecond)
		m.feed(flowLine("flow", n, ""))
		m.feed(flowLine("flow_stats", n, `,"local_bytes":10,"other_bytes":90,"total_bytes":100`))
	}
	if len(m.flows) > maxFlows || len(m.devices) > maxTotals+1 || len(m.hosts) > maxTotals+1 || len(m.cells) > 2*maxTotals+1 || m.evicted == 0 {
		t.Errorf("%d flows, %d devices, %d names, %d cells, %d left out", len(m.flows), len(m.devices), len(m.hosts), len(m.cells), m.evicted)
	}
	if m.flows[fmt.Sprintf("d%d", 2*maxFlows-1)] == nil {
		t.Error("the newest flow is not there")
	}
	var sum uint64
	for _, x := range m.devices {
		sum += x.down + x.up
	}
	if sum != 2*maxFlows*100 {
		t.Errorf("%d bytes, want %d: what has no room is counted as others", sum, 2*maxFlows*100)
	}
	long := strings.Repeat("x", 100_000)
	m.feed(flowLine("flow", 1, `,"detected_application_name":"`+long+`","dns_host_name":"`+long+`"`))
	if f := m.flows["d1"]; len(f.app) > maxText || f.record != nil {
		t.Errorf("an application of %d letters, a record of %d", len(f.app), len(f.record))
	}
}

// A flow that netifyd 5 gives a new digest is the same flow.
func TestDigestChanges(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := newModel(func() time.Time { return now })
	m.feed(flowLine("flow", 1, ""))
	m.feed([]byte(strings.Replace(string(flowLine("flow_dpi_complete", 2, `,"digest_prev":["d1"],"local_bytes":1,"other_bytes":2,"total_bytes":3`)), "h2.example", "new.example", 1)))
	if len(m.flows) != 1 || m.flows["d2"] == nil || m.flows["d2"].host != "new.example" || m.flows["d2"].bytes != 3 {
		t.Errorf("%+v", m.flows)
	}
	now = now.Add(10 * time.Second)
	m.feed([]byte(`{"type":"flow_stats","flow":{"digest":"d2","local_bytes":100,"other_bytes":1000,"total_bytes":1103}}`))
	if f := m.flows["d2"]; f.rate != [2]uint64{100, 10} {
		t.Errorf("rates %v", f.rate)
	}
	m.feed([]byte(`{"type":"flow_purge","flow":{"digest":"d2","local_bytes":0,"other_bytes":0,"total_bytes":1103}}`))
	if f := m.flows["d2"]; f.ended.IsZero() || f.rate != [2]uint64{} {
		t.Errorf("%+v is not over", f)
	}
	now = now.Add(afterglow)
	if m.settle(now); len(m.flows) != 0 {
		t.Error("it stays for ever")
	}
	m.feed(flowLine("flow", 3, ""))
	now = now.Add(silent + time.Second)
	m.settle(now)
	if f := m.flows["d3"]; f == nil || f.ended.IsZero() {
		t.Error("a flow that nothing is told of stays for ever")
	}
	m.feed([]byte(`{"type":"flow_stats","flow":{"digest":"nobody","local_bytes":5}}`))
	if m.untold != 1 {
		t.Error("a flow that began before is not counted")
	}
}

// The filter chooses as the agent's does.
func TestFilter(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := newModel(func() time.Time { return now })
	for _, line := range recorded(t, "netifyd-4-live.jsonl") {
		m.feed(line)
	}
	for _, f := range m.flows {
		f.ended = time.Time{}
	}
	count := func(method, filter string) int {
		text, err := m.Raw(method, map[string]any{"filter": filter})
		if err != nil {
			return -1
		}
		var list struct{ Total int }
		_ = json.Unmarshal(text, &list)
		return list.Total
	}
	all := count("flows", "")
	for _, x := range []struct{ a, b string }{{"proto:dns", "!proto:dns"}, {"app:netflix", "!app:netflix"}, {"host:*.netflix.com", "!host:*.netflix.com"}, {"port:53", "!port:53"}, {"net:192.168.1.7", "!net:192.168.1.7"},
		{"iface:lan0", "!iface:LAN0"}, {"state:local", "!state:local"}, {"cat:streaming", "!cat:streaming"}, {"netflix", "!netflix"}, {"device:e4:98", "!device:e4:98"}} {
		if p, q := count("flows", x.a), count("flows", x.b); p <= 0 || p+q != all {
			t.Errorf("%s: %d, %s: %d, of %d", x.a, p, x.b, q, all)
		}
	}
	if n := count("devices", "app:netflix proto:dns"); n != 1 {
		t.Errorf("%d devices ask for names of netflix, want 1", n)
	}
}

// Recorded streams hold no more kinds than the model knows of.
func TestKindsOfSamples(t *testing.T) {
	known := []string{"agent_hello", "agent_status", "flow", "flow_stats", "flow_purge", "flow_dpi_update", "flow_dpi_complete", "interfaces", "endpoints", "interface_stats", "global_stats"}
	files, _ := os.ReadDir("testdata")
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".jsonl") {
			continue
		}
		f, err := os.Open("testdata/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, maxEvent)
		for lines.Scan() {
			var e struct{ Type string }
			if json.Unmarshal(lines.Bytes(), &e) != nil || !slices.Contains(known, e.Type) {
				t.Errorf("%s: kind %q", file.Name(), e.Type)
			}
		}
		f.Close()
	}
}
