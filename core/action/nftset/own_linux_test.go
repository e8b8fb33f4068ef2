package nftset

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"netifyd/core/action"
)

// A managed set of another type or of less room is made anew, if it is the agent's
// alone and nobody asks it; else the error says what to type, and typing that helps.
func TestOtherType(t *testing.T) {
	namespace(t)
	pairs := Settings{Set: "a", Family: "ipv4", Key: []string{"local_addr", "other_addr"}, Managed: true}
	addresses := Settings{Set: "a", Family: "ipv4", Managed: true}
	for _, c := range []struct {
		what    string
		before  string // commands, once the set of pairs is there; empty: the agent's elements alone
		foreign bool   // the set was made by somebody else
		says    string // of the error; empty: it is made anew
		then    string // what is typed
		agent   bool   // nothing else is needed than to wait
	}{
		{what: "the agent's alone"},
		{what: "a rule asks it", before: "add chain inet nfa c; add rule inet nfa c ip saddr . ip daddr @a drop", says: "take the rule out", then: "flush chain inet nfa c"},
		{what: "an element of somebody else", before: "add element inet nfa a { 1.1.1.1 . 2.2.2.2 }", says: "run `nft delete set inet nfa a`", then: "delete set inet nfa a"},
		{what: "somebody else's set", foreign: true, says: "run `nft delete set inet nfa a`", then: "delete set inet nfa a"},
	} {
		t.Run(c.what, func(t *testing.T) {
			nft(t, "flush ruleset")
			if c.foreign {
				nft(t, "add table inet nfa; add set inet nfa a { type ipv4_addr . ipv4_addr; flags timeout; }")
			}
			x := open(t, pairs)
			ok(t, x.Sync(all(0, flow(1, false), flow(2, false))))
			x.watch.close() // as if it were killed
			x.conn.Close()
			if c.before != "" {
				nft(t, c.before)
			}
			was := nft(t, "list ruleset")
			y := open(t, addresses)
			err := y.Sync(all(0, flow(1, false)))
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "type ipv4_addr") {
					t.Fatalf("%v", err)
				}
				if got := nft(t, "list ruleset"); got != was {
					t.Errorf("it touched\n%s\nwhich is now\n%s", was, got)
				}
				nft(t, c.then)
				err = y.Sync(all(0, flow(1, false)))
			}
			ok(t, err)
			if got := elementsOf(t, "inet nfa a"); !strings.HasPrefix(got, "10.1.0.1 comment") || strings.Contains(got, ",") {
				t.Errorf("the set holds %s", got)
			}
			ok(t, y.Close())
		})
	}
	nft(t, "flush ruleset")
	small, large := addresses, addresses
	small.Most, large.Most = 2, 50
	x := open(t, small)
	ok(t, x.Sync(all(0, flow(1, false), flow(2, false))))
	x.watch.close()
	x.conn.Close()
	y := open(t, large)
	ok(t, y.Sync(all(0, flow(1, false), flow(2, false), flow(3, false))))
	if got := strings.Count(elementsOf(t, "inet nfa a"), "netifyd"); got != 3 {
		t.Errorf("%d elements", got)
	}
	// Two agents that want different types do not make the set by turns.
	nft(t, "flush set inet nfa a")
	z := open(t, pairs)
	ok(t, z.Sync(all(0)))
	for range 3 {
		if err := y.Sync(all(0, flow(1, false))); err == nil || !strings.Contains(err.Error(), "another type") {
			t.Errorf("%v", err)
		}
		ok(t, z.Sync(all(0, flow(1, false))))
	}
}

// At the end elements leave a set that is all the agent's with a few messages, however
// many there are; those of others stay, also where they came since the agent looked.
func TestEmptiedAtOnce(t *testing.T) {
	namespace(t)
	const many = 20000
	f := flow(0, false)
	flows := func(yield func(*action.Subject, uint32) bool) {
		for n := range many {
			f.Other = [16]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}
			if !yield(f, 3600) {
				return
			}
		}
	}
	for _, foreign := range []bool{false, true} {
		x := open(t, Settings{Common: action.Common{Most: many + 1}, Set: "m", Family: "ipv4", Managed: true})
		ok(t, x.Sync(flows))
		if foreign {
			nft(t, "add element inet nfa m { 9.9.9.9 }")
		}
		if n := x.Count(); n.Elements != many {
			t.Fatalf("%+v", n)
		}
		begun, sent := time.Now(), x.conn.Number()
		ok(t, x.Close())
		sent = x.conn.Number() - sent
		t.Logf("elements of others %v: %v, %d messages", foreign, time.Since(begun).Round(time.Millisecond), sent)
		if !foreign && sent > 10 {
			t.Errorf("the end takes %d messages", sent)
		}
		want := map[bool]string{true: "9.9.9.9"}[foreign]
		if got := elementsOf(t, "inet nfa m"); got != want {
			t.Errorf("left is %.60s", got)
		}
		if n := x.Count(); n.Removed != many {
			t.Errorf("%+v", n)
		}
	}
	// What another program changes since the agent looked keeps it from emptying the set.
	x := open(t, Settings{Set: "n", Family: "ipv4", Managed: true})
	ok(t, x.Sync(all(0, flow(1, false))))
	_, ours, generation, err := x.whole(&x.sets[0])
	if ok(t, err); !ours || generation == 0 {
		t.Fatal(ours, generation)
	}
	nft(t, "add element inet nfa n { 9.9.9.9 }")
	if err := x.drop(&x.sets[0], generation); err == nil {
		t.Error("a set that changed was emptied")
	}
	if got := elementsOf(t, "inet nfa n"); !strings.Contains(got, "9.9.9.9") || !strings.Contains(got, "netifyd") {
		t.Errorf("left is %s", got)
	}
}

// Targets that end beside each other do not take each other's changes for those of another program.
func TestEmptiedBesideEachOther(t *testing.T) {
	namespace(t)
	const many = 3000
	var flows []*action.Subject
	for n := range many {
		f := flow(0, false)
		f.Other = [16]byte{10, 0, byte(n >> 8), byte(n)}
		flows = append(flows, f)
	}
	var open6 []*Target
	for i := range 6 {
		x := open(t, Settings{Common: action.Common{Most: many + 1}, Set: fmt.Sprint("m", i), Family: "ipv4", Managed: true})
		ok(t, x.Sync(all(3600, flows...)))
		open6 = append(open6, x)
	}
	var end sync.WaitGroup
	for _, x := range open6 {
		end.Go(func() {
			before := x.conn.Number()
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			if sent := x.conn.Number() - before; sent > 20 {
				t.Errorf("the end of %s takes %d messages", x.sets[0].name, sent)
			}
			if n := x.Count(); n.Removed != many {
				t.Errorf("%+v", n)
			}
		})
	}
	end.Wait()
	for i := range open6 {
		if got := elementsOf(t, fmt.Sprint("inet nfa m", i)); got != "" {
			t.Errorf("left is %.60s", got)
		}
	}
}
