package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/core/query"
	"netifyd/core/query/client"
	"netifyd/core/query/querytest"
)

func serving(t *testing.T, group int) string { return servingFor(t, group, fresh) }

// servingFor keeps a place for who has it so long, though others want it.
func servingFor(t *testing.T, group int, fresh time.Duration) string {
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, query.New(querytest.House()), Options{Group: group})
	s.mu.Lock()
	s.fresh = fresh
	s.mu.Unlock()
	t.Cleanup(s.Close)
	return path
}

func TestQuestionsAndAnswers(t *testing.T) {
	c, err := client.Dial(serving(t, -1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var rows client.Rows
	for range 3 { // one connection, many questions
		if err := c.Ask("flows", map[string]any{"sort": "bytes"}, &rows); err != nil || len(rows.Rows) != 3 || rows.Text(0, "host") != "rr3.googlevideo.com" || rows.Number(0, "bytes") != 9000 {
			t.Fatalf("%+v, %v", rows, err)
		}
	}
	if _, err := c.Raw("nosuch", nil); err == nil || !strings.Contains(err.Error(), "no such method") {
		t.Errorf("an unknown method: %v", err)
	}
	if _, err := c.Raw("status", nil); err != nil {
		t.Errorf("after an error: %v", err)
	}
}

func TestClientSaysWhatIsWrong(t *testing.T) {
	if _, err := client.Dial(filepath.Join(t.TempDir(), "no.sock")); err == nil || !strings.Contains(err.Error(), "no agent runs here") {
		t.Errorf("%v", err)
	}
}

func talk(t *testing.T, path, send string) string {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(send)); err != nil && !errors.Is(err, syscall.EPIPE) { // who is refused may be so before it wrote
		t.Fatal(err)
	}
	_ = conn.(*net.UnixConn).CloseWrite()
	var b bytes.Buffer
	_, _ = b.ReadFrom(conn)
	return b.String()
}

func TestLinesThatAreNoQuestions(t *testing.T) {
	path := serving(t, -1)
	for _, line := range []string{"hello\n", "{}\n", "[]\n", "\n", `{"method":7}` + "\n"} {
		if got := talk(t, path, line); !strings.Contains(got, "want a line such as") || strings.Count(got, "\n") != 1 {
			t.Errorf("%q: %q", line, got)
		}
	}
	if got := talk(t, path, `{"method":"status"}`); !json.Valid([]byte(got)) || !strings.Contains(got, `"version"`) {
		t.Errorf("a last line without a line feed: %q", got)
	}
	if got := talk(t, path, strings.Repeat("x", maxLine+10)); !strings.Contains(got, "longer than") {
		t.Errorf("a long line: %q", got)
	}
}

// Who comes when all places are taken is told so, and is served when one is free.
func TestTooMany(t *testing.T) {
	path := servingFor(t, -1, time.Hour)
	var held []*client.Client
	for range maxConns {
		c, err := client.Dial(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Raw("status", nil); err != nil { // it has its place
			t.Fatal(err)
		}
		held = append(held, c)
	}
	if got := talk(t, path, ""); !strings.Contains(got, "too many") {
		t.Errorf("one too many: %q", got)
	}
	// Who asks before it reads is told so too, however late it asks.
	for range 100 {
		c, err := client.Dial(path)
		if err != nil {
			t.Fatal(err)
		}
		var why client.Refusal
		if _, err := c.Raw("status", strings.Repeat("x", 100_000)); !errors.As(err, &why) || !strings.Contains(string(why), "too many") {
			t.Errorf("one too many: %v", err)
		}
		c.Close()
	}
	for _, c := range held {
		c.Close()
	}
}

// Who holds a place and does nothing with it gives it to who wants one.
func TestNobodyShutsOut(t *testing.T) {
	path := serving(t, -1)
	for kind, send := range map[string]string{
		"idle": "", "half a question": `{"method":`, "never reads": strings.Repeat(`{"method":"catalogue"}`+"\n", 2000),
	} {
		for range maxConns {
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)) // who never reads cannot write for ever
			_, _ = conn.Write([]byte(send))
		}
		for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			got := talk(t, path, `{"method":"status"}`)
			if strings.Contains(got, `"version"`) {
				break
			}
			if time.Since(start) > 4*time.Second {
				t.Fatalf("%s: nobody else was heard in 4 s: %q", kind, got)
			}
		}
	}
}

