package afpacket

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"netifyd/core"
)

// TestAwait: an interface that is not there at the start is captured when it comes.
func TestAwait(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		run(t, "ip link del "+here)
		told := newEvents(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Await: true, Wait: 10 * time.Millisecond, Timeout: 5 * time.Millisecond, Event: told.tell})
		if s.Present() || !strings.Contains(s.Notice(), here+" is not there: waiting for it to come; there is lo") {
			t.Errorf("%s: present %v, notice %q", method, s.Present(), s.Notice())
		}
		r := read(t, s)
		link(t, here, there)
		told.want(core.Came)
		newSender(t, there).send(frame(1, 53, 0, 40))
		r.want(1)
		if !s.Present() {
			t.Error(method, ": captured and not present")
		}
		run(t, "ip link set "+here+" down")
		for deadline := time.Now().Add(patience); s.Present(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(method, ": present while it is down")
			}
		}
		run(t, "ip link del "+here)
		told.until(core.Vanished)
		if s.Present() {
			t.Error(method, ": present while it is gone")
		}
		r.none()
	}
}

func TestAwaitErrors(t *testing.T) {
	pair(t)
	if _, err := Open(Config{Interface: "later0", Await: true, Filter: "prot 5"}); err == nil || !strings.Contains(err.Error(), "filter") {
		t.Error("a wrong filter is told at once: ", err)
	}
	s := mustOpen(t, Config{Interface: "later0", Await: true})
	_ = s.Close()
	if err := s.Next(new(core.Batch)); err == nil {
		t.Error("no end after Close")
	}
	s = mustOpen(t, Config{Interface: "later0", Await: true, Wait: time.Hour})
	read(t, s).none()
}

// TestAwaitShards: shards of an interface that comes later, or is down at the
// start, share its packets.
func TestAwaitShards(t *testing.T) {
	for _, how := range []string{"absent", "down"} {
		here, there := pair(t)
		if how == "absent" {
			run(t, "ip link del "+here)
		} else {
			run(t, "ip link set "+here+" down")
			if _, err := OpenShards(Config{Interface: here}, 2); err == nil || !strings.Contains(err.Error(), "set it up first") {
				t.Errorf("two shards of an interface that is down: %v", err)
			}
		}
		shards, err := OpenShards(Config{Interface: here, Await: true, Wait: 5 * time.Millisecond, Timeout: 5 * time.Millisecond}, 2)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		seen := map[uint32]int{}
		parts := [2]int{}
		readers := readAll(shards, &mu, func(k int, f core.Frame) {
			seen[number(f.Data)]++
			parts[k]++
		})
		if how == "absent" {
			link(t, here, there)
		} else {
			running(t, here)
		}
		for deadline := time.Now().Add(patience); !shards[0].Present() || !shards[1].Present(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(how, ": not captured")
			}
		}
		out := newSender(t, there)
		const n = 1000
		for i := range uint32(n) {
			out.send(frame(i, 53, 0, 32))
		}
		for _, s := range shards {
			_ = s.Close()
		}
		readers.Wait()
		if len(seen) != n || parts[0]+parts[1] != n || parts[0] == 0 || parts[1] == 0 {
			t.Errorf("%s: %d packets, %v in the shards, of %d", how, len(seen), parts, n)
		}
		_ = exec.Command("ip", "link", "del", here).Run()
	}
}

// TestZeroCopyVanish: the packets of an interface that vanishes are read by
// gopacket's method too, and what follows is waited for.
func TestZeroCopyVanish(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Wait: 10 * time.Millisecond})
		out := newSender(t, there)
		for i := range uint32(50) {
			out.send(frame(i, 53, 0, 100))
		}
		run(t, "ip link del "+here)
		for i := range uint32(50) {
			if data, _, err := s.ZeroCopyReadPacketData(); err != nil || number(data) != i {
				t.Fatalf("%s: packet %d: %v", method, i, err)
			}
		}
		link(t, here, there)
		out = newSender(t, there)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { // before it is captured again, too
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					_ = out.try(frame(50, 53, 0, 100))
				}
			}
		}()
		if data, info, err := s.ZeroCopyReadPacketData(); err != nil || number(data) != 50 {
			t.Errorf("%s: %+v %v", method, info, err)
		}
		close(stop)
		<-stopped
		finish(s)
		run(t, "ip link del "+here)
	}
}

// TestVerifierSays: whoever loads at the same time, each refusal comes with its reason.
func TestVerifierSays(t *testing.T) {
	bad := []insn{{code: opExit}} // register 0 was never set
	if _, err := loadProgram(bad); err == nil || len(err.Error()) < 40 {
		t.Skip("no verifier here: ", err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 200 {
				if _, err := loadProgram(append([]insn(nil), bad...)); err == nil || !strings.Contains(err.Error(), "R0") {
					t.Errorf("%v", err)
				}
			}
		}()
	}
	all.Wait()
}

