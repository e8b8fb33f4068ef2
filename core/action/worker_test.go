package action

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"netifyd/core/config"
	"netifyd/core/expr"
)

// probe is a target that counts how many flows want each element, as sets do.
// Its element is the other address's first byte, so that flows share some.
type probe struct {
	mu     sync.Mutex
	spec   config.Target
	stale  func()
	fail   error
	wanted map[byte]int
	set    map[byte]bool // as sets hold it: what Sync finds missing comes with its second walk
	before func()        // called once: when the next Sync begins,
	amid   func()        // and between its walks
	calls  []string
	count  Count
	closed bool
	wrong  string // what no target should be told
}

func (p *probe) call(format string, args ...any) {
	if len(p.calls) < 1000 {
		p.calls = append(p.calls, fmt.Sprintf(format, args...))
	}
}

func (p *probe) Add(s *Subject, ttl uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.call("add %d for %d", s.Other[0], ttl)
	if p.fail != nil {
		p.count.Errors++
		return p.fail
	}
	p.wanted[s.Other[0]]++
	p.set[s.Other[0]] = true
	p.count.Added++
	return nil
}

func (p *probe) Remove(s *Subject) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.call("remove %d", s.Other[0])
	if p.wanted[s.Other[0]] == 0 {
		p.wrong = fmt.Sprintf("remove %d, which nobody wants", s.Other[0])
		return nil
	}
	if p.wanted[s.Other[0]]--; p.wanted[s.Other[0]] == 0 {
		delete(p.wanted, s.Other[0])
		delete(p.set, s.Other[0])
	}
	p.count.Removed++
	return nil
}

func (p *probe) Sync(all iter.Seq2[*Subject, uint32]) error {
	p.mu.Lock()
	before, amid := p.before, p.amid
	p.before, p.amid = nil, nil
	p.mu.Unlock()
	if before != nil {
		before()
	}
	list, set := map[byte]int{}, map[byte]bool{}
	for s := range all {
		list[s.Other[0]]++
	}
	if amid != nil {
		amid()
	}
	for s := range all { // as some do
		set[s.Other[0]] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.call("sync %d", len(list))
	if p.fail != nil {
		p.count.Errors++
		return p.fail
	}
	p.wanted, p.set = list, set
	return nil
}

func (p *probe) Flush() error { return nil }

func (p *probe) Count() Count {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count.Elements = uint64(len(p.wanted))
	return p.count
}

func (p *probe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

func (p *probe) has() map[byte]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.wanted)
}

// shard is a table of flows with a door, as the engine's.
type shard struct {
	mu    sync.Mutex
	door  *Door
	flows []*expr.Input
	now   int64
}

func (s *shard) subject(i int) (x Subject) {
	a := s.flows[i].OtherIP.As4()
	copy(x.Other[:], a[:])
	return x
}

func (s *shard) judge(i int, in *expr.Input) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows[i] = in
	s.again(i)
}

func (s *shard) again(i int) {
	if c := s.door.Judge(i, s.flows[i], s.now); c.Any() {
		x := s.subject(i)
		s.door.Send(c, i, &x)
	}
}

func (s *shard) end(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flows[i] == nil {
		return
	}
	if c := s.door.End(i); c.Any() {
		x := s.subject(i)
		s.door.Send(c, i, &x)
	}
	s.flows[i] = nil
}

// tick lets time pass and judges anew what is to be.
func (s *shard) tick(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now.UnixNano()
	s.door.Tick(s.now)
	for i := s.door.Redo(len(s.flows)); i >= 0; i = s.door.Redo(len(s.flows)) {
		if s.flows[i] != nil {
			s.again(i)
		}
	}
}

// house is a room with shards.
type house struct {
	*testing.T
	room   *Room
	shards []*shard
	mu     sync.Mutex
	open   map[string]*probe
	opened int
	refuse error // of Open
	said   []string
}