// A user who holds every place, however busy, leaves one to another user.
func TestShareOfUser(t *testing.T) {
	s := &Server{conns: map[net.Conn]*place{}, fresh: time.Hour}
	now := time.Now()
	var rests net.Conn
	for n := range maxConns {
		c, other := net.Pipe()
		defer other.Close()
		s.conns[c] = &place{uid: 1000, since: now}
		if n == 3 {
			s.conns[c].since, rests = now.Add(-time.Minute), c
		}
	}
	if s.makeRoom(&place{uid: 1000}) {
		t.Error("one of the same user took the place of a busy one")
	}
	if !s.makeRoom(&place{uid: 0}) {
		t.Fatal("another user was shut out")
	}
	if _, there := s.conns[rests]; there || len(s.conns) != maxConns-1 {
		t.Error("not the one that rested longest went")
	}
}

// A question that was begun ends soon, or its asker is told so.
func TestHalfQuestion(t *testing.T) {
	conn, err := net.Dial("unix", serving(t, -1))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(`{"method":`)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(4 * patience))
	var b bytes.Buffer
	if _, err := b.ReadFrom(conn); err != nil || !strings.Contains(b.String(), "did not end") {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestWhoMayChange(t *testing.T) {
	m := &query.Methods()[0]
	m.Change = true
	defer func() { m.Change = false }()
	if os.Geteuid() != 0 {
		if got := talk(t, serving(t, -1), `{"method":"methods"}`); !strings.Contains(got, "only root") {
			t.Errorf("not root: %q", got)
		}
		t.Skip("to try others needs root")
	}
	if got := talk(t, serving(t, -1), `{"method":"methods"}`); strings.Contains(got, "error") {
		t.Errorf("root: %q", got)
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	self := filepath.Join(t.TempDir(), "self")
	if err := os.WriteFile(self, program, 0o755); err != nil {
		t.Fatal(err)
	}
	open := func(path string) string {
		for dir := path; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
			_ = os.Chmod(dir, 0o777)
		}
		return path
	}
	open(self)
	nobody := func(path string, groups ...uint32) string {
		cmd := exec.Command(self, "-test.run=^TestAskAsChild$")
		cmd.Env = append(os.Environ(), "CONTROL_SOCKET="+path)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, Groups: groups}}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	if got := nobody(open(serving(t, -1))); !strings.Contains(got, "only root") {
		t.Errorf("nobody: %q", got)
	}
	if got := nobody(open(serving(t, 4242))); !strings.Contains(got, "only root") {
		t.Errorf("nobody, not of the group: %q", got)
	}
	if got := nobody(open(serving(t, 4242)), 4242); strings.Contains(got, "only root") {
		t.Errorf("a member of the group: %q", got)
	}
}

// TestAskAsChild is what the test above runs as another user.
func TestAskAsChild(t *testing.T) {
	path := os.Getenv("CONTROL_SOCKET")
	if path == "" {
		t.Skip("run by another test")
	}
	os.Stdout.WriteString(talk(t, path, `{"method":"methods"}`))
}

func FuzzReply(f *testing.F) {
	s := &Server{query: query.New(querytest.House())}
	for _, line := range []string{`{"method":"flows","args":{"filter":"a"}}`, `{"method":"flow","args":{"digest":"00"}}`, `{}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if out := s.reply(line, query.Caller{}); !json.Valid(out) || bytes.ContainsRune(out, '\n') {
			t.Errorf("%q is answered with %q", line, out)
		}
	})
}
