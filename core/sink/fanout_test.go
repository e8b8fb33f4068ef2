package sink_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/sink"
	"netifyd/core/sink/socket"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

const status = `{"clients":{},"cpu_cores":2,"type":"agent_status"}` + "\n"

func greet(door *sink.Door) sink.Greeting {
	d := door.Dialect
	return sink.Greeting{Hello: []byte("{\"hello\":\"" + d.String() + "\"}\n"), Status: []byte(status), Tables: []byte("{\"tables\":" + d.String() + "}\n")}
}

// listen serves a UNIX socket in the dialect and gives its path.
func listen(t *testing.T, f *sink.Fanout, d event.Dialect) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), d.String()+".sock")
	l, err := socket.Listen(config.Listener{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(sink.Door{Listener: l, Dialect: d})
	return path
}

func start(t *testing.T, clients int) (*sink.Fanout, string) {
	f := sink.NewFanout(sink.Options{Clients: clients, Queue: sink.MinQueue, Greet: greet})
	t.Cleanup(func() { f.Close(0) })
	return f, listen(t, f, event.V4)
}

// reader is a client.
type reader struct {
	t    *testing.T
	conn net.Conn
	buf  *bufio.Reader
}

func dial(t *testing.T, network, at string) *reader {
	t.Helper()
	conn, err := net.Dial(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &reader{t, conn, bufio.NewReader(conn)}
}

// greeted reads the greeting; from then on the fanout knows the client.
func (r *reader) greeted() *reader {
	r.t.Helper()
	for range 3 {
		r.line()
	}
	return r
}

// next reads one framed line, and holds that the frame is exact.
func (r *reader) next() (string, error) {
	head, err := r.buf.ReadString('\n')
	if err != nil {
		return "", err
	}
	digits := strings.TrimSuffix(strings.TrimPrefix(head, `{"length": `), "}\n")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits)+len(`{"length": }`)+1 != len(head) {
		return "", fmt.Errorf("header %q", head)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r.buf, b); err != nil {
		return "", err
	}
	if bytes.IndexByte(b, '\n') != n-1 {
		return "", fmt.Errorf("%d bytes are not one line: %q", n, b)
	}
	return string(b), nil
}

func (r *reader) line() string {
	r.t.Helper()
	s, err := r.next()
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *reader) want(lines ...string) {
	r.t.Helper()
	for _, w := range lines {
		if got := r.line(); got != w+"\n" {
			r.t.Fatalf("got %q, want %q", got, w)
		}
	}
}

func offer(out sink.Outlet, lines ...string) {
	for _, l := range lines {
		out.Offer(event.V4, core.KindFlow, core.Wanted, []byte(l+"\n"))
	}
}

func TestGreetingIsExact(t *testing.T) {
	f, path4 := start(t, 4)
	path3 := listen(t, f, event.V3)
	for path, d := range map[string]string{path3: "3", path4: "4"} {
		want := "{\"length\": 14}\n{\"hello\":\"" + d + "\"}\n" +
			"{\"length\": 70}\n" + `{"client_dropped":0,"clients":{},"cpu_cores":2,"type":"agent_status"}` + "\n" +
			"{\"length\": 13}\n{\"tables\":" + d + "}\n"
		r := dial(t, "unix", path)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(r.buf, got); err != nil || string(got) != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	<-f.First()
}

// A late client is told what was there before, alone, and then what happens.
func TestLateClient(t *testing.T) {
	f, path := start(t, 4)
	port := f.Port()
	if len(port.Poll()) != 0 || port.Dialects() != 0 {
		t.Error("somebody is there")
	}
	early := dial(t, "unix", path).greeted()
	joins := port.Poll()
	if len(joins) != 1 || !port.Dialects().Has(event.V4) || port.Dialects().Has(event.V3) {
		t.Fatalf("%d joined, dialects %b", len(joins), port.Dialects())
	}
	joins[0].Done()
	offer(port, "one", "two")

	late := dial(t, "unix", path).greeted()
	offer(port, "three") // not polled yet: what late is told of later includes it
	joins = port.Poll()
	if len(joins) != 1 || joins[0].Dialect() != event.V4 {
		t.Fatalf("%d joined", len(joins))
	}
	for j := joins[0]; j.At < 3; j.At++ {
		if room := j.Room(); room < 1000 {
			t.Fatalf("room for %d bytes", room)
		}
		j.Offer([]byte(fmt.Sprintf("known %d\n", j.At)))
	}
	if len(port.Poll()) != 1 {
		t.Error("forgotten before it was done")
	}
	joins[0].Done()
	if len(port.Poll()) != 0 {
		t.Error("done, and still there")
	}
	offer(port, "four")
	early.want("one", "two", "three", "four")
	late.want("known 0", "known 1", "known 2", "four")
}

func TestDialectsAreApart(t *testing.T) {
	f, path4 := start(t, 4)
	path3 := listen(t, f, event.V3)
	port := f.Port()
	r3, r4 := dial(t, "unix", path3).greeted(), dial(t, "unix", path4).greeted()
	port.Poll()
	if d := port.Dialects(); !d.Has(event.V3) || !d.Has(event.V4) {
		t.Errorf("dialects %b", d)
	}
	for _, d := range []event.Dialect{event.V3, event.V4} {
		port.Offer(d, core.KindFlow, core.Wanted, []byte("in "+d.String()+"\n"))
	}
	r3.want("in 3")
	r4.want("in 4")
}

// line n of a long stream.
func numbered(n int) string { return fmt.Sprintf(`{"n":%d,"pad":"%s"}`, n, strings.Repeat("x", 1000)) }

func number(t *testing.T, line string) int {
	t.Helper()
	var v struct{ N int }
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	return v.N
}

// A client that reads late loses the oldest of what did not fit, whole
// lines, never its greeting; and it is told how many.
func TestSlowClientLosesTheOldest(t *testing.T) {
	f, path := start(t, 4)
	port := f.Port()
	r := dial(t, "unix", path)
	for len(port.Poll()) == 0 {
		time.Sleep(time.Millisecond)
	}
	const lines = 3000 // 3 MB, beyond what the socket and the queue hold
	for n := range lines {
		offer(port, numbered(n))
	}
	port.Offer(event.V4, core.KindStatus, core.Wanted, []byte(status))
	go f.Close(patience)
	r.greeted()
	read, last := 0, -1
	for {
		line := r.line()
		if strings.Contains(line, "agent_status") {
			var v struct {
				Dropped int `json:"client_dropped"`
			}
			if err := json.Unmarshal([]byte(line), &v); err != nil || v.Dropped == 0 || v.Dropped+read != lines && v.Dropped+read != lines-1 {
				t.Errorf("%v: %d read and %d dropped of %d", err, read, v.Dropped, lines)
			}
			break
		}
		n := number(t, line)
		if n <= last {
			t.Fatalf("%d after %d", n, last)
		}
		read, last = read+1, n
	}
	if last != lines-1 {
		t.Errorf("the newest line is lost: the last was %d", last)
	}
	if lost := f.Counters().Lost; int(lost)+read != lines {
		t.Errorf("%d lost and %d read of %d", lost, read, lines)
	}
	if _, err := r.next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

// A client that never reads costs the others nothing.
func TestDeafClient(t *testing.T) {
	f, path := start(t, 4)
	port := f.Port()
	dial(t, "unix", path).greeted()
	r := dial(t, "unix", path).greeted()
	port.Poll()
	const lines = 5000
	var read atomic.Int64
	offered := make(chan struct{})
	go func() {
		defer close(offered)
		for n := range lines {
			for int64(n)-read.Load() > 50 { // what fits into a queue
				time.Sleep(time.Millisecond)
			}
			offer(port, numbered(n))
		}
	}()
	for n := range lines {
		if got := number(t, r.line()); got != n {
			t.Fatalf("%d, want %d", got, n)
		}
		read.Store(int64(n))
	}
	<-offered
	line := []byte(numbered(0) + "\n")
	if n := testing.AllocsPerRun(1000, func() { port.Offer(event.V4, core.KindFlow, core.Wanted, line) }); n > 0.01 {
		t.Errorf("%v allocations an event", n)
	}
}

func TestClientsThatTalk(t *testing.T) {
	f, path := start(t, 8)
	l, err := socket.Listen(config.Listener{Address: "127.0.0.1", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(sink.Door{Listener: l, Dialect: event.V4})
	port := f.Port()
	for network, at := range map[string]string{"unix": path, "tcp": l.Addr().String()} {
		talks, half := dial(t, network, at).greeted(), dial(t, network, at).greeted()
		if _, err := talks.conn.Write(bytes.Repeat([]byte("hello?\n"), 100_000)); err != nil {
			t.Fatal(err)
		}
		if err := half.conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		port.Poll()
		for n := range 100 {
			offer(port, fmt.Sprint("line ", n))
		}
		for n := range 100 {
			talks.want(fmt.Sprint("line ", n))
			half.want(fmt.Sprint("line ", n))
		}
	}
}

func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

func waitClients(t *testing.T, f *sink.Fanout, n int) {
	t.Helper()
	for end := time.Now().Add(patience); f.Counters().Clients != n; {
		if time.Now().After(end) {
			t.Fatalf("%d clients, want %d", f.Counters().Clients, n)
		}
		time.Sleep(time.Millisecond)
	}
}

// A client beyond the limit is refused and counted; one that leaves makes room.
func TestClientsComeAndGo(t *testing.T) {
	f, path := start(t, 2)
	port := f.Port()
	a := dial(t, "unix", path).greeted()
	dial(t, "unix", path).greeted()
	if _, err := dial(t, "unix", path).next(); err == nil {
		t.Error("a third was taken")
	}
	if n := f.Counters(); n.Full != 1 || n.Accepted != 2 || n.Clients != 2 {
		t.Errorf("%+v", n)
	}
	port.Poll()
	a.conn.Close()
	waitClients(t, f, 1)
	c := dial(t, "unix", path).greeted()
	joins := port.Poll()
	fresh := 0
	for _, j := range joins {
		if j.At == 0 {
			fresh++
		}
	}
	if fresh == 0 {
		t.Fatal("the newcomer is not announced")
	}
	offer(port, "for the newcomer")
	c.want("for the newcomer")
}

// Clients that leave while they are being told of earlier flows are forgotten.
func TestJoinEndsWithItsClient(t *testing.T) {
	f, path := start(t, 2)
	port := f.Port()
	r := dial(t, "unix", path).greeted()
	joins := port.Poll()
	j := joins[0]
	r.conn.Close()
	waitClients(t, f, 0)
	if n := len(port.Poll()); n != 0 || j.Room() != 0 || j.Offer([]byte("x\n")) || port.Dialects() != 0 {
		t.Errorf("%d joins, room %d", n, j.Room())
	}
}

// Close hands out what is queued, closes connections, and waits for nobody longer than it was told.
func TestClose(t *testing.T) {
	f, path := start(t, 4)
	port := f.Port()
	r := dial(t, "unix", path).greeted()
	dial(t, "unix", listen(t, f, event.V3)).greeted() // never reads again
	port.Poll()
	var want []string
	for n := range 100 {
		offer(port, numbered(n))
		want = append(want, numbered(n))
	}
	for range 2000 { // fills the deaf client's socket and queue
		port.Offer(event.V3, core.KindFlow, core.Wanted, []byte(numbered(0)+"\n"))
	}
	done := make(chan time.Duration)
	go func() {
		from := time.Now()
		f.Close(300 * time.Millisecond)
		done <- time.Since(from)
	}()
	r.want(want...)
	for {
		if _, err := r.next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if took := <-done; took > patience/4 {
		t.Errorf("close took %v", took)
	}
	if _, err := net.Dial("unix", path); err == nil {
		t.Error("still listening")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(sink.Door{Listener: l, Dialect: event.V4})
	if _, err := l.Accept(); err == nil {
		t.Error("a closed fanout serves")
	}
}

// A replay waits for its clients, so that none of them loses anything; for
// one that does not read it waits once.
func TestWait(t *testing.T) {
	f, path := start(t, 4)
	port := f.Port()
	r := dial(t, "unix", path).greeted()
	port.Poll()
	const lines = 4000
	got := make(chan int)
	go func() {
		n := 0
		for ; n < lines; n++ {
			if line, err := r.next(); err != nil || !strings.HasPrefix(line, fmt.Sprintf(`{"n":%d,`, n)) {
				break
			}
		}
		got <- n
	}()
	for n := range lines {
		f.Wait(patience, nil)
		offer(port, numbered(n))
	}
	if n := <-got; n != lines {
		t.Fatalf("%d lines of %d", n, lines)
	}
	from := time.Now() // from here on nobody reads
	for range lines {
		f.Wait(50*time.Millisecond, nil)
		offer(port, numbered(0))
	}
	if took := time.Since(from); took > patience/4 {
		t.Errorf("waited %v for a client that does not read", took)
	}
}

// Several goroutines, each with its port, while clients come and go.
func TestManyPorts(t *testing.T) {
	f, path := start(t, 32)
	stop := make(chan struct{})
	var engine sync.WaitGroup
	for p := range 3 {
		engine.Add(1)
		go func() {
			defer engine.Done()
			port := f.Port()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				for _, j := range port.Poll() {
					j.Offer([]byte(fmt.Sprintf("{\"port\":%d,\"n\":-1}\n", p)))
					j.Done()
				}
				f.Wait(patience, nil)
				port.Offer(event.V4, core.KindFlow, core.Wanted, []byte(fmt.Sprintf("{\"port\":%d,\"n\":%d}\n", p, n)))
			}
		}()
	}
	var readers sync.WaitGroup
	for range 6 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for range 5 {
				conn, err := net.Dial("unix", path)
				if err != nil {
					t.Error(err)
					return
				}
				conn.SetDeadline(time.Now().Add(patience))
				r := &reader{t, conn, bufio.NewReader(conn)}
				last := map[int]int{}
				for n := range 500 {
					line, err := r.next()
					if err != nil {
						t.Error(err)
						break
					}
					var v struct{ Port, N int }
					if json.Unmarshal([]byte(line), &v); n < 3 {
						continue
					}
					if was, known := last[v.Port]; known == (v.N == -1) || known && v.N <= was {
						t.Errorf("port %d: %d after %d (%v)", v.Port, v.N, was, known)
					}
					last[v.Port] = v.N
				}
				conn.Close()
			}
		}()
	}
	readers.Wait()
	close(stop)
	engine.Wait()
}