func newHouse(t *testing.T, text string, shards, places, queue int) *house {
	h := &house{T: t, open: map[string]*probe{}}
	h.room = NewRoom(Options{Queue: queue,
		Open: func(spec *config.Target, labels string, stale func()) (Target, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.opened++
			if h.refuse != nil {
				return nil, h.refuse
			}
			p := &probe{spec: *spec, stale: stale, wanted: map[byte]int{}, set: map[byte]bool{}}
			h.open[spec.Name] = p
			return p, nil
		},
		Flows: func(k, at int, mask uint64, list []Subject, mark bool) (n, next int) {
			s := h.shards[k]
			s.mu.Lock()
			defer s.mu.Unlock()
			if mark {
				s.door.Mark(at)
			}
			end := min(Piece(at), len(s.flows))
			for i := at; i < end; i++ {
				if slots, rule := s.door.Slots(i, mask); slots != 0 {
					list[n] = s.subject(i)
					list[n].Rule = rule
					n++
				}
			}
			if end == len(s.flows) {
				end = -1
			}
			return n, end
		},
		Say: func(warn bool, text string) {
			h.mu.Lock()
			h.said = append(h.said, text)
			h.mu.Unlock()
		},
	})
	h.room.worker.pace(time.Millisecond, time.Millisecond)
	for range shards {
		s := &shard{flows: make([]*expr.Input, places), now: 1e18}
		s.door = h.room.Door(places, false)
		h.shards = append(h.shards, s)
	}
	h.reload(text)
	h.room.Start()
	t.Cleanup(func() { h.room.Close(time.Now().Add(time.Second)) })
	return h
}

func (h *house) reload(text string) {
	h.Helper()
	c, _, err := config.Parse("test.toml", text)
	if err != nil {
		h.Fatal(err)
	}
	own := &Document{Path: "test.toml", Rules: c.Rules, Actions: c.Actions, Targets: c.Targets, Groups: c.Groups}
	set, _, err := Compile(h.room.Set(), sampleNames, "", own)
	if err != nil {
		h.Fatal(err)
	}
	h.room.Announce(set)
	for _, s := range h.shards {
		s.mu.Lock()
		s.door.Take(s.now)
		s.mu.Unlock()
	}
}

func (h *house) probe(name string) *probe {
	h.Helper()
	var p *probe
	h.await("target "+name, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		p = h.open[name]
		return p != nil
	})
	return p
}

func (h *house) await(what string, ok func() bool) {
	h.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("%s: not within 20 s", what)
		}
	}
}

// holds waits until a target holds elements.
func (h *house) holds(p *probe, want map[byte]int) {
	h.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		got := p.has()
		if maps.Equal(got, want) {
			return
		}
		if time.Now().After(end) {
			p.mu.Lock()
			h.Fatalf("holds %v, want %v; was told %v", got, want, p.calls)
		}
	}
}

// to is the sample to another address.
func to(first byte, app uint32) *expr.Input {
	in := sample()
	a := in.OtherIP.As4()
	a[0] = first
	in.OtherIP, in.App = addr4(a), app
	return &in
}

const oneRule = `
[[target]]
name = "set"
type = "nftset"
set = "s"
[[target]]
name = "held"
type = "nftset"
set = "h"
ttl = "1h"
hold = true
[[action]]
name = "x"
criteria = "ai:x"
targets = ["set", "held"]
`

func TestToldAndTakenBack(t *testing.T) {
	h := newHouse(t, oneRule, 1, 300, 64)
	set, held := h.probe("set"), h.probe("held")
	s := h.shards[0]
	s.judge(0, to(1, 7))
	s.judge(1, to(1, 7))
	s.judge(2, to(2, 7))
	s.judge(3, to(3, 133))
	h.holds(set, map[byte]int{1: 2, 2: 1})
	s.judge(2, to(2, 133)) // is something else after all
	h.holds(set, map[byte]int{1: 2})
	s.end(0)
	h.holds(set, map[byte]int{1: 1})
	s.end(1)
	s.end(3)
	h.holds(set, map[byte]int{})
	h.holds(held, map[byte]int{1: 2}) // until their time is over
	if r := h.room.Rules(1e18)[0]; r.Hits != 3 || r.Living != 0 || !r.Active || strings.Join(r.Targets, " ") != "set held" {
		t.Errorf("%+v", r)
	}
	if set.wrong+held.wrong != "" {
		t.Error(set.wrong, held.wrong)
	}
}

