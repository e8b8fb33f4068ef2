package afpacket

import (
	"os/exec"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// dialDevice gives a packet socket that sends to a device.
func dialDevice(name string) (int, error) {
	d, err := lookup(name)
	if err != nil {
		time.Sleep(time.Millisecond)
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: d.index})
	}
	return fd, err
}

// TestGroupsOfOldKernels: those before Linux 4.12 find no numbers for groups.
func TestGroupsOfOldKernels(t *testing.T) {
	uniqueID = 0xff // a way to share that there is not
	defer func() { uniqueID = unix.PACKET_FANOUT_FLAG_UNIQUEID }()
	here, there := pair(t)
	for _, name := range []string{here, there} {
		shards, err := OpenShards(Config{Interface: name}, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shards {
			defer s.Close()
		}
	}
}

// TestShardsKeepTheirFlows: a flow is in one shard from the first packet on,
// also while the shards are opened, and when its interface comes back.
func TestShardsKeepTheirFlows(t *testing.T) {
	here, there := pair(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // packets of many flows, whatever becomes of the interface
		defer close(stopped)
		for n := uint32(0); ; {
			out, err := dialDevice(there)
			for err == nil {
				select {
				case <-stop:
					_ = unix.Close(out)
					return
				default:
				}
				_, err = unix.Write(out, frame(n, 53, 0, 32))
				if n++; n%64 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
			_ = unix.Close(out)
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	shards, err := OpenShards(Config{Interface: here, Await: true, Wait: 5 * time.Millisecond, Timeout: 5 * time.Millisecond,
		Event: func(c core.Change) {
			if c.Kind == core.Failed {
				t.Error(c)
			}
		}}, 4)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	where := map[uint32]int{}
	strays, total := 0, 0
	readers := readAll(shards, &mu, func(k int, f core.Frame) {
		if len(f.Data) < 46 || f.Data[12] != 8 {
			return
		}
		total++
		flow := number(f.Data) % 512
		if first, ok := where[flow]; ok && first != k {
			strays++
		}
		where[flow] = k
	})
	seen := func() int { mu.Lock(); defer mu.Unlock(); return total }
	more := func() {
		t.Helper()
		was := seen()
		for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			present := true
			for _, s := range shards {
				present = present && s.Present()
			}
			if present && seen() > was+2000 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("no packets come")
			}
		}
	}
	for range 10 {
		more()
		run(t, "ip link del "+here)
		link(t, here, there)
		more()
		run(t, "ip link set "+here+" down")
		running(t, here)
		more()
		run(t, "ip link set "+here+" name other0")
		run(t, "ip link set other0 up")
		_ = exec.Command("ip", "link", "del", "other0").Run()
		link(t, here, there)
	}
	more()
	close(stop)
	<-stopped
	for _, s := range shards {
		_ = s.Close()
	}
	readers.Wait()
	t.Logf("%d packets of %d flows", total, len(where))
	if strays != 0 {
		t.Errorf("%d times a flow changed its shard", strays)
	}
}

// TestGroupEndsWhileOneJoins: a group that has ended meanwhile, since its
// interface went or somebody closed it, is not opened again.
func TestGroupEndsWhileOneJoins(t *testing.T) {
	here, _ := pair(t)
	g := newGroup(2)
	open := func(shard int) (*socket, error) {
		c := Config{Interface: here, fanout: g, shard: shard}
		if err := c.complete(); err != nil {
			t.Fatal(err)
		}
		return openSocket(&c)
	}
	first, err := open(0)
	if err != nil {
		t.Fatal(err)
	}
	late, err := open(1)
	if err != nil {
		t.Fatal(err)
	}
	late.free() // and with it the group
	if !first.shut.Load() {
		t.Error("the other one was not told")
	}
	if mine, _ := g.turn(1); mine {
		t.Error("it would be the turn of the second, though the first has to go")
	}
	var refused error
	_ = first.raw.Control(func(fd uintptr) { refused = g.join(late, int(fd), 1) })
	if refused != errTurn || g.whole() {
		t.Errorf("joins a group that has ended: %v", refused)
	}
	first.free()
	if mine, _ := g.turn(0); !mine {
		t.Error("the first may not come again")
	}
}

// TestShardsOfLoopback: each packet of the loopback interface is given once, not
// as it leaves and as it comes.
func TestShardsOfLoopback(t *testing.T) {
	pair(t) // a namespace of our own
	run(t, "ip link set lo up")
	shards, err := OpenShards(Config{Interface: "lo"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	const n = 50
	out := newSender(t, "lo")
	for i := range uint32(n) {
		out.send(frame(i, 53, 0, 32))
	}
	received := uint64(0)
	for _, s := range shards {
		_ = s.Close()
		received += s.Counters().Received
	}
	if received != n {
		t.Errorf("%d packets given, %d sent", received, n)
	}
}
