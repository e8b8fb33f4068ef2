package sink_test

import (
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/sink"
	"netifyd/core/sink/socket"
)

// tcp serves a port of the loopback interface and gives its address.
func tcp(t *testing.T, f *sink.Fanout) string {
	t.Helper()
	l, err := socket.Listen(config.Listener{Address: "127.0.0.1", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(sink.Door{Listener: l, Dialect: event.V4})
	return l.Addr().String()
}

// refused says that a connection is closed before a byte of the greeting.
func refused(t *testing.T, network, at string) bool {
	t.Helper()
	_, err := dial(t, network, at).next()
	return err != nil
}

// However many come by one door, the other keeps its share; what is not kept
// goes to whoever comes first.
func TestNoDoorShutsOutTheOther(t *testing.T) {
	for _, first := range []string{"tcp", "unix"} {
		f, path := start(t, 16)
		at := map[string]string{"unix": path, "tcp": tcp(t, f)}
		second := map[string]string{"tcp": "unix", "unix": "tcp"}[first]
		for range 12 {
			dial(t, first, at[first]).greeted()
		}
		for range 5 {
			if !refused(t, first, at[first]) {
				t.Errorf("%s took a place that is kept for %s", first, second)
			}
		}
		for range 4 {
			dial(t, second, at[second]).greeted()
		}
		if !refused(t, second, at[second]) {
			t.Errorf("a place too many by %s", second)
		}
		if n := f.Counters(); n.Clients != 16 || n.Full != 6 || n.Outside != 0 {
			t.Errorf("%+v", n)
		}
	}
}

// One place is for the door that asks, where there is no other.
func TestOnePlace(t *testing.T) {
	_, path := start(t, 1)
	dial(t, "unix", path).greeted()
	if !refused(t, "unix", path) {
		t.Error("a second client")
	}
}

// A refused connection costs no greeting, and the tables are not copied.
func TestGreetingIsMadeForTheAdmitted(t *testing.T) {
	tables := []byte(`{"tables":"` + strings.Repeat("x", 100_000) + `"}` + "\n")
	var made atomic.Int64
	f := sink.NewFanout(sink.Options{Clients: 1, Queue: sink.MinQueue, Greet: func(*sink.Door) sink.Greeting {
		made.Add(1)
		return sink.Greeting{Hello: []byte("{}\n"), Status: []byte(status), Tables: tables}
	}})
	t.Cleanup(func() { f.Close(0) })
	path := listen(t, f, event.V4)
	r := dial(t, "unix", path).greeted()
	for range 50 {
		if !refused(t, "unix", path) {
			t.Fatal("a second client")
		}
	}
	if made.Load() != 1 {
		t.Errorf("%d greetings for one client and 50 that were refused", made.Load())
	}
	r.conn.Close()
}

// foreign is a listener whose connections claim to come from elsewhere.
type foreign struct {
	net.Listener
	from, at string
}

type elsewhere struct {
	net.Conn
	from, at net.Addr
}

func (l foreign) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return elsewhere{c, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(l.from)), net.TCPAddrFromAddrPort(netip.MustParseAddrPort(l.at))}, nil
}

func (e elsewhere) RemoteAddr() net.Addr { return e.from }
func (e elsewhere) LocalAddr() net.Addr  { return e.at }

