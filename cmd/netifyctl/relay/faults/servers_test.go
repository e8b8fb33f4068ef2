package faults

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	paho3 "github.com/eclipse/paho.mqtt.golang"

	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

// server is one place that the relay tells, with its fault.
type server struct {
	name    string
	config  string // of the output, in TOML
	store   *store
	begin   func()      // the fault begins
	tick    func(n int) // a second of it has passed; nil: nothing to do
	end     func()
	unknown bool // what was on its way when the server died is nobody's to know: the protocol acknowledges nothing
}

// web is an HTTP server that can be taken away and brought back.
type web struct {
	t       *testing.T
	store   *store
	address string
	server  *http.Server
	answer  atomic.Pointer[func(http.ResponseWriter) bool] // false: it takes nothing
}

func newWeb(t *testing.T) *web {
	w := &web{t: t, store: newStore(), address: "127.0.0.1:0"}
	w.up()
	t.Cleanup(w.down)
	return w
}

func (w *web) up() {
	l, err := net.Listen("tcp", w.address)
	if err != nil {
		w.t.Error(err)
		return
	}
	w.address = l.Addr().String()
	w.server = &http.Server{Handler: w}
	go w.server.Serve(l)
}

func (w *web) down() { w.server.Close() }

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if f := w.answer.Load(); f != nil && !(*f)(rw) {
		return
	}
	_, rows, _ := bytes.Cut(body, []byte{'\n'})
	for line := range bytes.Lines(rows) {
		w.store.take(line)
	}
}

func (w *web) is(f func(http.ResponseWriter) bool) { w.answer.Store(&f) }

func (w *web) of(fault string) *server {
	return &server{name: "http " + fault, store: w.store, config: fmt.Sprintf("type = \"http\"\nurl = \"http://%s/\"\nrows = \"objects\"\ncompress = \"none\"\ntimeout = \"10s\"\n", w.address)}
}

func webs(t *testing.T) []*server {
	killed, slow, full, refusing := newWeb(t), newWeb(t), newWeb(t), newWeb(t)
	k, s, f, r := killed.of("killed"), slow.of("slow"), full.of("full"), refusing.of("refusing")
	k.begin, k.end = killed.down, func() { killed.down(); killed.up() }
	k.tick = func(n int) {
		if n%5 == 0 {
			killed.down()
			killed.up()
		}
	}
	s.begin, s.end = func() { slow.is(func(http.ResponseWriter) bool { time.Sleep(2 * time.Second); return true }) }, func() { slow.answer.Store(nil) }
	f.begin = func() {
		var n atomic.Int64
		full.is(func(w http.ResponseWriter) bool {
			w.WriteHeader([]int{http.StatusInsufficientStorage, http.StatusServiceUnavailable, http.StatusTooManyRequests}[n.Add(1)%3])
			return false
		})
	}
	f.end = func() { full.answer.Store(nil) }
	r.begin, r.end = refusing.down, refusing.up
	return []*server{k, s, f, r}
}

// broker is a stand-in of a broker that can be taken away and brought back.
type broker struct {
	t     *testing.T
	store *store
	*mqtttest.StandIn
}

func newBroker(t *testing.T) *broker {
	b := &broker{t: t, store: newStore()}
	b.up("127.0.0.1:0")
	return b
}

func (b *broker) up(address string) {
	b.StandIn = mqtttest.NewStandIn(b.t, address)
	posted := b.Posted
	go func() {
		for m := range posted {
			b.store.take([]byte(m.Payload))
		}
	}()
}

func (b *broker) again() { b.Kill(); b.up(b.Address()) }

func (b *broker) of(fault string) *server {
	return &server{name: "mqtt " + fault, store: b.store, config: fmt.Sprintf("type = \"mqtt\"\nurl = \"mqtt://%s\"\nmessage = \"line\"\nrows = \"objects\"\ntimeout = \"10s\"\n", b.Address())}
}

func brokers(t *testing.T) []*server {
	killed, slow, full, refusing := newBroker(t), newBroker(t), newBroker(t), newBroker(t)
	k, s, f, r := killed.of("killed"), slow.of("slow"), full.of("full"), refusing.of("refusing")
	k.begin, k.end = killed.again, killed.again
	k.tick = func(n int) {
		if n%5 == 0 {
			killed.again()
		}
	}
	s.begin, s.end = func() { slow.SetDelay(2 * time.Second) }, func() { slow.SetDelay(0) }
	f.begin, f.end = func() { full.SetPuback(0x97) }, func() { full.SetPuback(0) }
	r.begin, r.end = refusing.Kill, func() { refusing.up(refusing.Address()) }
	return []*server{k, s, f, r}
}

