package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/config"
	"netifyd/detect/app"
)

// rulesOf reads rules for a test.
func rulesOf(t testing.TB, text string) *config.Config {
	c, _, err := config.Parse("test.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	c.Rules.File, c.Rules.GroupsDir = "none", ""
	return c
}

// judged lets rules judge the flows of a world.
func judged(t testing.TB, w *world, text string) *action.Room {
	c := rulesOf(t, text)
	own, _, _, _ := action.Documents(c)
	set, _, err := action.Compile(nil, ruleNames(c, app.Default()), "", own)
	if err != nil {
		t.Fatal(err)
	}
	room := action.NewRoom(action.Options{Queue: 16})
	room.Announce(set)
	w.shard.door = room.Door(w.shard.table.Cap(), false)
	w.shard.door.Take(w.now)
	return room
}

func TestRulesJudgeFlows(t *testing.T) {
	w := newWorld(t, nil)
	room := judged(t, w, `
[[action]]
name = "http"
criteria = "proto == 'HTTP' && local_ip == 192.168.1.7"
[[action]]
name = "host"
criteria = "detected_hostname == 'rx:example'"
[[action]]
name = "decided"
criteria = "detection_complete"
[[action]]
name = "other"
criteria = "proto == 'DNS'"
`)
	living := func() (s string) {
		for _, r := range room.Rules(w.now) {
			s += fmt.Sprintf("%s %d/%d ", r.Name, r.Living, r.Hits)
		}
		return strings.TrimSpace(s)
	}
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	if got := living(); got != "http 0/0 host 0/0 decided 0/0 other 0/0" {
		t.Errorf("of a flow without a payload: %s", got)
	}
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	if got := living(); got != "http 1/1 host 1/1 decided 1/1 other 0/0" {
		t.Errorf("of a request: %s", got)
	}
	w.shard.finish(w.iface, false)
	if got := living(); got != "http 0/1 host 0/1 decided 0/1 other 0/0" {
		t.Errorf("at the end: %s", got)
	}
}

func TestRulesAllocateNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.shard.out = silent{}
	var text strings.Builder
	for i := range 64 {
		fmt.Fprintf(&text, "[[action]]\nname = \"r%d\"\ncriteria = \"%s\"\ntargets = [\"t\"]\n", i,
			[]string{"proto == 'HTTP' && local_ip == 192.168.1.0/24", "device == 'tv'", "detected_hostname == 'rx:exa.*'", "ai:netflix or category == 'games'"}[i%4])
	}
	text.WriteString("[[target]]\nname = \"t\"\ntype = \"log\"\n")
	room := judged(t, w, text.String())
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	b := core.Batch{Frames: captured(t, w), Now: w.now}
	if n := testing.AllocsPerRun(500, func() { w.shard.walk(w.iface, &b) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
	if sum := room.Sum(w.now); sum.Hits == 0 || sum.Lost == 0 {
		t.Errorf("%+v", sum)
	}
}

// A replay decides the same each time.
func TestReplayDecidesTheSame(t *testing.T) {
	c := rulesOf(t, "[[action]]\nname = \"a\"\ncriteria = \"proto == 'DNS'\"\n[[action]]\nname = \"b\"\ncriteria = \"other_port == 53 && ip_version == 6\"\n")
	var first []action.RuleStatus
	for range 3 {
		sum, err := Replay(c, app.Default(), "../../testdata/dns.pcap", "dns", silent{})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = sum.Rules
		}
		if !reflect.DeepEqual(first, sum.Rules) || sum.Rules[0].Hits != 14 || sum.Rules[1].Hits != 1 || sum.Rules[0].Living != 0 {
			t.Errorf("%+v", sum.Rules)
		}
	}
	var hosts []string
	total, warnings, err := TryFile(c, app.Default(), "../../testdata/dns.pcap", "ip_version == 6 or app == 'nosuch'", func(m *Match) { hosts = append(hosts, m.Host+" "+m.Other.String()) })
	if err != nil || total != 14 || len(warnings) != 1 || strings.Join(hosts, ",") != "www.example.test [fd00:9::2]:53" {
		t.Errorf("%d flows, %v, %v, %v", total, hosts, warnings, err)
	}
}

const logged = `{"targets": {"l": {"target_type": "log", "path": %q, "prefix": "t", "interval": 60}},
"actions": {"web": {"criteria": "proto == 'HTTP'", "targets": ["l"]}}}`

// The original's JSON, read by a running agent, writes flows to a file; a reload
// takes over what changed, and a wrong file changes nothing.
func TestRulesOfRunningAgent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rules.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(fmt.Sprintf(logged, dir))
	src := newHeap()
	next := new(config.Config)
	e, end := running(t, src, func(c *config.Config) {
		c.UpdateInterval = time.Hour
		c.Rules.File, c.Rules.GroupsDir = path, ""
		*next = *c
	})
	src.put(get(1))
	hits := func(name string) uint64 {
		for _, r := range e.rules.Rules(time.Now().UnixNano()) {
			if r.Name == name {
				return r.Hits
			}
		}
		return 0
	}
	eventually(t, "a hit", func() bool { return hits("web") == 1 })
	eventually(t, "a line", func() bool {
		files, _ := filepath.Glob(filepath.Join(dir, "t*.json"))
		for _, f := range files {
			if text, _ := os.ReadFile(f); strings.Contains(string(text), "web") {
				return true
			}
		}
		return false
	})
	write(`{"actions": {"web": {"criteria": "proto = 'HTTP'"}}}`)
	if err := e.Reload(next); err != nil {
		t.Errorf("a file of rules that is wrong keeps a reload from all else: %v", err)
	}
	src.put(get(2))
	eventually(t, "a hit of the rules of before", func() bool { return hits("web") == 2 })
	next.Actions = []config.Action{{Name: "own", Enabled: true, Criteria: "proto == 'HTTP", Line: 3}}
	write("{}")
	if err := e.Reload(next); err == nil || !strings.Contains(err.Error(), "rule own: criteria: column 10: the text has no closing quote") {
		t.Errorf("%v", err)
	}
	next.Actions[0].Criteria = "proto == 'HTTP'"
	if err := e.Reload(next); err != nil {
		t.Error(err)
	}
	eventually(t, "living flows are judged anew", func() bool { return hits("own") == 2 })
	if list := e.rules.Rules(0); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	e.Do(e.tellStatus)
	e.status.mu.Lock()
	a := e.status.last.Actions
	e.status.mu.Unlock()
	if a == nil || a.Rules != 1 || a.Flows != 2 {
		t.Errorf("%+v", a)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// TestPrompt: where rules act blocks wait for 2 ms, so there are enough of them
// to outlast a processor that is busy for a tenth of a second.
func TestPrompt(t *testing.T) {
	for _, c := range []struct{ ring, block, snap, want int }{
		{2048, 128, 16384, 32}, {1024, 128, 16384, 32},
		{2048, 128, 65535, 128}, // a packet shall fit
		{2048, 16, 16384, 16},
		{200, 100, 16384, 100}, // no multiple
	} {
		x := config.Capture{RingKB: c.ring, BlockKB: c.block, SnapLength: c.snap, Timeout: 100 * time.Millisecond}
		if prompt(&x); x.BlockKB != c.want || x.Timeout != 2*time.Millisecond || x.RingKB != c.ring {
			t.Errorf("%+v: %+v", c, x)
		}
	}
	x := config.Capture{Timeout: time.Millisecond}
	if prompt(&x); x.Timeout != time.Millisecond {
		t.Errorf("a shorter time became %v", x.Timeout)
	}
}
