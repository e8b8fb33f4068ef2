package log

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"netifyd/core/action"
)

func flow(n byte) *action.Subject {
	return &action.Subject{Local: [16]byte{192, 168, 1, 2}, Other: [16]byte{10, 0, 0, n}, LocalPort: 40000, OtherPort: 443, Transport: 6, LocalIsClient: true,
		LocalMAC: [6]byte{2, 0, 0, 0, 0, 1}, Digest: [20]byte{n}, Application: 7, Protocol: 196, Rule: 3, Interface: 1}
}

// clock is a time that tests set.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func open(t *testing.T, s Settings) *Target {
	t.Helper()
	s.Rule = func(n int) string { return "rule \"" + strconv.Itoa(n) + "\"" }
	s.Application = func(n int) string { return "netify.x" + strconv.Itoa(n) }
	x, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

func read(t *testing.T, path string) (lines []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		lines = append(lines, m)
	}
	return lines
}

func TestLog(t *testing.T) {
	dir, c := t.TempDir(), &clock{time.Unix(1000, 500e6)}
	x := open(t, Settings{Directory: dir, Prefix: "dpi-actions", now: c.now})
	if err := errors.Join(x.Add(flow(1), 0), x.Add(flow(2), 0), x.Add(flow(1), 0), x.Flush()); err != nil {
		t.Fatal(err)
	}
	c.t = c.t.Add(3 * time.Minute) // nothing in between: no file
	six := flow(3)
	six.V6, six.Local, six.LocalMAC = true, [16]byte{0xfd, 15: 1}, [6]byte{}
	all := func(yield func(*action.Subject, uint32) bool) { _ = yield(flow(1), 0) && yield(six, 0) }
	if err := x.Sync(all); err != nil {
		t.Fatal(err)
	}
	if got, want := files(t, dir), []string{"dpi-actions-1140.json", "dpi-actions-960.json"}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	lines := read(t, filepath.Join(dir, "dpi-actions-960.json"))
	if len(lines) != 2 {
		t.Fatal(lines)
	}
	for key, want := range map[string]any{"time": 1000500.0, "rule": `rule "3"`, "digest": "01" + strings.Repeat("0", 38), "ip_version": 4.0, "ip_protocol": 6.0,
		"local_ip": "192.168.1.2", "local_port": 40000.0, "local_mac": "02:00:00:00:00:01", "other_ip": "10.0.0.1", "other_port": 443.0, "local_origin": true,
		"detected_protocol": 196.0, "detected_application": 7.0, "detected_application_name": "netify.x7"} {
		if lines[0][key] != want {
			t.Errorf("%s is %v, want %v", key, lines[0][key], want)
		}
	}
	if lines = read(t, filepath.Join(dir, "dpi-actions-1140.json")); len(lines) != 1 || lines[0]["local_ip"] != "fd00::1" || lines[0]["local_mac"] != nil {
		t.Error(lines)
	}
}

