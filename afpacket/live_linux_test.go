package afpacket

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// patience bounds every wait for something that must happen.
const patience = 10 * time.Second

// run a program that sets the namespace up.
func run(t testing.TB, command string) {
	t.Helper()
	words := strings.Fields(command)
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// pair makes a veth pair that is up and ends with the test.
func pair(t testing.TB) (here, there string) {
	t.Helper()
	if noNamespace != "" {
		t.Skip(noNamespace)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip of iproute2: ", err)
	}
	here, there = "here0", "there0"
	link(t, here, there)
	t.Cleanup(func() { _ = exec.Command("ip", "link", "del", here).Run() })
	return here, there
}

func link(t testing.TB, here, there string) {
	t.Helper()
	run(t, "ip link add name "+here+" type veth peer name "+there)
	running(t, here, there)
}

// running sets devices up and waits until the kernel has given them a queue:
// what is sent before is lost without an error.
func running(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		run(t, "ip link set "+name+" up")
	}
	for _, name := range names {
		for deadline := time.Now().Add(patience); ; {
			d, err := lookup(name)
			if err != nil || time.Now().After(deadline) {
				t.Fatal(name, " does not come up: ", err)
			}
			if d.flags&unix.IFF_RUNNING != 0 {
				break
			}
		}
		// The flag is set a moment before the queue; this waits for the lock over both.
		run(t, "ip link set "+name+" up")
	}
}

// sender writes frames to a device.
type sender struct {
	t  testing.TB
	fd int
}

func newSender(t testing.TB, name string) *sender {
	t.Helper()
	d, err := lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: d.index}); err != nil {
		t.Fatal(err)
	}
	return &sender{t, fd}
}

func (s *sender) send(frame []byte) {
	s.t.Helper()
	if err := s.try(frame); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sender) try(frame []byte) error {
	for {
		_, err := unix.Write(s.fd, frame)
		if err != unix.ENOBUFS && err != unix.EINTR {
			return err
		}
	}
}

// frame is Ethernet, IPv4, UDP to port, and a payload that begins with number.
// With a tag (not 0) it carries an 802.1Q header.
func frame(number uint32, port, tag uint16, payload int) []byte {
	f := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	if tag != 0 {
		f = binary.BigEndian.AppendUint16(append(f, 0x81, 0), tag)
	}
	f = append(f, 8, 0)
	ip := make([]byte, 28+payload)
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	copy(ip[12:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	binary.BigEndian.PutUint16(ip[20:], uint16(1024+number%512))
	binary.BigEndian.PutUint16(ip[22:], port)
	binary.BigEndian.PutUint16(ip[24:], uint16(8+payload))
	binary.BigEndian.PutUint32(ip[28:], number)
	return append(f, ip...)
}

// number is the one that frame put in; untagged bytes.
func number(data []byte) uint32 { return binary.BigEndian.Uint32(data[42:]) }

// seen is a frame that outlives its batch.
type seen struct {
	core.Frame
	bytes []byte
}

// reader walks a source in a goroutine of its own.
type reader struct {
	t      testing.TB
	source core.Source
	frames chan seen
	err    chan error
}

func read(t testing.TB, source core.Source) *reader {
	r := &reader{t, source, make(chan seen, 1<<16), make(chan error, 1)}
	go func() {
		var b core.Batch
		for {
			if err := source.Next(&b); err != nil {
				r.err <- err
				return
			}
			for _, f := range b.Frames {
				r.frames <- seen{f, append([]byte(nil), f.Data...)}
			}
		}
	}()
	t.Cleanup(r.stop)
	return r
}

func (r *reader) stop() {
	if r.err == nil {
		return
	}
	_ = r.source.Close()
	select {
	case err := <-r.err:
		if !errors.Is(err, os.ErrClosed) {
			r.t.Errorf("Next ended with %v", err)
		}
	case <-time.After(patience):
		r.t.Error("Close does not wake Next")
	}
	r.err = nil
}

// want waits for n frames.
func (r *reader) want(n int) []seen {
	r.t.Helper()
	got := make([]seen, 0, n)
	limit := time.After(patience)
	for len(got) < n {
		select {
		case f := <-r.frames:
			got = append(got, f)
		case <-limit:
			r.t.Fatalf("%d of %d packets arrived", len(got), n)
		}
	}
	return got
}

// none says that nothing more is there once the source is closed.
func (r *reader) none() {
	r.t.Helper()
	r.stop()
	if n := len(r.frames); n != 0 {
		f := <-r.frames
		r.t.Errorf("%d packets too many, the first: % x", n, f.bytes)
	}
}

// events collects what a source says of its interface.
type events struct {
	t  testing.TB
	ch chan core.Change
}

func newEvents(t testing.TB) events { return events{t, make(chan core.Change, 64)} }

func (e events) tell(v core.Change) { e.ch <- v }

func (e events) want(kinds ...core.ChangeKind) {
	e.t.Helper()
	for _, kind := range kinds {
		select {
		case v := <-e.ch:
			if v.Kind != kind {
				e.t.Fatalf("told %q, not kind %d", v, kind)
			}
		case <-time.After(patience):
			e.t.Fatalf("not told kind %d", kind)
		}
	}
}

// until waits for a kind, past what may come before it where we are quick.
func (e events) until(kind core.ChangeKind) {
	e.t.Helper()
	for limit := time.After(patience); ; {
		select {
		case v := <-e.ch:
			if v.Kind == kind {
				return
			}
			if v.Kind != core.Down && v.Kind != core.Up {
				e.t.Fatalf("told %q, not kind %d", v, kind)
			}
		case <-limit:
			e.t.Fatalf("not told kind %d", kind)
		}
	}
}

func mustOpen(t testing.TB, c Config) *Source {
	t.Helper()
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var methods = []string{Ring, Socket}

func TestEveryPacketOnce(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			here, there := pair(t)
			s := mustOpen(t, Config{Interface: here, Method: method, Timeout: 10 * time.Millisecond})
			if s.Method() != method || s.Notice() != "" || s.Link() != core.LinkEthernet {
				t.Errorf("method %q notice %q link %d", s.Method(), s.Notice(), s.Link())
			}
			r := read(t, s)
			out := newSender(t, there)
			const n = 5000
			start := time.Now()
			for i := range uint32(n) {
				out.send(frame(i, 53, uint16(i%3)*0x1064, 32+int(i%1000)))
				if i%500 == 499 {
					for j, f := range r.want(500) {
						check(t, f, i-499+uint32(j), start)
					}
				}
			}
			r.none()
			if c := s.Counters(); c != (core.Counters{Received: n}) || s.Counters() != c {
				t.Errorf("counters %+v then %+v", c, s.Counters())
			}
		})
	}
}

