package afpacket

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"netifyd/core"
)

// all reads until the end and gives the numbers of the frames. Each byte is
// touched after the loan began: a fault, were the memory gone.
func all(t *testing.T, s *Source) (got []uint32) {
	t.Helper()
	var b core.Batch
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		err := s.Next(&b)
		for _, f := range b.Frames {
			got = append(got, number(f.Data))
		}
		if errors.Is(err, os.ErrClosed) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("Close does not end it")
	return nil
}

// TestCloseLosesNothing: what came before Close is lent, also that of a block
// which the kernel would give in a minute.
func TestCloseLosesNothing(t *testing.T) {
	for _, method := range methods {
		for _, timeout := range []time.Duration{time.Minute, 20 * time.Millisecond} {
			here, there := pair(t)
			s := mustOpen(t, Config{Interface: here, Method: method, Timeout: timeout, Wait: time.Millisecond})
			var b core.Batch
			if err := s.Next(&b); err != nil { // who reads, reads to the end
				t.Fatal(err)
			}
			out := newSender(t, there)
			for i := range uint32(100) {
				out.send(frame(i, 53, 0, 1400/(1+int(i)%7)))
			}
			_ = s.Close()
			out.send(frame(100, 53, 0, 40))
			if got := all(t, s); len(got)+len(b.Frames) != 100 {
				t.Errorf("%s, %v: %d of 100 packets", method, timeout, len(got))
			}
			if c := s.Counters(); c.Received != 100 || c.Dropped != 0 {
				t.Errorf("%s, %v: counters %+v", method, timeout, c)
			}
			run(t, "ip link del "+here)
		}
	}
}

// TestVanishLosesNothing: an interface with traffic goes down, then goes, is
// renamed, or moves away. Every packet that the kernel has counted is lent, and
// stays readable until the next call.
func TestVanishLosesNothing(t *testing.T) {
	for _, method := range methods {
		for _, how := range [][]string{
			{"ip link set here0 down", "ip link del here0"},
			{"ip link del here0"},
			{"ip link set here0 down", "ip link set here0 name gone0"},
			{"ip link set here0 down", "ip link set here0 name gone0", "ip link add name here0 type veth peer name other0"},
			{"ip link set here0 netns " + elsewhere(t)},
		} {
			here, there := pair(t)
			told := newEvents(t)
			s := mustOpen(t, Config{Interface: here, Method: method, Wait: 10 * time.Millisecond, Event: told.tell})
			stop := make(chan struct{})
			sent := make(chan struct{})
			out := newSender(t, there)
			go func() {
				defer close(sent)
				for i := uint32(0); ; i++ {
					select {
					case <-stop:
						return
					default:
						_ = out.try(frame(i, 53, 0, 200))
					}
				}
			}()
			lent, vanished := uint64(0), false
			var b core.Batch
			var sum byte
			for deadline := time.Now().Add(patience); !vanished; {
				if err := s.Next(&b); err != nil || time.Now().After(deadline) {
					t.Fatalf("%s, %v: %v", method, how, err)
				}
				if lent == 0 && len(b.Frames) > 0 {
					for _, command := range how {
						run(t, command)
					}
				}
				lent += uint64(len(b.Frames))
				for _, f := range b.Frames {
					for _, v := range f.Data {
						sum += v
					}
				}
				select {
				case v := <-told.ch:
					vanished = v.Kind == core.Vanished
				default:
				}
			}
			close(stop)
			<-sent
			if c := s.Counters(); c.Received-c.Dropped != lent || lent == 0 {
				t.Errorf("%s, %v: %d packets lent, counters %+v", method, how, lent, c)
			}
			finish(s)
			for _, name := range []string{"here0", "gone0", "there0", "other0"} {
				_ = exec.Command("ip", "link", "del", name).Run()
			}
		}
	}
}

// TestCloseHalfDone: the reader may see that Close was called before Close has
// told the kernel to give no more packets. Once the reader drains, none comes
// any more, or the last would be counted and not lent.
func TestCloseHalfDone(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Timeout: 10 * time.Millisecond, Wait: time.Millisecond})
		var b core.Batch
		if err := s.Next(&b); err != nil {
			t.Fatal(err)
		}
		out := newSender(t, there)
		out.send(frame(0, 53, 0, 40))
		s.state.Or(closed) // as far as Close has come
		if err := s.Next(&b); err != nil || len(b.Frames) != 1 {
			t.Fatalf("%s: %d packets, %v", method, len(b.Frames), err)
		}
		for i := range uint32(10) {
			out.send(frame(1+i, 53, 0, 40))
		}
		if got := all(t, s); len(got) != 0 {
			t.Errorf("%s: %d packets came after the drain began", method, len(got))
		}
		if c := s.Counters(); c.Received != 1 || c.Dropped != 0 {
			t.Errorf("%s: counters %+v", method, c)
		}
		run(t, "ip link del "+here)
	}
}

