package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core/config"
)

// twoShards are two worlds of one interface: what the second one gets, the
// first one has seen as late as a block of its ring is held.
func twoShards(t *testing.T, change func(*config.Config)) (ahead, behind *world) {
	both := func(c *config.Config) {
		c.Capture.Shards = 2
		if change != nil {
			change(c)
		}
	}
	ahead, behind = newWorld(t, both), newWorld(t, both)
	ahead.shard.hints, ahead.shard.expect, ahead.shard.kin = behind.shard.hints, behind.shard.expect, behind.shard.kin
	return ahead, behind
}

const nobodysBytes = "\x01\xff\x80 nothing anybody knows \x00\xfe"

// final is the newest flow line.
func final(t *testing.T, lines []line) map[string]any {
	t.Helper()
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].Type == "flow" {
			return lines[i].Flow
		}
	}
	t.Fatalf("no flow in %s", story(lines))
	return nil
}

func TestAnotherShardLearnsLate(t *testing.T) {
	answer := func(w *world) {
		w.say("192.168.1.7", "192.168.1.1", &layers.UDP{SrcPort: 33333, DstPort: 53}, dnsQuestion("www.netflix.com"))
		w.say("192.168.1.1", "192.168.1.7", &layers.UDP{SrcPort: 53, DstPort: 33333}, dnsAnswer("www.netflix.com", "198.51.100.9", 60))
	}
	for _, c := range []struct {
		what   string
		change func(*config.Config)
		end    func(w *world)
	}{
		{"while it lives", nil, func(w *world) { w.wait(3 * time.Second) }},
		{"as it ends", nil, func(w *world) { w.shard.finish(w.iface, true) }},
	} {
		t.Run(c.what, func(t *testing.T) {
			ahead, behind := twoShards(t, c.change)
			x := ahead.dial("192.168.1.7", 40000, "198.51.100.9", 61000)
			for range 40 { // until detection gives up
				x.up(nobodysBytes)
			}
			ahead.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: 5000, DstPort: 61000}, nobodysBytes)
			ahead.events()
			behind.now = ahead.now - 50e6 // it was before, and comes later
			answer(behind)
			c.end(ahead)
			lines := ahead.events()
			named := 0
			for _, l := range lines {
				if l.Type == "flow" && l.Flow["dns_host_name"] == "www.netflix.com" && l.Flow["detected_application_name"] == "netify.netflix" && l.Flow["detection_updated"] == true && l.Flow["detection_confidence"] == "hint" {
					named++
				}
			}
			if named != 2 {
				t.Errorf("%d of 2 flows are named: %s", named, story(lines))
			}
		})
	}
	t.Run("an answer that comes after", func(t *testing.T) {
		ahead, behind := twoShards(t, nil)
		ahead.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: 5000, DstPort: 61000}, nobodysBytes)
		behind.now = ahead.now + 1100e6
		answer(behind)
		ahead.wait(10 * time.Second)
		if f := final(t, ahead.events()); f["dns_host_name"] != nil {
			t.Errorf("named by what was not known yet: %v", f["dns_host_name"])
		}
	})
	t.Run("one shard looks once", func(t *testing.T) {
		w := newWorld(t, nil)
		w.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: 5000, DstPort: 61000}, nobodysBytes)
		answer(w)
		w.wait(10 * time.Second)
		for _, l := range w.events() {
			if l.Flow["other_port"] == 61000.0 && l.Flow["dns_host_name"] != nil {
				t.Error("named by an answer that came later")
			}
		}
	})
}

func TestAnotherShardAnnouncesLate(t *testing.T) {
	ahead, behind := twoShards(t, nil)
	x := ahead.dial("192.168.1.7", 40001, "198.51.100.20", 5000)
	x.up(nobodysBytes)
	x.down(strings.Repeat("data of a file ", 10))
	behind.now = ahead.now - 50e6
	control := behind.dial("192.168.1.7", 40000, "198.51.100.20", 21)
	control.down("220 FTP server\r\n")
	control.up("USER a\r\n")
	control.up("PASV\r\n")
	control.down("227 Entering (198,51,100,20,19,136)\r\n")
	ahead.wait(3 * time.Second)
	x.close()
	ahead.wait(15 * time.Second)
	lines := ahead.events()
	if f := final(t, lines); f["detected_protocol_name"] != "FTP/D" || f["detection_guessed"] != false {
		t.Errorf("%v: %s", fmt.Sprint(f["detected_protocol_name"]), story(lines))
	}
}

// One shard knows what was answered before a flow was told of, to the packet:
// two know no more, and no less where the same is answered again.
func TestWhatWasKnownThen(t *testing.T) {
	answer := func(w *world, at int64) {
		w.now = at
		w.say("192.168.1.7", "192.168.1.1", &layers.UDP{SrcPort: 33333, DstPort: 53}, dnsQuestion("www.netflix.com"))
		w.say("192.168.1.1", "192.168.1.7", &layers.UDP{SrcPort: 53, DstPort: 33333}, dnsAnswer("www.netflix.com", "198.51.100.9", 60))
	}
	for _, c := range []struct {
		what    string
		answers []int64 // ms from the flow's packet on
		named   bool
	}{
		{"a moment after", []int64{50}, false},
		{"a moment before", []int64{-50}, true},
		{"before and after", []int64{-50, 1500}, true},
	} {
		ahead, behind := twoShards(t, nil)
		ahead.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: 5000, DstPort: 61000}, nobodysBytes)
		for range 40 {
			ahead.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: 5000, DstPort: 61000}, nobodysBytes)
		}
		then := ahead.now
		for _, ms := range c.answers {
			answer(behind, then+ms*1e6)
		}
		ahead.wait(10 * time.Second)
		if name := final(t, ahead.events())["dns_host_name"]; (name != nil) != c.named {
			t.Errorf("%s: %v", c.what, name)
		}
	}
}