func check(t *testing.T, f seen, i uint32, start time.Time) {
	t.Helper()
	tag := uint16(i%3) * 0x1064
	plain := frame(i, 53, 0, 32+int(i%1000))
	onLink := len(plain)
	if tag != 0 {
		onLink += 4
	}
	if string(f.bytes) != string(plain) || f.Length != onLink {
		t.Fatalf("packet %d: %d bytes of %d, not %d of %d", i, len(f.bytes), f.Length, len(plain), onLink)
	}
	if f.VLAN != tag || f.HasVLAN != (tag != 0) {
		t.Fatalf("packet %d: tag %#x %v, not %#x", i, f.VLAN, f.HasVLAN, tag)
	}
	// The kernel's coarse clock may lag by a tick.
	if f.Time < start.Add(-50*time.Millisecond).UnixNano() || f.Time > time.Now().UnixNano() || f.Outgoing || f.Link != core.LinkEthernet {
		t.Fatalf("packet %d: time %v outgoing %v link %d", i, time.Unix(0, f.Time), f.Outgoing, f.Link)
	}
}

func TestOutgoing(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		r := read(t, mustOpen(t, Config{Interface: here, Method: method}))
		newSender(t, here).send(frame(1, 53, 0, 32))
		if f := r.want(1)[0]; !f.Outgoing {
			t.Error(method, ": a sent packet is not outgoing")
		}
		newSender(t, there).send(frame(2, 53, 0, 32))
		if f := r.want(1)[0]; f.Outgoing {
			t.Error(method, ": a received packet is outgoing")
		}
		r.none()
		run(t, "ip link del "+here)
	}
}

func TestSnapLength(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			here, there := pair(t)
			r := read(t, mustOpen(t, Config{Interface: here, Method: method, SnapLength: 128}))
			out := newSender(t, there)
			out.send(frame(1, 53, 0, 1000))
			out.send(frame(2, 53, 5, 1000))
			out.send(frame(3, 53, 0, 40))
			for i, want := range [][2]int{{128, 1042}, {128, 1046}, {82, 82}} {
				if f := r.want(1)[0]; len(f.bytes) != want[0] || f.Length != want[1] || number(f.bytes) != uint32(i+1) {
					t.Errorf("packet %d: %d bytes of %d, not %v", i+1, len(f.bytes), f.Length, want)
				}
			}
			r.none()
		})
	}
}

