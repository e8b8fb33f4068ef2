package main

import (
	"bufio"
	order "encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rounds is how many random rounds a stress test makes: few, or STRESS.
func rounds(t *testing.T, few int) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("STRESS"))
	if err != nil {
		return few
	}
	return n
}

// TestStressInterfaces does to captured interfaces with traffic whatever can be
// done to them, in random order, with signals between: the agent lives, and has
// walked each packet that the kernel has given it.
func TestStressInterfaces(t *testing.T) {
	for name, config := range map[string]string{
		"one shard":    "",
		"two shards":   "config capture\n\toption shards 2\n",
		"socket":       "config capture\n\toption method socket\n",
		"large blocks": "config capture\n\toption block 1024\n\toption ring 4096\n\toption timeout 2\n", // many packets wait in the open block
	} {
		t.Run(name, func(t *testing.T) {
			stressInterfaces(t, config, rounds(t, 3))
		})
	}
}

// stressed are the captured devices. The last is a bridge over the one before.
var stressed = []string{"sa0", "sb0", "sc0", "sbr0"}

func stressInterfaces(t *testing.T, config string, rounds int) {
	s := newStage(t)
	seed := time.Now().UnixNano()
	x := &stresser{stage: s, random: rand.New(rand.NewSource(seed))}
	for _, name := range stressed {
		config += "config interface\n\toption device " + name + "\n"
	}
	config += "config clients\n\toption queue 16384\nconfig agent\n\toption update_interval 1\n"
	cmd, _, log := s.service(config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		if t.Failed() {
			_ = cmd.Process.Kill()
			text := log.String()
			t.Logf("seed %d\n%s", seed, text[max(0, len(text)-8000):])
		}
	}()
	log.wait(t, "started interfaces=")
	sum := new(tally)
	counted := make(chan struct{})
	r := dialUnix(t, s.dir+"/sock")
	go func() { defer close(counted); sum.read(r) }()
	for end := time.Now().Add(deadline); sum.states() == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no status")
		}
	}
	x.restore() // only now: the reader would not hear of packets in an earlier status, and the kernel sends some of its own
	x.send()
	alive := func() {
		t.Helper()
		select {
		case err := <-ended:
			t.Fatalf("the agent ended: %v", err)
		default:
		}
	}
	for range rounds {
		for range 1 + x.random.Intn(6) {
			x.disturb(cmd.Process)
		}
		if x.random.Intn(4) == 0 {
			x.restore()
		}
		alive()
	}
	x.restore()
	for end := time.Now().Add(deadline); !sum.online(); time.Sleep(100 * time.Millisecond) {
		_ = cmd.Process.Signal(syscall.SIGUSR1) // again: the system may have put an earlier USR2 after it
		alive()
		if time.Now().After(end) {
			t.Fatalf("not all captured again: %v", sum.states())
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the end: %v", err)
		}
	case <-time.After(deadline):
		t.Fatal("TERM does not end the agent")
	}
	<-counted
	if sum.walked == 0 || sum.walked != sum.received || sum.lost != 0 {
		t.Errorf("%d packets walked, %d given by the kernel; %d events lost", sum.walked, sum.received, sum.lost)
	}
	t.Logf("%d packets sent, %d given, %d dropped, %d statuses", x.sent.Load(), sum.received, sum.dropped, sum.statuses)
}

// stresser disturbs the devices of a stage.
type stresser struct {
	*stage
	random *rand.Rand
	sent   atomic.Uint64
}

// ip does what may fail: the device may be elsewhere at the moment.
func (x *stresser) ip(ns, command string) {
	_ = exec.Command("ip", append([]string{"-n", ns}, strings.Fields(command)...)...).Run()
}

// disturb does one thing to a device or to the agent.
func (x *stresser) disturb(agent *os.Process) {
	name := stressed[x.random.Intn(len(stressed))]
	other := "x" + name
	switch x.random.Intn(11) {
	case 0:
		x.ip(x.client, "link set "+name+" down")
	case 1:
		x.ip(x.client, "link set "+name+" up")
	case 2:
		x.ip(x.client, "link set "+name+" down")
		x.ip(x.client, "link del "+name)
	case 3:
		x.ip(x.client, "link del "+name)
	case 4:
		x.ip(x.client, "link set "+name+" name "+other)
	case 5:
		x.ip(x.client, "link set "+name+" down")
		x.ip(x.client, "link set "+name+" name "+other)
		x.ip(x.client, "link set "+other+" up")
	case 6:
		x.ip(x.client, "link set "+name+" netns "+x.server)
	case 7:
		x.ip(x.client, fmt.Sprintf("link set %s mtu %d", name, 600+x.random.Intn(900)))
	case 8:
		_ = agent.Signal(syscall.SIGUSR2)
	case 9:
		_ = agent.Signal(syscall.SIGUSR1)
	case 10:
		_ = agent.Signal(syscall.SIGHUP)
	}
}