func TestFullQueueIsMended(t *testing.T) {
	h := newHouse(t, oneRule, 1, 2000, 64)
	set := h.probe("set")
	s := h.shards[0]
	want := map[byte]int{}
	set.mu.Lock() // the worker waits in its first call
	for i := range 2000 {
		b := byte(i%200 + 1)
		s.judge(i, to(b, 7))
		want[b]++
	}
	set.mu.Unlock()
	h.holds(set, want)
	if sum := h.room.Sum(1e18); sum.Lost == 0 || sum.Hits != 2000 || sum.Living != 2000 {
		t.Errorf("%+v", sum)
	}
}

// Whatever is told while targets are synced again and again, in the end they
// hold what the flows want, and nothing was taken back that was not told.
// TestFullWhileSynced: what finds no room while a target is made whole is mended
// though nothing comes after it that would wake the worker.
func TestFullWhileSynced(t *testing.T) {
	h := newHouse(t, oneRule, 1, 250, 64)
	set, held := h.probe("set"), h.probe("held")
	s, want := h.shards[0], map[byte]int{}
	for i := range 250 {
		want[byte(i+1)] = 1
	}
	s.judge(0, to(1, 7))
	h.holds(held, map[byte]int{1: 1})
	held.mu.Lock()
	held.before = func() {
		for i := 1; i < 250; i++ {
			s.judge(i, to(byte(i+1), 7))
		}
	}
	held.mu.Unlock()
	w := h.room.worker
	h.await("the worker sleeps", func() bool { return w.sleep.Load() && len(w.bell) == 0 })
	held.stale()
	h.holds(set, want)
	h.holds(held, want)
}

func TestSyncsAndChangesTogether(t *testing.T) {
	h := newHouse(t, oneRule, 2, 300, 4096)
	set := h.probe("set")
	var all sync.WaitGroup
	stop := make(chan struct{})
	for k, s := range h.shards {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(k), 1))
			for range 30000 {
				i := r.IntN(len(s.flows))
				switch s.mu.Lock(); {
				case s.flows[i] == nil:
					s.mu.Unlock()
					s.judge(i, to(byte(r.IntN(20)+1), []uint32{7, 133}[r.IntN(2)]))
				case r.IntN(2) == 0:
					in := *s.flows[i]
					s.mu.Unlock()
					in.App = []uint32{7, 133}[r.IntN(2)]
					s.judge(i, &in)
				default:
					s.mu.Unlock()
					s.end(i)
				}
				if h.room.lost.Load() > 0 {
					return
				}
			}
		})
	}
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				set.stale()
			}
		}
	}()
	all.Wait()
	close(stop)
	want := map[byte]int{}
	for _, s := range h.shards {
		for i, in := range s.flows {
			if in != nil && in.App == 7 {
				want[s.subject(i).Other[0]]++
			}
		}
	}
	h.holds(set, want)
	time.Sleep(20 * time.Millisecond) // nor later
	h.holds(set, want)
	if set.wrong != "" && h.room.lost.Load() == 0 {
		t.Error(set.wrong)
	}
}