// mosquitto is the real broker, ended and started again each five seconds. It
// keeps on disk what its reader has not heard yet.
func mosquitto(t *testing.T) []*server {
	s := newStore()
	m := mqtttest.FindMosquitto(t, "allow_anonymous true\nmax_queued_messages 0\npersistence true\npersistence_location "+t.TempDir()+"/\n")
	if m == nil {
		return nil
	}
	o := paho3.NewClientOptions().AddBroker("tcp://" + m.Address()).SetClientID("reader").SetCleanSession(false).SetAutoReconnect(true).
		SetMaxReconnectInterval(time.Second).SetOrderMatters(true)
	reader := paho3.NewClient(o)
	if k := reader.Connect(); k.Wait() && k.Error() != nil {
		t.Fatal(k.Error())
	}
	if k := reader.Subscribe("#", 1, func(_ paho3.Client, m paho3.Message) { s.take(m.Payload()) }); k.Wait() && k.Error() != nil {
		t.Fatal(k.Error())
	}
	t.Cleanup(func() { reader.Disconnect(0) })
	again := func() {
		m.Stop()
		if !m.Start() {
			t.Error("mosquitto does not start again")
		}
	}
	return []*server{{name: "mosquitto stopped", store: s, config: fmt.Sprintf("type = \"mqtt\"\nurl = \"mqtt://%s\"\nmessage = \"line\"\nrows = \"objects\"\nversion = \"3.1.1\"\ntimeout = \"10s\"\n", m.Address()),
		begin: again, end: func() {}, tick: func(n int) {
			if n%5 == 0 {
				again()
			}
		}}}
}

// daemon is a syslog daemon over TCP (RFC 6587, 3.4.1).
type daemon struct {
	t       *testing.T
	store   *store
	address string
	l       net.Listener
	pause   atomic.Int64 // of each message, ns; below 0: nothing is read

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newDaemon(t *testing.T) *daemon {
	d := &daemon{t: t, store: newStore(), address: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	d.up()
	t.Cleanup(d.down)
	return d
}

func (d *daemon) up() {
	l, err := net.Listen("tcp", d.address)
	if err != nil {
		d.t.Error(err)
		return
	}
	d.l, d.address = l, l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.mu.Lock()
			d.conns[c] = true
			d.mu.Unlock()
			go d.read(c)
		}
	}()
}

func (d *daemon) read(c net.Conn) {
	defer func() {
		c.Close()
		d.mu.Lock()
		delete(d.conns, c)
		d.mu.Unlock()
	}()
	for r := bufio.NewReaderSize(c, 4096); ; {
		for d.pause.Load() < 0 {
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Duration(d.pause.Load()))
		length, err := r.ReadString(' ')
		n, bad := strconv.Atoi(strings.TrimSpace(length))
		if err != nil || bad != nil {
			return
		}
		message := make([]byte, n)
		if _, err := io.ReadFull(r, message); err != nil {
			return
		}
		d.store.take(message)
	}
}

func (d *daemon) down() {
	d.l.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.conns {
		c.Close()
	}
}

func (d *daemon) again() { d.down(); d.up() }

func (d *daemon) of(fault string) *server {
	return &server{name: "syslog " + fault, store: d.store, config: fmt.Sprintf("type = \"syslog\"\naddress = \"tcp://%s\"\nrows = \"objects\"\n", d.address)}
}

func daemons(t *testing.T) []*server {
	killed, slow, full, refusing := newDaemon(t), newDaemon(t), newDaemon(t), newDaemon(t)
	k, s, f, r := killed.of("killed"), slow.of("slow"), full.of("full"), refusing.of("refusing")
	k.begin, k.end, k.unknown = killed.again, killed.again, true
	k.tick = func(n int) {
		if n%5 == 0 {
			killed.again()
		}
	}
	s.begin, s.end = func() { slow.pause.Store(int64(10 * time.Millisecond)) }, func() { slow.pause.Store(0) }
	f.begin, f.end = func() { full.pause.Store(-1) }, func() { full.pause.Store(0) }
	f.unknown = true // what the kernel has taken when the relay gives the connection up
	r.begin, r.end, r.unknown = refusing.down, refusing.up, true
	return []*server{k, s, f, r}
}
