package afpacket

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/google/gopacket"
	"golang.org/x/sys/unix"

	"netifyd/core"
)

// TestRefusedRing: without a ring packets are read all the same, and it is said.
func TestRefusedRing(t *testing.T) {
	here, there := pair(t)
	ringVersion = 99
	defer func() { ringVersion = unix.TPACKET_V3 }()
	if s, err := Open(Config{Interface: here, Method: Ring}); err == nil || !strings.Contains(err.Error(), `use method "socket"`) {
		t.Errorf("%v %v", s, err)
	}
	s := mustOpen(t, Config{Interface: here})
	if s.Method() != Socket || !strings.Contains(s.Notice(), here+": the kernel refused a ring (") {
		t.Errorf("method %q, notice %q", s.Method(), s.Notice())
	}
	r := read(t, s)
	newSender(t, there).send(frame(5, 53, 9, 40))
	if f := r.want(1)[0]; number(f.bytes) != 5 || f.VLAN != 9 {
		t.Errorf("%+v", f)
	}
	r.none()
}

// finish closes a source and reads it to its end.
func finish(s *Source) {
	_ = s.Close()
	for b := new(core.Batch); s.Next(b) == nil; {
	}
}

// TestFilter: the kernel keeps away what the filter does not want, tags it took out included.
func TestFilter(t *testing.T) {
	for _, method := range methods {
		for text, keep := range map[string]func(i uint32) bool{
			"udp port 53":                func(i uint32) bool { return i%2 == 0 },
			"vlan 100":                   func(i uint32) bool { return i%3 == 1 },
			"vlan and udp port 54":       func(i uint32) bool { return i%3 != 0 && i%2 == 1 },
			"not vlan and host 10.0.0.1": func(i uint32) bool { return i%3 == 0 },
			"udp[8:4] < 50":              func(i uint32) bool { return i < 50 },
		} {
			here, there := pair(t)
			s := mustOpen(t, Config{Interface: here, Method: method, Filter: text, Timeout: 5 * time.Millisecond})
			r := read(t, s)
			out := newSender(t, there)
			var want []uint32
			for i := range uint32(120) {
				out.send(frame(i, uint16(53+i%2), uint16(i%3)*100, 40))
				if keep(i) {
					want = append(want, i)
				}
			}
			for k, f := range r.want(len(want)) {
				if number(f.bytes) != want[k] {
					t.Fatalf("%s, %q: packet %d, not %d", method, text, number(f.bytes), want[k])
				}
			}
			r.none()
			if c := s.Counters(); c.Received != uint64(len(want)) {
				t.Errorf("%s, %q: counters %+v for %d packets", method, text, c, len(want))
			}
			run(t, "ip link del "+here)
		}
	}
}

// promiscuity of a device, as the kernel counts it.
func promiscuity(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("ip", "-d", "link", "show", name).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(out), "promiscuity ")
	if !ok {
		t.Skip("this ip does not tell promiscuity")
	}
	return rest[:1]
}

func TestPromiscuousEndsWithTheSocket(t *testing.T) {
	for _, method := range methods {
		here, _ := pair(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Promiscuous: true})
		if p := promiscuity(t, here); p != "1" {
			t.Errorf("%s: promiscuity %s while open", method, p)
		}
		_ = s.Close()
		if p := promiscuity(t, here); p != "0" {
			t.Errorf("%s: promiscuity %s after Close", method, p)
		}
		run(t, "ip link del "+here)
	}
}

// TestPoll waits in poll(2), as where the Go poller fails.
func TestPoll(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			here, there := pair(t)
			told := newEvents(t)
			s := mustOpen(t, Config{Interface: here, Method: method, Timeout: 5 * time.Millisecond, Wait: time.Hour, Event: told.tell})
			s.sock.wait.usePoll = true
			r := read(t, s)
			out := newSender(t, there)
			for i := range uint32(20) {
				out.send(frame(i, 53, 0, 32))
				if f := r.want(1)[0]; number(f.bytes) != i {
					t.Fatalf("packet %d, not %d", number(f.bytes), i)
				}
			}
			run(t, "ip link set "+here+" down")
			told.want(core.Down)
			r.none() // Close ends a wait of an hour
		})
	}
}