func TestLoopbackOnce(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			pair(t)
			run(t, "ip link set lo up")
			r := read(t, mustOpen(t, Config{Interface: "lo", Method: method, Promiscuous: true}))
			newSender(t, "lo").send(frame(7, 53, 0, 32))
			if f := r.want(1)[0]; f.Link != core.LinkEthernet || number(f.bytes) != 7 || f.Outgoing {
				t.Errorf("%+v", f)
			}
			r.none()
		})
	}
}

// readAll reads the shards of an interface until they are closed, and gives each
// frame to take, which holds mu. Done when nothing comes any more.
func readAll(shards []*Source, mu *sync.Mutex, take func(shard int, f core.Frame)) (done *sync.WaitGroup) {
	done = new(sync.WaitGroup)
	for k, s := range shards {
		done.Go(func() {
			var b core.Batch
			for s.Next(&b) == nil {
				mu.Lock()
				for _, f := range b.Frames {
					take(k, f)
				}
				mu.Unlock()
			}
		})
	}
	return done
}

func TestShards(t *testing.T) {
	here, there := pair(t)
	shards, err := OpenShards(Config{Interface: here}, 2)
	if err != nil {
		t.Fatal(err)
	}
	out := newSender(t, there)
	const n = 4000
	var mu sync.Mutex
	where := map[uint32]int{}
	total, parts := 0, [2]int{}
	enough := make(chan struct{})
	done := readAll(shards, &mu, func(k int, f core.Frame) {
		flow := number(f.Data) % 512
		if other, ok := where[flow]; ok && other != k {
			t.Errorf("flow %d in both shards", flow)
		}
		where[flow] = k
		parts[k]++
		if total++; total == n {
			close(enough)
		}
	})
	for i := range uint32(n) {
		out.send(frame(i, 53, 0, 32))
	}
	select {
	case <-enough:
	case <-time.After(patience):
		t.Error("not every packet arrived")
	}
	sum := core.Counters{}
	for _, s := range shards {
		_ = s.Close()
		sum.Received += s.Counters().Received
	}
	done.Wait()
	if total != n || sum.Received != n || parts[0] == 0 || parts[1] == 0 {
		t.Errorf("%d packets, %v in the shards, counters %d", total, parts, sum.Received)
	}
}

func TestInterfaceLife(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			here, there := pair(t)
			told := newEvents(t)
			s := mustOpen(t, Config{Interface: here, Method: method, Wait: 20 * time.Millisecond, Timeout: 5 * time.Millisecond, Event: told.tell})
			r := read(t, s)
			newSender(t, there).send(frame(1, 53, 0, 32))
			r.want(1)
			for range 2 {
				run(t, "ip link set "+here+" down")
				told.want(core.Down)
				running(t, here)
				told.want(core.Up)
				newSender(t, there).send(frame(2, 53, 0, 32))
				r.want(1)
			}
			run(t, "ip link del "+here)
			if v := <-told.ch; v.Kind == core.Down { // seen only if we are quick
				told.want(core.Vanished)
			} else if v.Kind != core.Vanished {
				t.Fatal(v)
			}
			link(t, here, there)
			told.want(core.Returned)
			newSender(t, there).send(frame(3, 53, 0, 32))
			if f := r.want(1)[0]; number(f.bytes) != 3 {
				t.Errorf("packet %d", number(f.bytes))
			}
			if c := s.Counters(); c.Received != 4 || c.Dropped != 0 {
				t.Errorf("counters over a reopening: %+v", c)
			}
			r.none()
			if len(told.ch) != 0 { // made before it was set up, and we were quick
				told.want(core.Down, core.Up)
			}
			if len(told.ch) != 0 {
				t.Errorf("told more: %v", <-told.ch)
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	here, _ := pair(t)
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Interface: "nosuch0"}, `no interface "nosuch0": there is`},
		{Config{Interface: "nosuch0"}, here},
		{Config{Interface: here, BlockBytes: 1000}, "multiple of the page size"},
		{Config{Interface: here, Filter: "port"}, "filter \"port\""},
	} {
		if s, err := Open(c.config); err == nil {
			_ = s.Close()
			t.Errorf("%+v: opened", c.config)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
}