// TestBounds: eight files stay, none is larger than its part, and a file of another name is left alone.
func TestBounds(t *testing.T) {
	dir, c := t.TempDir(), &clock{time.Unix(1e6, 0)}
	for _, other := range []string{"dpi-1.json.gz", "dpi-x.json", "dpi-007.json", "other"} {
		if err := os.WriteFile(filepath.Join(dir, other), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x := open(t, Settings{Directory: dir, Prefix: "dpi", Bytes: 8 * 1000, Interval: time.Second, now: c.now})
	full := 0
	for range 20 {
		c.t = c.t.Add(time.Second)
		for n := range byte(10) {
			f := flow(n)
			if err := x.Add(f, 0); err != nil {
				full++
				if !strings.Contains(err.Error(), "1000 bytes") {
					t.Fatal(err)
				}
			}
			_ = x.Remove(f)
		}
		if err := x.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	list := files(t, dir)
	if len(list) != 4+parts {
		t.Errorf("%v", list)
	}
	for _, name := range list {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() > 1000 {
			t.Errorf("%s: %v %v", name, info.Size(), err)
		}
	}
	if n := x.Count(); full == 0 || n.Refused != uint64(full) || n.Added+n.Refused != 200 {
		t.Errorf("%+v, %d refused", n, full)
	}
}

// Where the clock is set back, the files with later names are the older ones.
func TestFilesOfAClockThatIsSetBack(t *testing.T) {
	dir := t.TempDir()
	c := &clock{time.Unix(1_830_000_000, 0)}
	x := open(t, Settings{Directory: dir, Prefix: "dpi", Interval: time.Second, now: c.now})
	write := func(n byte) {
		c.t = c.t.Add(time.Second)
		if err := errors.Join(x.Add(flow(n), 0), x.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	for n := range byte(parts) {
		write(n)
	}
	c.t = time.Unix(1_796_000_000, 0)
	for n := range byte(3) {
		write(20 + n)
		want := filepath.Join(dir, fmt.Sprintf("dpi-%d.json", c.t.Unix()))
		if lines := read(t, want); len(lines) != 1 {
			t.Errorf("%s has %d lines", want, len(lines))
		}
	}
	want := []string{"dpi-1796000001.json", "dpi-1796000002.json", "dpi-1796000003.json"}
	for n := 4; n <= parts; n++ {
		want = append(want, fmt.Sprintf("dpi-%d.json", 1_830_000_000+n))
	}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestLinks: a link or a device of the name is not written to.
func TestLinks(t *testing.T) {
	dir, c := t.TempDir(), &clock{time.Unix(960, 0)}
	target := filepath.Join(t.TempDir(), "target")
	if err := os.Symlink(target, filepath.Join(dir, "dpi-960.json")); err != nil {
		t.Fatal(err)
	}
	x := open(t, Settings{Directory: dir, Prefix: "dpi", now: c.now})
	if err := errors.Join(x.Add(flow(1), 0), x.Flush()); err == nil {
		t.Error("a link was followed")
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("the link's target was made")
	}
	if err := os.WriteFile(target, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(target, filepath.Join(dir, "hard-960.json")); err != nil {
		t.Fatal(err)
	}
	x = open(t, Settings{Directory: dir, Prefix: "hard", now: c.now})
	if err := errors.Join(x.Add(flow(1), 0), x.Flush()); err == nil {
		t.Error("another name of a file was written to")
	}
	if b, _ := os.ReadFile(target); string(b) != "x" {
		t.Errorf("%q", b)
	}
}

// TestFull: what finds no room waits, as much as the buffer holds, and nothing
// says before that all is well.
func TestFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	dir, c := t.TempDir(), &clock{time.Unix(960, 0)}
	x := open(t, Settings{Directory: dir, now: c.now})
	none := func(func(*action.Subject, uint32) bool) {}
	x.begun, x.file = c.t.Truncate(time.Minute), full
	if err := errors.Join(x.Add(flow(1), 0), x.Flush()); err == nil || !strings.Contains(err.Error(), "full?") {
		t.Fatal(err)
	}
	if err := x.Sync(none); err == nil {
		t.Error("a target whose file system is full is well")
	}
	refused := 0
	for n := range 250 {
		if err := x.Add(flow(byte(n)), 0); err != nil {
			refused++
		}
	}
	if size := len(x.buf); size < enough || size > enough+1000 || refused == 0 || x.Count().Refused != uint64(refused) {
		t.Errorf("%d bytes wait, %d refused, %+v", size, refused, x.Count())
	}
	x.shut() // there is room again
	all := func(yield func(*action.Subject, uint32) bool) {
		for n := range 250 {
			if !yield(flow(byte(n)), 0) {
				return
			}
		}
	}
	if err := x.Sync(all); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, files(t, dir)[0]))
	if err != nil || strings.Count(string(text), "\n") != 250 {
		t.Errorf("%d lines of 250 flows, %v", strings.Count(string(text), "\n"), err)
	}
}

// TestFullAtTheTurn: a flow that comes when an interval begins, and the one before
// cannot be written, waits as the others do.
func TestFullAtTheTurn(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	dir, c := t.TempDir(), &clock{time.Unix(960, 0)}
	x := open(t, Settings{Directory: dir, now: c.now})
	x.begun, x.file = c.t.Truncate(time.Minute), full
	if err := x.Add(flow(1), 0); err != nil {
		t.Fatal(err)
	}
	c.t = c.t.Add(time.Minute)
	if err := x.Add(flow(2), 0); err == nil {
		t.Error("what could not be written is no error")
	}
	if err := x.Sync(func(yield func(*action.Subject, uint32) bool) { _ = yield(flow(1), 0) && yield(flow(2), 0) }); err != nil {
		t.Fatal(err)
	}
	list := files(t, dir)
	if len(list) != 1 || len(read(t, filepath.Join(dir, list[0]))) != 2 || x.Count().Added != 2 {
		t.Errorf("%v, %+v: want both flows", list, x.Count())
	}
}

// An agent that was killed while it wrote leaves half a line.
func TestGoesOnBehindHalfALine(t *testing.T) {
	for text, lines := range map[string]int{"{}\n{\"ti": 3, "{}\n": 2} {
		dir, c := t.TempDir(), &clock{time.Unix(960, 0)}
		path := filepath.Join(dir, "netify-flow-actions-960.json")
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		x := open(t, Settings{Directory: dir, now: c.now})
		if err := errors.Join(x.Add(flow(1), 0), x.Flush()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(got), strings.TrimSuffix(text, "\n")+"\n{\"time\"") || strings.Count(string(got), "\n") != lines {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

func TestSettings(t *testing.T) {
	if _, err := Open(Settings{Directory: filepath.Join(t.TempDir(), "none")}); err == nil || !strings.Contains(err.Error(), "make it") {
		t.Error(err)
	}
	if _, err := Open(Settings{Prefix: "a/b"}); err == nil || !strings.Contains(err.Error(), "as path") {
		t.Error(err)
	}
}