// TestShuntOutlivesInterface: what the kernel has counted is there while the
// interface is gone, and its program works again once it is back.
func TestShuntOutlivesInterface(t *testing.T) {
	here, there := pair(t)
	told := newEvents(t)
	s := mustOpen(t, Config{Interface: here, Method: Ring, Shunt: 64, Wait: 5 * time.Millisecond, Timeout: 5 * time.Millisecond, Event: told.tell})
	if err := s.shunt.err; err != nil {
		finish(s)
		without(t, err)
	}
	tuple := &core.Tuple{Src: [16]byte{10, 0, 0, 1}, Dst: [16]byte{10, 0, 0, 2}, SrcPort: 1024 + 7, DstPort: 4000, Protocol: 17, Version: 4}
	if err := s.Shunt(tuple); err != nil {
		t.Fatal(err)
	}
	r := read(t, s)
	out := newSender(t, there)
	for range 10 {
		out.send(frame(7, 4000, 0, 100))
	}
	out.send(frame(8, 4000, 0, 100))
	r.want(1)
	run(t, "ip link del "+here)
	told.until(core.Vanished)
	if c, ok := s.Shunted(tuple); !ok || c.Packets != 10 {
		t.Errorf("%+v %v while the interface is gone", c, ok)
	}
	link(t, here, there)
	told.until(core.Returned)
	out = newSender(t, there)
	for range 10 {
		out.send(frame(7, 4000, 0, 100))
	}
	out.send(frame(8, 4000, 0, 100))
	if f := r.want(1)[0]; number(f.bytes) != 8 {
		t.Errorf("packet of flow %d is lent", number(f.bytes))
	}
	if c, ok := s.Shunted(tuple); !ok || c.Packets != 20 {
		t.Errorf("%+v %v after its return", c, ok)
	}
	r.none()
}

// TestShuntAfterManyRedials: an interface that goes and comes again and again,
// as PPPoE does, costs no place among the shunted flows and no descriptor,
// whether flows end while it is there or while it is gone.
func TestShuntAfterManyRedials(t *testing.T) {
	here, there := pair(t)
	told := newEvents(t)
	const places = 16
	s := mustOpen(t, Config{Interface: here, Method: Ring, Shunt: places, Wait: 2 * time.Millisecond, Timeout: 2 * time.Millisecond, Event: told.tell})
	if err := s.shunt.err; err != nil {
		finish(s)
		without(t, err)
	}
	tuple := func(n int) *core.Tuple {
		return &core.Tuple{Src: [16]byte{10, 0, 0, 1}, Dst: [16]byte{10, 0, 0, 2}, SrcPort: uint16(1024 + n), DstPort: 4000, Protocol: 17, Version: 4}
	}
	r := read(t, s)
	descriptors := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before, rounds := 0, 6
	for round := range rounds {
		for n := range places { // all places are there, every time
			if err := s.Shunt(tuple(n)); err != nil {
				t.Fatalf("round %d, flow %d: %v", round, n, err)
			}
		}
		out := newSender(t, there)
		out.send(frame(uint32(round%places), 4000, 0, 100))
		out.send(frame(places, 4000, 0, 100))
		if f := r.want(1)[0]; number(f.bytes) != places {
			t.Fatalf("round %d: packet of flow %d is lent", round, number(f.bytes))
		}
		for n := range places / 2 {
			s.Unshunt(tuple(n))
		}
		run(t, "ip link del "+here)
		told.until(core.Vanished)
		if err := s.Shunt(tuple(places)); err == nil {
			t.Fatal("a flow is left to the kernel at an interface that is not there")
		}
		for n := places / 2; n < places; n++ {
			s.Unshunt(tuple(n))
			s.Unshunt(tuple(n)) // and once too often
		}
		link(t, here, there)
		told.until(core.Returned)
		if round == 0 {
			before = descriptors()
		}
	}
	want := before + rounds - 1 // each round has a sender of its own
	// The reader holds one more for a moment, whenever it looks for the interface.
	for deadline := time.Now().Add(patience); descriptors() > want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors, %d expected after %d rounds", descriptors(), want, rounds)
		}
	}
	if s.shunt.marked != ([1 << markBits]uint8{}) {
		t.Error("hashes of flows that have ended are still marked")
	}
}

// TestStoppedWhileOpening: a program that is told to end while the kernel makes
// its rings makes no more of them, and leaves none.
func TestStoppedWhileOpening(t *testing.T) {
	here, _ := pair(t)
	stop := make(chan struct{})
	close(stop)
	shards, err := OpenShards(Config{Interface: here, Stop: stop}, 2)
	if !errors.Is(err, os.ErrClosed) || shards != nil {
		t.Errorf("%d sources, %v", len(shards), err)
	}
}

// TestNoShuntOfWhatHasEnded: a socket that has ended gets no packet more, also
// where a flow is to be left to the kernel for the first time: its filter would
// take the place of the one that takes nothing.
func TestNoShuntOfWhatHasEnded(t *testing.T) {
	here, there := pair(t)
	s := mustOpen(t, Config{Interface: here, Method: Ring, Shunt: 64, Wait: 5 * time.Millisecond, Timeout: 5 * time.Millisecond})
	defer finish(s)
	if s.shunt.err != nil {
		without(t, s.shunt.err)
	}
	s.sock.settle()
	tuple := &core.Tuple{Src: [16]byte{10, 0, 0, 1}, Dst: [16]byte{10, 0, 0, 2}, SrcPort: 1024 + 7, DstPort: 4000, Protocol: 17, Version: 4}
	if err := s.Shunt(tuple); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a flow is left to the kernel: %v", err)
	}
	out := newSender(t, there)
	for range 10 {
		out.send(frame(8, 4000, 0, 100))
	}
	if c := s.Counters(); c.Received != 0 {
		t.Errorf("%d packets came after the end", c.Received)
	}
}
