package relay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/output"
)

// agent is a stand-in that tells flows to whoever connects.
type agent struct {
	path  string
	mu    sync.Mutex
	conns []net.Conn
	asked chan string // the first line of each connection
}

func newAgent(t *testing.T) *agent {
	a := &agent{path: filepath.Join(t.TempDir(), "s"), asked: make(chan string, 16)}
	l, err := net.Listen("unix", a.path)
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
			line, _ := bufio.NewReader(conn).ReadString('\n')
			a.mu.Lock()
			a.conns = append(a.conns, conn)
			a.mu.Unlock()
			a.asked <- line
		}
	}()
	return a
}

// tell writes a line to all.
func (a *agent) tell(line []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conns {
		_, _ = c.Write(line)
	}
}

// drop ends all connections.
func (a *agent) drop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conns {
		c.Close()
	}
	a.conns = nil
}

// event is a flow_purge with a number in it.
func event(n int) []byte {
	return fmt.Appendf(nil, `{"flow":{"digest":"%040d","local_bytes":100,"other_bytes":200,"padding":"%s"},"interface":"lan","internal":true,"reason":"closed","type":"flow_purge"}`+"\n", n, strings.Repeat("x", 200))
}

// store is a server that takes batches, once by number, as a column store would.
type store struct {
	*httptest.Server
	mu      sync.Mutex
	batches map[string]int // rows
	seen    map[string]int // flows, how often
	lost    uint64
	answer  func(w http.ResponseWriter) bool // false: it has answered, and takes nothing
}

func newStore(t *testing.T) *store {
	s := &store{batches: map[string]int{}, seen: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if z, gzipped := gzip.NewReader(bytes.NewReader(text)); gzipped == nil {
		text, err = io.ReadAll(z)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || s.answer != nil && !s.answer(w) {
		return
	}
	head, rows, _ := bytes.Cut(text, []byte("\n"))
	var e struct {
		Kind             string
		Epoch, Seq, Lost uint64
		Count            int
	}
	if json.Unmarshal(head, &e) != nil || e.Count != bytes.Count(rows, []byte("\n")) {
		w.WriteHeader(400)
		return
	}
	key := fmt.Sprint(e.Kind, e.Epoch, e.Seq)
	if _, again := s.batches[key]; !again {
		s.lost += e.Lost
	}
	s.batches[key] = e.Count
	for row := range bytes.Lines(rows) {
		if _, digest, ok := bytes.Cut(row, []byte(`"digest":"`)); ok {
			s.seen[string(digest[:40])]++
		}
	}
}

// counts gives flows that arrived, and those that the relay said were lost.
func (s *store) counts() (flows int, lost uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen), s.lost
}

// start runs a relay with a configuration; the result ends it.
func start(t *testing.T, text string) (*Relay, func()) {
	t.Helper()
	dir := t.TempDir()
	text = strings.Replace(text, "[relay]\n", fmt.Sprintf("control = \"%s/none\"\n[relay]\nagent = \"uu-id\"\nstate = %q\nstatus = \"%s/status.json\"\n", dir, dir, dir), 1)
	c, err := config.Parse("f", []byte(text), outputs)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Outputs {
		c.Outputs[i].Retry = 20 * time.Millisecond
	}
	r, err := New(c, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	stop := sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return r, stop
}

// until waits for something.
func until(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for range 3000 {
		if fn() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

// While a server is away, slow, full, refuses or resets, each flow arrives or is
// counted as lost, and the room stays what it is.
func TestFaults(t *testing.T) {
	// every lets the first request fail, and one of k from then on.
	every := func(k int64, fail func(w http.ResponseWriter), taken bool) func(http.ResponseWriter) bool {
		var n atomic.Int64
		return func(w http.ResponseWriter) bool {
			if n.Add(1)%k == 1 {
				fail(w)
				return taken
			}
			return true
		}
	}
	code := func(n int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(n) } }
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter) bool
	}{
		{"well", nil},
		{"full", every(6, func(w http.ResponseWriter) { w.Header().Set("Retry-After", "1"); w.WriteHeader(429) }, false)},
		{"broken", every(3, code(500), false)},
		{"resets", every(3, func(w http.ResponseWriter) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}, false)},
		{"small", every(2, code(413), false)},
		{"slow", func(http.ResponseWriter) bool { time.Sleep(20 * time.Millisecond); return true }},
		{"refuses", every(4, code(422), false)},
		{"takes and says nothing", every(3, code(500), true)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, s := newAgent(t), newStore(t)
			s.answer = c.answer
			r, stop := start(t, fmt.Sprintf("stream = %q\n[relay]\n[[relay.output]]\ntype = \"http\"\nname = \"o\"\nurl = %q\nkinds = [\"events\"]\nevents = [\"flow_purge\"]\nbuffer = \"64KiB\"\nbatch_rows = 50\nflush = \"100ms\"\n", a.path, s.URL))
			if asked := <-a.asked; asked != `{"kinds":["agent_status","flow_purge"]}`+"\n" {
				t.Errorf("asks %q", asked)
			}
			const flows = 1000
			for i := range flows {
				a.tell(event(i))
			}
			status := func() OutputStatus { return r.Status(time.Now()).Outputs[0] }
			until(t, "every flow is sent or lost", func() bool {
				o := status()
				return o.Offered == flows && o.Waiting == 0
			})
			a.tell(event(flows)) // says what was lost before
			until(t, "the last is sent or lost", func() bool { o := status(); return o.Offered == flows+1 && o.Waiting == 0 })
			stop()
			o := status()
			got, told := s.counts()
			if uint64(got)+o.Lost != flows+1 || o.Sent+o.Lost != flows+1 {
				t.Errorf("%d flows arrived, %d sent, %d lost", got, o.Sent, o.Lost)
			}
			if told+o.Untold != o.Lost {
				t.Errorf("%d are told as lost, %d will be, %d are", told, o.Untold, o.Lost)
			}
			if (c.name == "well" || c.name == "slow") != (o.Failures == 0) || (c.name == "refuses") != (o.Refused > 0) {
				t.Errorf("%+v", o)
			}
		})
	}
}