func TestErrorsAreSaidOnceAndMended(t *testing.T) {
	h := newHouse(t, oneRule, 1, 10, 64)
	h.probe("set")
	h.probe("held")
	h.mu.Lock()
	h.refuse = errors.New("no right to change sets: run as root")
	h.mu.Unlock()
	h.reload(strings.ReplaceAll(oneRule, `set = "s"`, `set = "other"`))
	s := h.shards[0]
	s.judge(0, to(1, 7))
	h.await("tries", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.opened > 5
	})
	h.mu.Lock()
	h.refuse = nil
	h.mu.Unlock()
	h.await("the target", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.open["set"].spec.Set == "other"
	})
	set := h.probe("set")
	h.holds(set, map[byte]int{1: 1})
	set.mu.Lock()
	set.fail = errors.New("set inet nfa other is full")
	set.mu.Unlock()
	s.judge(1, to(2, 7))
	s.judge(2, to(3, 7))
	h.await("the error", func() bool { return h.room.Sum(0).Failing == 1 })
	if r := h.room.Rules(0)[0]; r.Error != "set inet nfa other is full" || r.Errors == 0 {
		t.Errorf("%+v", r)
	}
	set.mu.Lock()
	set.fail = nil
	set.mu.Unlock()
	h.holds(set, map[byte]int{1: 1, 2: 1, 3: 1})
	h.await("the word", func() bool { return h.room.Sum(0).Failing == 0 })
	h.mu.Lock()
	defer h.mu.Unlock()
	if got, want := strings.Join(h.said, "\n"), "target set: no right to change sets: run as root\ntarget set: works again\ntarget set: set inet nfa other is full\ntarget set: works again"; got != want {
		t.Errorf("said:\n%s\nwant:\n%s", got, want)
	}
}

func TestReload(t *testing.T) {
	h := newHouse(t, oneRule, 1, 10, 64)
	set, held := h.probe("set"), h.probe("held")
	s := h.shards[0]
	s.judge(0, to(1, 7))
	s.judge(1, to(2, 133))
	h.holds(set, map[byte]int{1: 1})
	// another rule beside it: targets stay open, living flows are judged at once
	h.reload(oneRule + "[[action]]\nname = \"n\"\ncriteria = \"ai:netflix\"\ntargets = [\"set\"]\n")
	s.tick(time.Unix(1e9, 1))
	h.holds(set, map[byte]int{1: 1, 2: 1})
	if r := h.room.Rules(1e18); r[0].Hits != 1 || r[0].Living != 1 || r[1].Living != 1 || r[1].Hits != 1 {
		t.Errorf("%+v", r) // a reload judges anew, but what matched before is no hit once more
	}
	// the rule is gone: what it did is taken back
	h.reload(strings.ReplaceAll(oneRule, "ai:x", "ai:netflix"))
	s.tick(time.Unix(1e9, 2))
	h.holds(set, map[byte]int{2: 1})
	h.holds(held, map[byte]int{2: 1})
	if set.closed || held.closed || set.wrong+held.wrong != "" {
		t.Error(set.closed, held.closed, set.wrong, held.wrong)
	}
	// another set: the old one is closed, the new one holds all
	h.reload(strings.ReplaceAll(oneRule, `set = "s"`, `set = "t"`))
	h.await("the old target's end", func() bool { set.mu.Lock(); defer set.mu.Unlock(); return set.closed })
	h.await("the new target", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.open["set"] != set })
	s.tick(time.Unix(1e9, 3))
	h.holds(h.probe("set"), map[byte]int{1: 1})
	if held.closed {
		t.Error("a target that did not change is closed")
	}
	// nothing: all are closed
	h.reload("[actions]\nenabled = false\n")
	h.await("all ends", func() bool { return len(h.room.Targets()) == 0 })
	if h.room.Rules(0) != nil {
		t.Error("rules that are not enabled are there")
	}
	// reprocess = false: a flow is judged when there is news of it
	h.reload("[actions]\nreprocess = false\n" + oneRule)
	s.tick(time.Unix(1e9, 4))
	p := h.probe("set")
	h.await("the target", func() bool {
		p = h.probe("set")
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.closed && len(p.calls) > 0
	})
	if n := len(p.has()); n != 0 {
		t.Errorf("%d elements", n)
	}
	s.judge(0, to(1, 7))
	h.holds(p, map[byte]int{1: 1})
}