// Without a list only this machine itself comes in over TCP.
func TestAllow(t *testing.T) {
	for _, c := range []struct {
		from, at, allow string
		in              bool
	}{
		{"192.168.1.7:40000", "192.168.1.1:7150", "", false},
		{"192.168.1.7:40000", "192.168.1.1:7150", "192.168.1.0/24", true},
		{"192.168.2.7:40000", "192.168.1.1:7150", "192.168.1.0/24", false},
		{"[::ffff:192.168.1.7]:40000", "[::ffff:192.168.1.1]:7150", "192.168.1.0/24", true},
		{"192.168.1.1:40000", "192.168.1.1:7150", "", true}, // this machine
		{"127.0.0.1:40000", "127.0.0.1:7150", "", true},
		{"[::1]:40000", "[::1]:7150", "10.0.0.0/8", true},
		{"[fe80::7%eth0]:40000", "[fe80::1%eth0]:7150", "", false},
		{"[fe80::7%eth0]:40000", "[fe80::1%eth0]:7150", "10.0.0.0/8 fe80::/10", true},
	} {
		f := sink.NewFanout(sink.Options{Clients: 2, Queue: sink.MinQueue, Greet: greet})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		door := sink.Door{Listener: foreign{l, c.from, c.at}, Dialect: event.V4}
		for _, p := range strings.Fields(c.allow) {
			door.Allow = append(door.Allow, netip.MustParsePrefix(p))
		}
		f.Serve(door)
		if in := !refused(t, "tcp", l.Addr().String()); in != c.in {
			t.Errorf("%s, allowed %q: came in %v", c.from, c.allow, in)
		}
		n := f.Counters()
		if !c.in && (n.Outside != 1 || n.Full != 0 || f.Foreign() != netip.MustParseAddrPort(c.from).Addr().Unmap().WithZone("")) || c.in && n.Outside != 0 {
			t.Errorf("%s: %+v, %v", c.from, n, f.Foreign())
		}
		f.Close(0)
	}
}

// A client that reads nothing while it loses events gives its place back; one
// that reads nothing and loses nothing keeps it, and so does one that is slow.
func TestStalledClientIsClosed(t *testing.T) {
	const timeout = 200 * time.Millisecond
	f := sink.NewFanout(sink.Options{Clients: 2, Queue: sink.MinQueue, Timeout: timeout, Greet: greet})
	t.Cleanup(func() { f.Close(0) })
	for network, at := range map[string]string{"unix": listen(t, f, event.V4), "tcp": tcp(t, f)} {
		before := f.Counters()
		dial(t, network, at).greeted() // reads nothing more
		port := f.Port()
		port.Poll()
		quiet := time.Now().Add(3 * timeout)
		for time.Now().Before(quiet) {
			if f.Counters().Clients != 1 {
				t.Fatalf("%s: closed although nothing was lost", network)
			}
			time.Sleep(timeout / 10)
		}
		for end := time.Now().Add(patience); f.Counters().Clients > 0; {
			offer(port, numbered(0))
			if time.Now().After(end) {
				t.Fatalf("%s: still there: %+v", network, f.Counters())
			}
		}
		if n := f.Counters(); n.Stalled != before.Stalled+1 || n.Lost == before.Lost {
			t.Errorf("%s: %+v", network, n)
		}
	}

	at := listen(t, f, event.V4)
	slow := dial(t, "unix", at).greeted()
	port := f.Port()
	port.Poll()
	lost := f.Counters().Lost
	for end := time.Now().Add(6 * timeout); time.Now().Before(end); {
		for range 200 {
			offer(port, numbered(0))
		}
		for range 40 { // the kernel says so when a whole write of 32 kB was read
			slow.line()
		}
		time.Sleep(timeout / 20)
	}
	if n := f.Counters(); n.Clients != 1 || n.Lost == lost {
		t.Errorf("a slow client: %+v", n)
	}
}

// A flood of lines that may be spared leaves room for the others.
func TestSpareLinesLeaveRoom(t *testing.T) {
	f, path := start(t, 1)
	r := dial(t, "unix", path).greeted()
	port := f.Port()
	port.Poll()
	spare := []byte(`{"spare":"` + strings.Repeat("x", 1000) + `"}` + "\n")
	for n := range 60 { // 60 kB of a queue of 128 kB
		for range 100 {
			port.Offer(event.V4, core.KindFlow, core.Spare, spare)
		}
		offer(port, numbered(n))
	}
	go f.Close(patience)
	for n := 0; n < 60; {
		if l := r.line(); !strings.HasPrefix(l, `{"spare"`) {
			if got := number(t, l); got != n {
				t.Fatalf("%d, want %d", got, n)
			}
			n++
		}
	}
	if f.Counters().Lost == 0 {
		t.Error("the flood was too small for this test")
	}
}