// The server is killed under flows and comes again, and the agent goes and comes.
func TestKilled(t *testing.T) {
	a, s := newAgent(t), newStore(t)
	r, stop := start(t, fmt.Sprintf("stream = %q\n[relay]\n[[relay.output]]\ntype = \"http\"\nname = \"o\"\nurl = %q\nkinds = [\"events\"]\nevents = [\"flow_purge\"]\nbuffer = \"64KiB\"\nbatch_rows = 50\nflush = \"100ms\"\n", a.path, s.URL))
	<-a.asked
	status := func() OutputStatus { return r.Status(time.Now()).Outputs[0] }
	sent := 0
	tell := func(n int) {
		for range n {
			a.tell(event(sent))
			sent++
		}
	}
	tell(100)
	until(t, "the first are there", func() bool { n, _ := s.counts(); return n == 100 })
	address := s.Listener.Addr().String()
	s.Close()
	tell(2000)
	until(t, "room ends", func() bool { o := status(); return o.Offered == 2100 && o.Lost > 0 })
	if o := status(); o.Bytes > 80<<10 || o.Connected || o.Error == "" {
		t.Errorf("%+v", o)
	}
	// The agent goes too, and is found again.
	a.drop()
	<-a.asked
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skip("another has the port now")
	}
	s.Server = &httptest.Server{Listener: l, Config: &http.Server{Handler: s}}
	s.Start()
	tell(1)
	until(t, "all that waits is there", func() bool { o := status(); return o.Offered == 2101 && o.Waiting == 0 })
	tell(1)
	until(t, "the last is there", func() bool { o := status(); return o.Offered == 2102 && o.Waiting == 0 })
	stop()
	o := status()
	if got, told := s.counts(); uint64(got)+o.Lost != 2102 || told != o.Lost || o.Refused > 0 {
		t.Errorf("%d arrived, %d told as lost: %+v", got, told, o)
	}
	for digest, times := range s.seen {
		if times > 1 {
			t.Fatalf("%s came %d times", digest, times)
		}
	}
	// The status file says it too.
	var st Status
	text, err := os.ReadFile(r.c.Status)
	if err != nil || json.Unmarshal(text, &st) != nil || st.Outputs[0].Lost != o.Lost || st.Streams[0].Opened != 2 {
		t.Errorf("%v %s", err, text)
	}
}