// A flow is one hit of a rule, however often rules are read, in which order they
// stand, and whether it is judged again before the next reload or its end.
func TestHitsOverReloads(t *testing.T) {
	rules := func(names string, more string) (text string) {
		text = more
		for _, name := range strings.Fields(names) {
			text += "[[action]]\nname = \"" + name + "\"\ncriteria = \"" + map[bool]string{true: "ai:x", false: "ai:netflix"}[name < "m"] + "\"\n"
		}
		return text
	}
	h := newHouse(t, rules("a z", ""), 2, 10, 64)
	state := func() (text string) {
		for _, r := range h.room.Rules(1e18) {
			text += fmt.Sprintf("%s %d/%d ", r.Name, r.Living, r.Hits)
		}
		return strings.TrimSpace(text)
	}
	h.shards[0].judge(0, to(1, 7))
	h.shards[1].judge(0, to(2, 7))
	h.shards[1].judge(1, to(3, 133))
	for i, step := range []struct {
		rules, more string
		judged      bool
		want        string
	}{
		{"a z", "", true, "a 2/2 z 1/1"},
		{"z a", "", true, "z 1/1 a 2/2"},
		{"y b z a", "", true, "y 1/1 b 2/2 z 1/1 a 2/2"},
		{"a y", "", false, "a 2/2 y 1/1"},
		{"a y", "[actions]\nreprocess = false\n", true, "a 2/2 y 1/1"},
		{"y", "", true, "y 1/1"},
		{"y a", "", true, "y 1/1 a 2/2"}, // a rule that was gone is another
	} {
		h.reload(rules(step.rules, step.more))
		if step.judged {
			for _, s := range h.shards {
				s.tick(time.Unix(1e9, int64(i)))
			}
		}
		if got := state(); got != step.want {
			t.Errorf("reload %d: %s, want %s", i, got, step.want)
		}
	}
	for _, s := range h.shards {
		s.end(0)
		s.end(1)
	}
	if got := state(); got != "y 0/1 a 0/2" {
		t.Errorf("at the end: %s", got)
	}
}

func TestPauseAndSchedule(t *testing.T) {
	at := func(text string) time.Time { x, _ := time.Parse("15:04:05", text); return x.AddDate(2026, 0, 0) }
	h := newHouse(t, "[actions]\ntimezone = \"UTC0\"\n"+oneRule+"times = [\"20:00-01:30\"]\n", 1, 300, 64)
	set, held := h.probe("set"), h.probe("held")
	s := h.shards[0]
	s.tick(at("19:59:00"))
	s.judge(0, to(1, 7))
	s.judge(299, to(2, 7))
	s.judge(1, to(9, 7))
	s.end(1)
	s.tick(at("19:59:59"))
	if n := h.room.Sum(0).Hits; n != 0 {
		t.Errorf("%d hits before its time", n)
	}
	s.tick(at("20:00:00"))
	h.holds(set, map[byte]int{1: 1, 2: 1})
	h.holds(held, map[byte]int{1: 1, 2: 1})
	s.judge(1, to(9, 7))
	s.end(1)
	h.holds(held, map[byte]int{1: 1, 2: 1, 9: 1})
	if !h.room.Pause("x", at("20:10:30").UnixNano()) || h.room.Pause("nosuch", 1) {
		t.Error("pause")
	}
	s.tick(at("20:00:01"))
	h.holds(set, map[byte]int{})
	h.holds(held, map[byte]int{}) // also what flows of before left there
	s.tick(at("20:10:29"))
	if r := h.room.Rules(at("20:10:29").UnixNano())[0]; r.Paused != at("20:10:30").Unix() || r.Active || r.Living != 0 {
		t.Errorf("%+v", r)
	}
	s.tick(at("20:10:30"))
	h.holds(set, map[byte]int{1: 1, 2: 1})
	h.room.Pause("x", at("20:30:00").UnixNano())
	s.tick(at("20:11:00"))
	h.holds(set, map[byte]int{})
	h.room.Pause("x", 0) // resumed
	s.tick(at("20:11:01"))
	h.holds(set, map[byte]int{1: 1, 2: 1})
	s.tick(at("20:11:01").Add(11 * time.Hour))
	h.holds(set, map[byte]int{})
	h.holds(held, map[byte]int{})
	if set.wrong+held.wrong != "" {
		t.Error(set.wrong, held.wrong)
	}
}

