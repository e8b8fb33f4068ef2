package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"netifyd/core/event/eventtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// binary is the agent as a user has it, built once. bare is a configuration that
// takes nothing of the machine: an agent may be installed there.
var binary, bare string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "netifyd")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "netifyd")
	bare = filepath.Join(dir, "bare.toml")
	if err := os.WriteFile(bare, []byte("[applications]\ncatalogue = \"\"\n"), 0o644); err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s", out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func replayed(t *testing.T, path string) []byte {
	t.Helper()
	cmd := exec.Command(binary, "-c", bare, "replay", path)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v %s", path, err, errs.String())
	}
	return out
}

// summary is one line for each flow of a capture: what its last flow event says.
func summary(t *testing.T, name string, out []byte) string {
	type flow struct {
		text  string
		first int
	}
	flows := map[string]flow{}
	n := 0
	for l := range bytes.Lines(out) {
		n++
		if err := eventtest.Validate(l); err != nil {
			t.Errorf("%s: %v in %s", name, err, l)
		}
		var e struct {
			Type string
			Flow map[string]any
		}
		if err := json.Unmarshal(l, &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e.Type != "flow" {
			continue
		}
		f := e.Flow
		digest := f["digest"].(string)
		first := n
		if old, ok := flows[digest]; ok {
			first = old.first
		}
		var more []string
		for k, v := range f {
			if group, ok := v.(map[string]any); ok && k != "category" && (k != "risks" || group["risks"] != nil) {
				b, _ := json.Marshal(group)
				more = append(more, k+string(b))
			}
		}
		sort.Strings(more)
		flows[digest] = flow{fmt.Sprintf("%s %v %v:%v %v:%v %v %v %v %s", name, f["ip_protocol"], f["local_ip"], f["local_port"],
			f["other_ip"], f["other_port"], f["detected_protocol_name"], f["detected_application_name"], f["host_server_name"], strings.Join(more, " ")), first}
	}
	list := make([]flow, 0, len(flows))
	for _, f := range flows {
		list = append(list, f)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].first < list[j].first })
	var b strings.Builder
	for _, f := range list {
		b.WriteString(strings.TrimRight(f.text, " ") + "\n")
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
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
			t.Errorf("%s, line %d (write it anew with -update if this is meant):\n got %s\nwant %s", path, i+1, a, b)
			return
		}
	}
}

// whole are the captures whose every line is kept.
var whole = []string{"http-get", "dns", "tls12", "ssh", "ftp-active"}

func TestGolden(t *testing.T) {
	captures, _ := filepath.Glob(root + "/testdata/*.pcap")
	if len(captures) < 50 {
		t.Fatalf("only %d captures", len(captures))
	}
	var all strings.Builder
	for _, path := range captures {
		name := strings.TrimSuffix(filepath.Base(path), ".pcap")
		out := replayed(t, path)
		if again := replayed(t, path); !bytes.Equal(out, again) {
			t.Errorf("%s: two replays differ", name)
		}
		all.WriteString(summary(t, name, out))
		for _, w := range whole {
			if w == name {
				golden(t, "testdata/"+name+".jsonl", string(out))
			}
		}
	}
	golden(t, "testdata/flows.txt", all.String())
}

func run1(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil {
		if x, ok := err.(*exec.ExitError); ok {
			code = x.ExitCode()
		} else {
			t.Fatal(err)
		}
	}
	return o.String(), e.String(), code
}

func TestReplayOfBadFiles(t *testing.T) {
	dir := t.TempDir()
	good, err := os.ReadFile(root + "/testdata/http-get.pcap")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	cut := write("cut.pcap", good[:len(good)-7])
	text := write("text.pcap", []byte("this is no capture file, it is text\n"))
	empty := write("empty.pcap", nil)
	for _, c := range []struct {
		args       []string
		code       int
		says       string
		eventsOfOK bool
	}{
		{[]string{"replay", cut}, 0, "cut short", true},
		{[]string{"replay", text}, 1, "no capture file", false},
		{[]string{"replay", empty}, 1, "empty.pcap", false},
		{[]string{"replay", filepath.Join(dir, "absent.pcap")}, 1, "absent.pcap", false},
		{[]string{"replay", text, root + "/testdata/http-get.pcap"}, 1, "no capture file", true},
		{[]string{"replay"}, 1, "replay", false},
	} {
		out, errs, code := run1(t, append([]string{"-c", bare}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.says) || strings.Contains(out, `"HTTP"`) != c.eventsOfOK {
			t.Errorf("%v: exit %d, says %q, %d bytes of events", c.args, code, errs, len(out))
		}
	}
}

// ownPlaces is a configuration whose socket and directory are the test's: the
// machine's own may belong to somebody else, or to an agent that runs.
func ownPlaces(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "netifyd.toml")
	text := fmt.Sprintf("%s\n[agent]\nvolatile_dir = %q\nuuid_path = %q\n[[listen]]\npath = %q\n", more, dir, filepath.Join(dir, "agent.uuid"), filepath.Join(dir, "s.sock"))
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSubcommands(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		out  string
		errs string
	}{
		{"version", 0, "netifyd ", ""},
		{"--version", 0, "\nNetify Agent/", ""},
		{"-p", 0, "-", ""},
		{"--enable-informatics", 0, "", "this does nothing"},
		{"--disable-informatics", 0, "", "this does nothing"},
		{"--dump-category application", 0, "    29: streaming-media\n", ""},
		{"--dump-category protocol", 0, "    22: web\n", ""},
		{"dump-categories", 0, "# application categories\n     1: unclassified\n", ""},
		{"replay --dialect 5 " + root + "/testdata/http-get.pcap", 0, `"type":"flow_dpi_complete"}`, ""},
		{"-V", 0, "netifyd ", ""},
		{"--help", 0, "replay", ""},
		{"dump-protos", 0, "   188: QUIC\n", ""},
		{"dump-apps", 0, "   133: netify.netflix\n", ""},
		{"plan", 0, "flow table", ""},
		{"check-config", 0, "good", ""},
		{"lookup www.netflix.com", 0, "netify.netflix", ""},
		{"replay -q " + root + "/testdata/http-get.pcap", 0, "HTTP", ""},
		{"no-such-command", 1, "", "unknown command"},
		{"check-config /nonexistent/netifyd.toml", 1, "", "/nonexistent/netifyd.toml"},
	} {
		args := strings.Fields(c.args)
		if !strings.Contains(c.args, "check-config /") {
			args = append([]string{"-c", ownPlaces(t, "")}, args...)
		}
		out, errs, code := run1(t, args...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
			t.Errorf("netifyd %s: exit %d\n%s%s", c.args, code, out, errs)
		}
	}
}