// What the agent's queue for the relay had no room for is told as lost.
func TestLostInTheAgent(t *testing.T) {
	a, s := newAgent(t), newStore(t)
	_, stop := start(t, fmt.Sprintf("stream = %q\n[relay]\n[[relay.output]]\ntype = \"http\"\nurl = %q\nkinds = [\"events\"]\nevents = [\"flow_purge\"]\nflush = \"100ms\"\n", a.path, s.URL))
	<-a.asked
	a.tell([]byte(`{"client_dropped":7,"type":"agent_status"}` + "\n"))
	a.tell(event(1))
	a.tell([]byte(`{"client_dropped":10,"type":"agent_status"}` + "\n"))
	until(t, "the flow is there", func() bool { n, _ := s.counts(); return n == 1 })
	a.tell(event(2))
	until(t, "both are there", func() bool { n, _ := s.counts(); return n == 2 })
	stop()
	if _, lost := s.counts(); lost != 10 {
		t.Errorf("%d are told as lost", lost)
	}
}

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		criteria []string
		want     string
	}{{nil, ""}, {[]string{" ai:x ; "}, "ai:x"}, {[]string{"ai:x;", "", "other_port == 443;"}, "(ai:x) or (other_port == 443)"}} {
		if got := filterOf(c.criteria); got != c.want {
			t.Errorf("%q: %q", c.criteria, got)
		}
	}
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	good, empty := filepath.Join(dir, "good"), filepath.Join(dir, "empty")
	_ = os.WriteFile(good, []byte("[[relay.output]]\ntype = \"log\"\npath = \"/x/y\"\nkinds = [\"flow\"]\n"), 0o600)
	_ = os.WriteFile(empty, nil, 0o600)
	for _, c := range []struct {
		arguments []string
		code      int
	}{{[]string{"--check", "--config", good}, 0}, {[]string{"--check", "--config", empty}, 1}, {[]string{"--config", dir + "/none"}, 1}, {[]string{"--nonsense"}, 2}, {[]string{"more"}, 2}, {[]string{"--plugins-dir", dir}, 1}} {
		if code := Run(c.arguments); code != c.code {
			t.Errorf("%q: %d", c.arguments, code)
		}
	}
}

// What is no line of an agent goes nowhere, and is counted.
func TestGarbage(t *testing.T) {
	a, s := newAgent(t), newStore(t)
	r, stop := start(t, fmt.Sprintf("stream = %q\n[relay]\n[[relay.output]]\ntype = \"http\"\nurl = %q\nkinds = [\"events\"]\nevents = [\"\", \"flow_purge\"]\nflush = \"100ms\"\n", a.path, s.URL))
	<-a.asked
	a.tell([]byte("HTTP/1.0 200 OK\n\x00\x01\n{\"a\":\n"))
	a.tell(event(1))
	until(t, "the flow is there", func() bool { n, _ := s.counts(); return n == 1 })
	stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for batch, rows := range s.batches {
		if rows != 1 {
			t.Errorf("%s has %d rows", batch, rows)
		}
	}
	if st := r.Status(time.Now()).Streams[0]; st.Broken != 3 {
		t.Errorf("%d lines are broken", st.Broken)
	}
}

// stuck is an output that does not come back, as a file system that hangs.
type stuck struct{ in, out chan struct{} }

func (s *stuck) Send(context.Context, *output.Batch) error { s.in <- struct{}{}; <-s.out; return nil }
func (s *stuck) Close() error                              { return nil }

// The relay ends, whatever hangs.
func TestEndsWhileAnOutputHangs(t *testing.T) {
	a := newAgent(t)
	s := &stuck{make(chan struct{}), make(chan struct{})}
	defer close(s.out)
	r, err := New(&config.Config{Stream: a.path, Control: "/no/such", Agent: "x", Status: filepath.Join(t.TempDir(), "s"), Outputs: []config.Output{{Name: "x", Kinds: []string{"events"}, Events: []string{"flow_purge"}, Flush: time.Millisecond, Out: s}}}, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	r.patience = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	<-a.asked
	a.tell(event(1))
	<-s.in
	cancel()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("it does not end")
	}
}