// TestDownThenGone: the block that the kernel still fills is given only once the
// interface has gone down and away.
func TestDownThenGone(t *testing.T) {
	for _, method := range methods {
		here, there := pair(t)
		told := newEvents(t)
		s := mustOpen(t, Config{Interface: here, Method: method, Timeout: 300 * time.Millisecond, Wait: 10 * time.Millisecond, Event: told.tell})
		var b core.Batch
		if err := s.Next(&b); err != nil {
			t.Fatal(err)
		}
		out := newSender(t, there)
		for i := range uint32(10) {
			out.send(frame(i, 53, 0, 100))
		}
		run(t, "ip link set "+here+" down")
		lent, down, gone := 0, false, false
		for deadline := time.Now().Add(patience); !gone; {
			if err := s.Next(&b); err != nil || time.Now().After(deadline) {
				t.Fatalf("%s: %v", method, err)
			}
			for _, f := range b.Frames {
				if number(f.Data) != uint32(lent) {
					t.Errorf("%s: packet %d, not %d", method, number(f.Data), lent)
				}
				lent++
			}
			select {
			case v := <-told.ch:
				if gone = v.Kind == core.Vanished; v.Kind == core.Down && !down {
					down = true
					run(t, "ip link del "+here)
				}
			default:
			}
		}
		if lent != 10 || !down {
			t.Errorf("%s: %d of 10 packets, told that it is down: %v", method, lent, down)
		}
		finish(s)
	}
}

// elsewhere is a process in a network namespace of its own.
func elsewhere(t *testing.T) string {
	t.Helper()
	if noNamespace != "" {
		t.Skip(noNamespace)
	}
	c := exec.Command("unshare", "-n", "sh", "-c", "echo; exec cat")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Skip("needs unshare of util-linux: ", err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = c.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Skip("no namespace: ", err)
	}
	return strconv.Itoa(c.Process.Pid)
}

// TestOtherOfThatName: the name goes to another interface while the one that is
// captured is up. Nothing tells of it.
func TestOtherOfThatName(t *testing.T) {
	here, there := pair(t)
	run(t, "ip link add name other0 type veth peer name other1")
	told := newEvents(t)
	s := mustOpen(t, Config{Interface: here, Wait: 10 * time.Millisecond, Timeout: 5 * time.Millisecond, Event: told.tell})
	r := read(t, s)
	newSender(t, there).send(frame(1, 53, 0, 40))
	r.want(1)
	if exec.Command("ip", "link", "set", here, "name", "old0").Run() != nil {
		t.Skip("this kernel renames no interface that is up")
	}
	t.Cleanup(func() { _ = exec.Command("ip", "link", "del", "old0").Run() })
	run(t, "ip link set other0 name "+here)
	running(t, here, "other1")
	told.until(core.Vanished)
	told.until(core.Returned)
	newSender(t, there).send(frame(2, 53, 0, 40))
	newSender(t, "other1").send(frame(3, 53, 0, 40))
	if f := r.want(1)[0]; number(f.bytes) != 3 {
		t.Errorf("packet %d of the old interface", number(f.bytes))
	}
	r.none()
}

// TestForgottenFrames: whoever closes and forgets a source may still read what
// it lent.
func TestForgottenFrames(t *testing.T) {
	here, there := pair(t)
	data := func() []byte {
		s := mustOpen(t, Config{Interface: here, Timeout: time.Millisecond})
		newSender(t, there).send(frame(1, 53, 0, 100))
		var b core.Batch
		for len(b.Frames) == 0 {
			if err := s.Next(&b); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.Close()
		return b.Frames[0].Data
	}()
	for deadline := time.Now().Add(patience); mapped(); runtime.Gosched() {
		if runtime.GC(); time.Now().After(deadline) {
			t.Fatal("the ring is still mapped")
		}
	}
	if number(data) != 1 {
		t.Errorf("% x", data)
	}
}

// mapped says whether a ring is mapped.
func mapped() bool {
	maps, _ := os.ReadFile("/proc/self/maps")
	return strings.Contains(string(maps), "socket:")
}