// TestMissedWakeups: packets that the Go poller does not announce change the way of waiting.
func TestMissedWakeups(t *testing.T) {
	here, there := pair(t)
	s := mustOpen(t, Config{Interface: here, Timeout: time.Millisecond, Wait: 20 * time.Millisecond})
	defer finish(s)
	check := s.sock.wait.check
	s.sock.wait.check = func(fd uintptr) bool { return false } // deaf
	out := newSender(t, there)
	var b core.Batch
	for i := 0; !s.sock.wait.usePoll; i++ {
		if i > 10*missedLimit {
			t.Fatal("still in the Go poller")
		}
		out.send(frame(1, 53, 0, 32))
		for {
			if err := s.Next(&b); err != nil {
				t.Fatal(err)
			}
			if len(b.Frames) > 0 {
				break
			}
		}
	}
	s.sock.wait.check = check
	out.send(frame(2, 53, 0, 32))
	for deadline := time.Now().Add(patience); ; {
		if err := s.Next(&b); err != nil || time.Now().After(deadline) {
			t.Fatal("nothing through poll(2): ", err)
		}
		if len(b.Frames) > 0 && number(b.Frames[0].Data) == 2 {
			return
		}
	}
}

func TestTimePasses(t *testing.T) {
	for _, method := range methods {
		here, _ := pair(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Wait: 5 * time.Millisecond})
		var b core.Batch
		last := time.Now().UnixNano()
		for range 3 {
			if err := s.Next(&b); err != nil || len(b.Frames) != 0 {
				t.Fatalf("%s: %v, %d frames", method, err, len(b.Frames))
			}
			if b.Now < last+4e6 || b.Now > time.Now().UnixNano() {
				t.Errorf("%s: %d after %d", method, b.Now, last)
			}
			last = b.Now
		}
		finish(s)
		run(t, "ip link del "+here)
	}
}

// TestLostPackets: what a full ring loses is counted, and what is there stays readable.
func TestLostPackets(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			here, there := pair(t)
			s := mustOpen(t, Config{Interface: here, Method: method, RingBytes: 32 << 10, BlockBytes: 16 << 10})
			out := newSender(t, there)
			const n = 500
			for i := range uint32(n) {
				out.send(frame(i, 53, 0, 1000))
			}
			c := s.Counters()
			if c.Received != n || c.Dropped == 0 || c.Dropped >= n || method == Ring && c.Freezes == 0 {
				t.Fatalf("counters %+v", c)
			}
			r := read(t, s)
			for i, f := range r.want(int(n - c.Dropped)) {
				if number(f.bytes) != uint32(i) {
					t.Fatalf("packet %d, not %d", number(f.bytes), i)
				}
			}
			out.send(frame(n, 53, 0, 100))
			if f := r.want(1)[0]; number(f.bytes) != n {
				t.Errorf("packet %d after the loss", number(f.bytes))
			}
			r.none()
			if after := s.Counters(); after.Received != n+1 || after.Dropped != c.Dropped {
				t.Errorf("counters %+v after %+v", after, c)
			}
		})
	}
}

// TestCloseAnytime closes while another goroutine is anywhere in Next, or holds lent frames.
func TestCloseAnytime(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		out := newSender(t, there)
		for round := range 24 {
			s := mustOpen(t, Config{Interface: here, Method: method, Timeout: time.Millisecond, Wait: time.Duration(1+round%3) * time.Millisecond})
			s.sock.wait.usePoll = round%2 == 1
			var readers sync.WaitGroup
			readers.Add(1)
			go func() {
				defer readers.Done()
				var b core.Batch
				var sum byte
				for {
					if err := s.Next(&b); err != nil {
						if !errors.Is(err, os.ErrClosed) || len(b.Frames) != 0 {
							t.Errorf("%v, %d frames", err, len(b.Frames))
						}
						return
					}
					for _, f := range b.Frames {
						for _, v := range f.Data { // a fault, were the memory gone
							sum += v
						}
					}
				}
			}()
			for i := range uint32(round % 7 * 10) {
				out.send(frame(i, 53, 0, 100))
				_ = s.Counters()
			}
			for range 2 { // a second Close does nothing
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			readers.Wait()
			if err := s.Next(new(core.Batch)); !errors.Is(err, os.ErrClosed) {
				t.Errorf("Next after Close: %v", err)
			}
		}
		run(t, "ip link del "+here)
	}
}

