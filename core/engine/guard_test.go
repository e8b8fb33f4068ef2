package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/sink"
	"netifyd/detect"
)

// poisoned lets every detector over a carrier panic on bytes that begin with
// "poison", while the test runs.
func poisoned(t *testing.T, over detect.Transport) {
	for i := range detect.Registry {
		card := &detect.Registry[i]
		good := card.Inspect
		if card.Over&over == 0 || good == nil {
			continue
		}
		t.Cleanup(func() { card.Inspect = good })
		card.Inspect = func(in *detect.Input, res *detect.Result) detect.Verdict {
			if strings.HasPrefix(string(in.ToServer), "poison") {
				panic("index out of range")
			}
			return good(in, res)
		}
	}
}

// half sends the first fragment of a datagram whose rest never comes.
func (w *world) half(payload string) {
	b := ipv4(nil, 17, 0xc0a80107, 0xc6336407, udp(nil, 40000, 1900, []byte(payload)))
	b[14+6] = 0x20 // more fragments
	w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
	if n := w.shard.dec.Fragments().Held; n == 0 {
		w.Fatal("no fragment is held")
	}
}

// lives says that flows are recognised, told and ended as ever.
func (w *world) lives() {
	w.Helper()
	w.events()
	c := w.dial("192.168.1.8", 50000, "198.51.100.1", 8080)
	c.up(request)
	c.close()
	w.wait(12 * time.Second)
	if got := story(w.events()); !strings.Contains(got, "flow HTTP false; ") || !strings.Contains(got, "flow_purge closed 5; ") {
		w.Errorf("afterwards: %s", got)
	}
}

const poison = "poison..poison..poison.."

func TestAPanicWhileTimePasses(t *testing.T) {
	poisoned(t, detect.UDP)
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	c.up(request)
	w.half(poison)
	w.wait(40 * time.Second)
	if w.shard.stats.Faults != 1 {
		t.Errorf("%d faults counted, want 1", w.shard.stats.Faults)
	}
	w.lives()
	w.wait(6 * time.Minute)
	if n := w.shard.table.Len(); n != 0 {
		t.Errorf("%d flows never ended", n)
	}
}

func TestAPanicAtTheEnd(t *testing.T) {
	poisoned(t, detect.UDP)
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	c.up(request)
	w.half(poison)
	w.shard.finish(w.iface, true)
	if got := story(w.events()); w.shard.stats.Faults != 1 || !strings.Contains(got, "flow HTTP false; ") || strings.Count(got, "flow_purge terminated") != 2 {
		t.Errorf("%d faults, %s", w.shard.stats.Faults, got)
	}
}

// A datagram that is looked at since the rest of it never comes may fail before
// it has a flow: here nobody is there to note whose it is.
func TestAPanicOfAnIncompleteDatagram(t *testing.T) {
	w := newWorld(t, nil)
	w.half("what is seen of it, and no more.")
	seen := w.shard.seen
	w.shard.seen = nil
	w.shard.expire(w.iface, w.now+int64(time.Minute))
	w.shard.seen = seen
	if n := w.shard.stats.Faults; n != 1 {
		t.Errorf("%d faults, want 1", n)
	}
	w.lives()
}

// What fails need not be a detector: here no catalogue is there while a flow is
// named, told, and ended by the wheel.
func TestAPanicInGivingUp(t *testing.T) {
	poisoned(t, detect.UDP)
	w := newWorld(t, nil)
	half := w.dial("192.168.1.7", 40003, "198.51.100.1", 8080)
	half.up(request[:10])
	if w.shard.slots.InUse() != 1 {
		t.Fatal("the beginning of a request is not kept")
	}
	good := w.shard.set
	broken := *good
	broken.apps = nil
	say := func(port int, text string) {
		w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: layers.UDPPort(port), DstPort: 61234}, text)
	}
	say(40000, "\x01\xff\x80 nothing anybody knows yet")
	w.shard.set = &broken
	say(40001, poison)
	c := w.dial("192.168.1.7", 40002, "198.51.100.1", 8080)
	c.up(request)
	half.close()
	w.wait(40 * time.Second)
	w.shard.set = good
	if n := w.shard.stats.Faults; n == 0 || n > 4 {
		t.Errorf("%d faults, want one for each flow at most", n)
	}
	if n := w.shard.slots.InUse(); n != 0 {
		t.Errorf("%d slots are of flows that are gone", n)
	}
	w.lives()
	w.wait(6 * time.Minute)
	if n := w.shard.table.Len(); n != 0 || w.shard.slots.InUse() != 0 {
		t.Errorf("%d flows never ended, %d slots in use", n, w.shard.slots.InUse())
	}
}

// A flow that gives up its slot for another may fail at that: the other one is not to blame.
func TestAPanicOfTheFlowThatGivesWay(t *testing.T) {
	w := newWorld(t, func(c *config.Config) { c.Slots = 1 })
	bad := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	bad.up(request[:10])
	w.wait(2 * time.Second)
	good := w.shard.set
	broken := *good
	broken.apps = nil
	c := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	w.shard.set = &broken
	c.up(request[:10])
	w.shard.set = good
	c.up(request[10:])
	lines := w.events()
	if got := story(lines); w.shard.stats.Faults != 1 || !strings.Contains(got, "flow HTTP false; ") {
		t.Errorf("%d faults, %s", w.shard.stats.Faults, got)
	}
	if name := lines[len(lines)-1].Flow["host_server_name"]; name != "www.example.org" {
		t.Errorf("the other one did not get the slot: its name is %v", name)
	}
}

// A client that came late is told of all flows but the one that cannot be told.
func TestAPanicWhileAClientIsTold(t *testing.T) {
	w := newWorld(t, nil)
	for n := range 2 {
		c := w.dial("192.168.1.7", 40000+n, "198.51.100.1", 8080)
		c.up(request)
	}
	good := w.shard.set
	broken := *good
	broken.ifaces = nil
	w.shard.set = &broken
	j := new(sink.Join)
	if !w.shard.show(j) {
		t.Error("the client is not done")
	}
	if !w.shard.show(new(sink.Join)) { // another one: the same flows, which are counted already
		t.Error("the second client is not done")
	}
	w.shard.set = good
	if w.shard.stats.Faults != 2 {
		t.Errorf("%d faults, want 2", w.shard.stats.Faults)
	}
	w.lives()
}