// restore makes every device be there and up, whatever became of it.
func (x *stresser) restore() {
	for _, name := range stressed {
		other := "x" + name
		x.ip(x.server, "link set "+name+" netns "+x.client)
		x.ip(x.client, "link set "+other+" down")
		if name == "sbr0" {
			x.ip(x.client, "link del "+other)
			x.ip(x.client, "link add sbr0 type bridge")
			x.ip(x.client, "link set sc0 master sbr0")
		} else {
			x.ip(x.client, "link set "+other+" name "+name)
			x.ip(x.client, "link add "+name+" type veth peer name far"+name+" netns "+x.server)
			x.ip(x.server, "link set far"+name+" up")
		}
		x.ip(x.client, "link set "+name+" up")
	}
}

// send sends packets into the far ends of the devices until the test ends, as
// far as they are there.
func (x *stresser) send() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	ready := make(chan error, 1)
	go func() {
		defer close(stopped)
		runtime.LockOSThread() // and never unlock: the thread is in another namespace
		fd, err := rawIn(x.server)
		ready <- err
		if err != nil {
			return
		}
		defer unix.Close(fd)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			for _, name := range stressed[:3] {
				dev, err := net.InterfaceByName("far" + name)
				if err != nil {
					continue
				}
				for i := range 40 {
					if unix.Sendto(fd, datagram(n*40+i), 0, &unix.SockaddrLinklayer{Ifindex: dev.Index, Protocol: 8}) == nil {
						x.sent.Add(1)
					}
				}
			}
		}
	}()
	x.Cleanup(func() { close(stop); <-stopped })
	if err := <-ready; err != nil {
		x.Fatal(err)
	}
}

// rawIn gives a packet socket in a named namespace, which the thread enters.
func rawIn(ns string) (int, error) {
	at, err := os.Open("/var/run/netns/" + ns)
	if err != nil {
		return -1, err
	}
	defer at.Close()
	if err := unix.Setns(int(at.Fd()), unix.CLONE_NEWNET); err != nil {
		return -1, fmt.Errorf("setns: %w", err)
	}
	return unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
}

// datagram is an Ethernet frame with UDP of one of many flows, to everyone, so
// that a bridge passes it on.
func datagram(n int) []byte {
	f := []byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 0}
	ip := make([]byte, 28+n%500)
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	order.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	copy(ip[12:], []byte{192, 168, 88, byte(n % 7), 198, 51, 100, byte(n % 5)})
	order.BigEndian.PutUint16(ip[20:], uint16(10000+n%200))
	order.BigEndian.PutUint16(ip[22:], 40000)
	order.BigEndian.PutUint16(ip[24:], uint16(len(ip)-20))
	return append(f, ip...)
}

// tally adds up the statuses of an agent.
type tally struct {
	walked, received, dropped, lost, statuses uint64

	newest atomic.Pointer[map[string]float64] // states
}

// read adds until the agent ends.
func (y *tally) read(r *bufio.Reader) {
	for {
		text, err := r.ReadBytes('\n')
		if err != nil {
			return
		}
		if !strings.Contains(string(text), `"type":"agent_status"`) {
			continue
		}
		var l struct {
			Capture    struct{ Received, Dropped uint64 }
			Stats      map[string]struct{ Raw uint64 }
			Lost       uint64 `json:"client_dropped"`
			Interfaces map[string]struct{ State float64 }
		}
		if json.Unmarshal(text, &l) != nil || l.Stats == nil {
			continue // a greeting
		}
		now := map[string]float64{}
		for name, i := range l.Interfaces {
			now[name] = i.State
		}
		y.newest.Store(&now)
		for _, s := range l.Stats {
			y.walked += s.Raw
		}
		y.received, y.dropped = l.Capture.Received, l.Capture.Dropped
		y.lost = l.Lost
		y.statuses++
	}
}

func (y *tally) states() map[string]float64 {
	if now := y.newest.Load(); now != nil {
		return *now
	}
	return nil
}

// online says that the newest status has every device captured.
func (y *tally) online() bool {
	n := 0
	for _, state := range y.states() {
		if state == 1 {
			n++
		}
	}
	return n == len(stressed)
}