func TestDevicesAndQuotas(t *testing.T) {
	h := newHouse(t, `
[[target]]
name = "set"
type = "nftset"
[[group]]
name = "kids"
members = ["tablet", "192.168.9.0/24"]
[[action]]
name = "quota"
criteria = "device == @kids && usage.today > 2GiB"
targets = ["set"]
[[action]]
name = "tv"
criteria = "device == 'TV'"
targets = ["set"]
`, 1, 10, 64)
	set, s := h.probe("set"), h.shards[0]
	s.judge(0, to(1, 7))
	in := to(2, 7)
	in.LocalMAC, in.LocalIP = [6]byte{2, 0, 0, 0, 0, 7}, addr4([4]byte{192, 168, 1, 7})
	s.judge(1, in)
	if !h.room.Dynamic() {
		t.Fatal("no rule names a device")
	}
	tablet := Device{MAC: [6]byte{2, 0, 0, 0, 0, 1}, ByMAC: true, Names: []string{"tablet"}, Today: 2 << 30}
	h.room.Refresh([]Device{tablet})
	s.tick(time.Unix(1e9, 0))
	tablet.Today++
	h.room.Refresh([]Device{tablet})
	s.tick(time.Unix(1e9, 1))
	h.holds(set, map[byte]int{1: 1})
	h.room.Refresh([]Device{tablet, {Addresses: addrs(addr4([4]byte{192, 168, 1, 7})), Names: []string{"tv"}}})
	s.tick(time.Unix(1e9, 2))
	h.holds(set, map[byte]int{1: 1, 2: 1})
	tablet.Today = 0 // a new day
	h.room.Refresh([]Device{tablet})
	s.tick(time.Unix(1e9, 3))
	h.holds(set, map[byte]int{})
}

// While packets wait the worker waits too, but not for ever; so does what is to be mended.
func TestWorkerGivesWay(t *testing.T) {
	h := newHouse(t, oneRule, 1, 10, 64)
	set, s := h.probe("set"), h.shards[0]
	h.await("the first Sync", func() bool { return h.room.Targets()[0].Syncs > 0 })
	s.door.Waited(lateAge)
	if h.room.worker.behind() {
		t.Error("packets that waited no longer than they may are late")
	}
	begun := time.Now()
	s.door.Waited(lateAge + 1)
	s.judge(0, to(1, 7))
	h.holds(set, map[byte]int{1: 1})
	if took := time.Since(begun); took < time.Duration(lateAge) {
		t.Errorf("it was told after %v", took)
	}
	begun = time.Now()
	h.room.behind.Store(begun.Add(time.Hour).UnixNano())
	s.judge(1, to(2, 7))
	h.holds(set, map[byte]int{1: 1, 2: 1})
	if took := time.Since(begun); took < creditMost/4 {
		t.Errorf("on a line that is always too fast it was told after %v", took)
	}
	was, begun := h.room.Targets()[0].Syncs, time.Now()
	h.room.mend(1)
	h.await("a Sync", func() bool { return h.room.Targets()[0].Syncs > was })
	if took := time.Since(begun); took < putOffMost {
		t.Errorf("it was synced after %v", took)
	}
}

func TestEnd(t *testing.T) {
	h := newHouse(t, oneRule, 1, 10, 64)
	set, s := h.probe("set"), h.shards[0]
	s.judge(0, to(1, 7))
	h.holds(set, map[byte]int{1: 1})
	h.room.Mute()
	s.end(0)
	h.room.Close(time.Now().Add(5 * time.Second))
	if !set.closed || set.has()[1] != 1 {
		t.Error("at the end it is the target's to take back what it shall")
	}
}