// TestForgotten: who closes with frames lent, and never calls Next again, leaks nothing for long.
func TestForgotten(t *testing.T) {
	here, there := pair(t)
	before := len(open())
	func() {
		s := mustOpen(t, Config{Interface: here, Timeout: time.Millisecond})
		s.sock.wait.usePoll = true
		newSender(t, there).send(frame(1, 53, 0, 100))
		var b core.Batch
		for len(b.Frames) == 0 {
			if err := s.Next(&b); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.Close()
		if number(b.Frames[0].Data) != 1 {
			t.Error("a lent frame changed with Close")
		}
	}()
	for deadline := time.Now().Add(patience); len(open()) > before+1; runtime.Gosched() { // the sender's socket is still open
		if runtime.GC(); time.Now().After(deadline) {
			t.Fatal("left open: ", open())
		}
	}
}

// TestZeroCopy reads as other gopacket programs do.
func TestZeroCopy(t *testing.T) {
	here, there := pair(t)
	s := mustOpen(t, Config{Interface: here, SnapLength: 100})
	var source gopacket.ZeroCopyPacketDataSource = s
	out := newSender(t, there)
	for i := range uint32(10) {
		out.send(frame(i, 53, uint16(i%2)*7, 200))
	}
	d, err := lookup(here)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint32(10) {
		data, info, err := source.ZeroCopyReadPacketData()
		if err != nil || number(data) != i {
			t.Fatalf("packet %d: %v", i, err)
		}
		if info.CaptureLength != 100 || len(data) != 100 || info.Length != 242 || info.InterfaceIndex != d.index || time.Since(info.Timestamp) > time.Minute {
			t.Errorf("packet %d: %+v", i, info)
		}
		if tagged := len(info.AncillaryData) == 1 && info.AncillaryData[0] == (AncillaryVLAN{VLAN: 7}); tagged != (i%2 == 1) {
			t.Errorf("packet %d: %v", i, info.AncillaryData)
		}
	}
	_ = s.Close()
	if _, _, err := source.ZeroCopyReadPacketData(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestTunnelDevice captures from a link without link headers.
func TestTunnelDevice(t *testing.T) {
	pair(t)
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no tun device: ", err)
	}
	defer unix.Close(fd)
	request, _ := unix.NewIfreq("tun0")
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TUNSETIFF, uintptr(unsafe.Pointer(request))); errno != 0 {
		t.Skip("no tun device: ", errno)
	}
	run(t, "ip link set tun0 up")
	for _, method := range methods {
		s := mustOpen(t, Config{Interface: "tun0", Method: method, Filter: "udp port 53", Promiscuous: true})
		r := read(t, s)
		for i, port := range []uint16{53, 54, 53} {
			if _, err := unix.Write(fd, frame(uint32(i), port, 0, 32)[14:]); err != nil {
				t.Fatal(err)
			}
		}
		for i, f := range r.want(2) {
			if want := frame(uint32(2*i), 53, 0, 32)[14:]; f.Link != core.LinkRaw || string(f.bytes) != string(want) || f.Length != len(want) {
				t.Errorf("%s: packet %d: %+v", method, i, f.Frame)
			}
		}
		r.none()
	}
}

// TestNotPermitted: what the kernel refuses comes with what to do.
func TestNotPermitted(t *testing.T) {
	pair(t)
	for errno, want := range map[error]string{
		unix.EPERM:        "run as root or grant CAP_NET_RAW",
		unix.EAFNOSUPPORT: "kmod-packet",
	} {
		if err := explain(&Config{Interface: "lo"}, errno); !errors.Is(err, errno) || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}

// TestNextDoesNotAllocate in the steady state.
func TestNextDoesNotAllocate(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Timeout: time.Millisecond})
		out := newSender(t, there)
		f := frame(1, 53, 100, 200)
		var b core.Batch
		turn := func() {
			for range 20 {
				out.send(f)
			}
			for got := 0; got < 20; got += len(b.Frames) {
				if err := s.Next(&b); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 20 {
			turn()
		}
		// A wait that times out may allocate; packets may not.
		if n := testing.AllocsPerRun(50, turn); n >= 1 {
			t.Errorf("%s: %v allocations for 20 packets", method, n)
		}
		finish(s)
		run(t, "ip link del "+here)
	}
}