// maker makes what it writes into.
type maker struct {
	*probe
	undone *[]string
}

func (m maker) Unmake() { *m.undone = append(*m.undone, m.spec.Name) }

// After a start that failed, whatever opened takes away what it made, the first
// as the last; at a usual end it stays.
func TestUndo(t *testing.T) {
	for _, failed := range []bool{true, false} {
		var undone []string
		h := newHouse(t, "", 1, 10, 64)
		open := h.room.options.Open
		h.room.options.Open = func(spec *config.Target, labels string, stale func()) (Target, error) {
			if spec.Name == "broken" {
				return nil, errors.New("the kernel has no such sets")
			}
			x, err := open(spec, labels, stale)
			return maker{x.(*probe), &undone}, err
		}
		h.reload(strings.ReplaceAll(oneRule, `"held"]`, `"broken", "held"]`) + "[[target]]\nname = \"broken\"\ntype = \"ipset\"\nset = \"x\"\n")
		set, held := h.probe("set"), h.probe("held")
		h.shards[0].judge(0, to(1, 7))
		h.holds(held, map[byte]int{1: 1})
		want := ""
		if failed {
			h.room.Undo(time.Now().Add(20 * time.Second))
			want = "held set"
		} else {
			h.room.Close(time.Now().Add(20 * time.Second))
		}
		if got := strings.Join(undone, " "); got != want || !set.closed || !held.closed {
			t.Errorf("start failed %v: undone %q, closed %v %v", failed, got, set.closed, held.closed)
		}
	}
}

// slow is a target whose end waits for others.
type slow struct {
	*probe
	end func(name string)
}

func (s slow) Close() error {
	s.end(s.spec.Name)
	return s.probe.Close()
}

// At the end sets are emptied first, beside each other, and marks and logs after them.
func TestEndOfSetsFirst(t *testing.T) {
	var mu sync.Mutex
	var order []string
	both := make(chan bool)
	h := newHouse(t, "", 1, 10, 64)
	open := h.room.options.Open
	h.room.options.Open = func(spec *config.Target, labels string, stale func()) (Target, error) {
		x, err := open(spec, labels, stale)
		return slow{x.(*probe), func(name string) {
			if name != "mark" { // one set waits for the other
				select {
				case both <- true:
				case <-both:
				case <-time.After(10 * time.Second):
					t.Error("sets wait for each other")
				}
			}
			mu.Lock()
			order = append(order, name)
			mu.Unlock()
		}}, err
	}
	h.reload("[[target]]\nname = \"mark\"\ntype = \"ctmark\"\nmark = 1\n" + strings.ReplaceAll(oneRule, `["set",`, `["mark", "set",`))
	h.probe("mark")
	h.await("all targets", func() bool { return len(h.room.Targets()) == 3 && h.probe("held") != nil })
	h.room.Close(time.Now().Add(20 * time.Second))
	if len(order) != 3 || order[2] != "mark" {
		t.Errorf("closed %v", order)
	}
}

func TestDoorDoesNotAllocate(t *testing.T) {
	room := NewRoom(Options{Queue: 1 << 14})
	door := room.Door(10, false)
	room.Announce(must(t, oneRule+manyRules(60)))
	door.Take(1e18)
	a, b := to(1, 7), to(1, 133)
	var x Subject
	n := testing.AllocsPerRun(1000, func() {
		for _, in := range [...]*expr.Input{a, b} {
			if c := door.Judge(0, in, 1e18); c.Any() {
				door.Send(c, 0, &x)
			}
		}
		if c := door.End(0); c.Any() {
			door.Send(c, 0, &x)
		}
		door.Tick(1e18)
		door.Redo(10)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func addr4(a [4]byte) netip.Addr { return netip.AddrFrom4(a) }

func addrs(list ...netip.Addr) []netip.Addr { return list }
