package nftset

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"netifyd/core/action"
	"netifyd/core/action/actiontest"
	"netifyd/core/netlink"
)

func namespace(t testing.TB) {
	t.Helper()
	actiontest.Namespace(t, "nft")
	actiontest.Run(t, "", "nft", "list", "ruleset")
}

var (
	all = actiontest.All
	ok  = actiontest.OK
)

func nft(t testing.TB, rules string) string {
	t.Helper()
	return actiontest.Run(t, rules, "nft", "-f", "-")
}

// elementsOf gives what nft lists of a set, in one line.
func elementsOf(t testing.TB, name string) string {
	t.Helper()
	s := nft(t, "list set "+name)
	_, s, _ = strings.Cut(s, "elements = {")
	s, _, _ = strings.Cut(s, "}")
	return strings.Join(strings.Fields(s), " ")
}

// flow number n, of IPv4 or IPv6.
func flow(n int, v6 bool) *action.Subject {
	s := &action.Subject{V6: v6, LocalPort: uint16(40000 + n), OtherPort: 443, Transport: 6, LocalIsClient: true, Interface: 1,
		LocalMAC: [6]byte{2, 0, 0, 0, byte(n >> 8), byte(n)}, OtherMAC: [6]byte{2, 1, 0, 0, 0, 1}, Mark: 0x2a}
	size := 4
	s.Local, s.Other = [16]byte{192, 168, byte(n >> 8), byte(n)}, [16]byte{10, 1, byte(n >> 8), byte(n)}
	if v6 {
		size = 16
		s.Local, s.Other = [16]byte{0xfd, 1}, [16]byte{0x20, 1, 0xd, 0xb8}
		binary.BigEndian.PutUint16(s.Local[size-2:], uint16(n))
		binary.BigEndian.PutUint16(s.Other[size-2:], uint16(n))
	}
	return s
}

func open(t testing.TB, s Settings) *Target {
	t.Helper()
	if s.Name == "" {
		s.Name = "t"
	}
	if s.Interface == nil {
		s.Interface = func(uint8) string { return "br-lan" }
	}
	x, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// TestKeys lets nft say what it reads in elements of every kind.
func TestKeys(t *testing.T) {
	namespace(t)
	for i, c := range []struct {
		key  string
		want string
	}{
		{"other_addr", "10.1.0.7"},
		{"local_addr", "192.168.0.7"},
		{"local_mac", "02:00:00:00:00:07"},
		{"other_mac", "02:01:00:00:00:01"},
		{"other_port", "443"},
		{"ip_proto", "tcp"},
		{"mark", "0x0000002a"},
		{"interface", `"br-lan"`},
		{"local_mac other_addr other_port", "02:00:00:00:00:07 . 10.1.0.7 . 443"},
		{"other_addr other_port local_addr", "10.1.0.7 . 443 . 192.168.0.7"},
		{"local_addr local_port other_addr other_port ip_proto", "192.168.0.7 . 40007 . 10.1.0.7 . 443 . tcp"},
		{"interface local_addr", `"br-lan" . 192.168.0.7`},
		{"ip_proto mark", "tcp . 0x0000002a"},
	} {
		name := fmt.Sprintf("s%d", i)
		for _, managed := range []bool{true, false} { // made by us, then as nft makes it
			x := open(t, Settings{Set: name, Family: "ipv4", Key: strings.Fields(c.key), Managed: managed})
			if !managed {
				_, sets, _ := x.set.complete()
				nft(t, fmt.Sprintf("delete set inet nfa %s; add set inet nfa %s { type %s; flags timeout; }", name, name, sets[0].nft))
			}
			ok(t, x.Sync(all(0)))
			ok(t, x.Add(flow(7, false), 0))
			ok(t, x.Flush())
			if got := elementsOf(t, "inet nfa "+name); got != c.want+` comment "netifyd"` {
				t.Errorf("%s, managed %v: %s, want %s", c.key, managed, got, c.want)
			}
			ok(t, x.Remove(flow(7, false)))
			ok(t, x.Flush())
			if got := elementsOf(t, "inet nfa "+name); got != "" {
				t.Errorf("%s: %s is left", c.key, got)
			}
		}
	}
}

// TestFamilies puts addresses of both kinds into two sets; MACs take one.
func TestFamilies(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Set: "b", Managed: true})
	ok(t, x.Sync(all(600, flow(1, false), flow(2, true))))
	if got := elementsOf(t, "inet nfa b.v4"); !strings.HasPrefix(got, "10.1.0.1 timeout 10m expires") {
		t.Error(got)
	}
	if got := elementsOf(t, "inet nfa b.v6"); !strings.HasPrefix(got, "2001:db8::2 timeout 10m expires") {
		t.Error(got)
	}
	m := open(t, Settings{Set: "m", Key: []string{"local_mac"}, Managed: true})
	ok(t, m.Sync(all(0, flow(1, false), flow(2, true))))
	if got := elementsOf(t, "inet nfa m"); !strings.Contains(got, "00:01") || !strings.Contains(got, "00:02") {
		t.Error(got)
	}
}

// TestShared: an element stays until the last flow that wants it is gone, and
// a foreign one stays for ever, also when the agent ends.
func TestShared(t *testing.T) {
	namespace(t)
	nft(t, "table inet fw4 { set b { type ipv4_addr; flags timeout; elements = { 10.1.0.9 comment \"mine\", 10.1.0.8 }; }; chain c { ip daddr @b reject; }; }")
	x := open(t, Settings{Table: "fw4", Set: "b", Family: "ipv4", Managed: true})
	ok(t, x.Sync(all(0, flow(9, false))))
	a, b := flow(1, false), flow(1, false)
	b.LocalPort++
	for _, f := range []*action.Subject{a, b, flow(8, false)} {
		ok(t, x.Add(f, 0))
	}
	ok(t, x.Remove(a))
	ok(t, x.Flush())
	if got := elementsOf(t, "inet fw4 b"); !strings.Contains(got, "10.1.0.1 ") {
		t.Errorf("%s lacks what a flow still wants", got)
	}
	for _, f := range []*action.Subject{b, flow(8, false), flow(9, false)} {
		ok(t, x.Remove(f))
	}
	ok(t, x.Add(flow(2, false), 0))
	ok(t, x.Close())
	if got := elementsOf(t, "inet fw4 b"); got != `10.1.0.8, 10.1.0.9 comment "mine"` && got != `10.1.0.9 comment "mine", 10.1.0.8` {
		t.Errorf("left: %s", got)
	}
}

// TestCrash: what an agent that was killed left is taken over or taken out; what a set that is not managed holds stays at the end.
func TestCrash(t *testing.T) {
	namespace(t)
	nft(t, "table inet fw4 { set b { type ipv4_addr; flags timeout; }; }")
	s := Settings{Table: "fw4", Set: "b", Family: "ipv4"}
	x := open(t, s)
	ok(t, x.Sync(all(100, flow(1, false), flow(2, false), flow(3, false))))
	y := open(t, s)
	ok(t, y.Sync(all(1000, flow(2, false))))
	if got := elementsOf(t, "inet fw4 b"); !strings.HasPrefix(got, "10.1.0.2 timeout 16m40s") || strings.Contains(got, ",") {
		t.Error(got)
	}
	z := open(t, s)
	ok(t, z.find())
	ok(t, z.Add(flow(2, false), 2000)) // before it looked
	ok(t, z.Flush())
	if got := elementsOf(t, "inet fw4 b"); !strings.HasPrefix(got, "10.1.0.2 timeout 33m20s") {
		t.Error(got)
	}
	ok(t, z.Close())
	if got := elementsOf(t, "inet fw4 b"); !strings.HasPrefix(got, "10.1.0.2 timeout") {
		t.Error(got)
	}
}

// TestExtend renews the timeout of what still lives, by Remove and Add.
func TestExtend(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Set: "b", Family: "ipv4", Managed: true})
	f := flow(1, false)
	ok(t, x.Sync(all(2, f)))
	x.start = x.start.Add(-time.Second) // half of it is over
	ok(t, x.Remove(f))
	ok(t, x.Add(f, 500))
	ok(t, x.Flush())
	if got := elementsOf(t, "inet nfa b"); !strings.HasPrefix(got, "10.1.0.1 timeout 8m20s") {
		t.Error(got)
	}
	if n := x.held.Len(); n != 1 {
		t.Errorf("%d are held", n)
	}
}

// TestHold: what is held for a time stays through a Sync, and through another
// of a flow's life, but for the first one and after Purge.
func TestHold(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Set: "b", Family: "ipv4", Managed: true, Hold: true})
	ok(t, x.Sync(all(600)))
	ok(t, x.Add(flow(1, false), 600)) // it ends, and nobody says so
	ok(t, x.Add(flow(2, false), 600))
	ok(t, x.Flush())
	ok(t, x.Sync(all(600, flow(2, false))))
	if got := elementsOf(t, "inet nfa b"); !strings.Contains(got, "10.1.0.1 ") || !strings.Contains(got, "10.1.0.2 ") {
		t.Errorf("after a sync: %s", got)
	}
	ok(t, x.Add(flow(1, false), 600)) // another to the same server, which no rule wants later
	ok(t, x.Remove(flow(1, false)))
	ok(t, x.Flush())
	if got := elementsOf(t, "inet nfa b"); strings.Contains(got, "10.1.0.1 ") {
		t.Errorf("after it was taken back: %s", got)
	}
	ok(t, x.Add(flow(3, false), 600))
	ok(t, x.Flush())
	x.Purge()
	ok(t, x.Sync(all(600, flow(2, false))))
	if got := elementsOf(t, "inet nfa b"); !strings.HasPrefix(got, "10.1.0.2 ") || strings.Contains(got, ",") {
		t.Errorf("after a purge: %s", got)
	}
}

// TestReload: whoever takes the set, the table, all rules or the agent's elements away is answered by a Sync.
func TestReload(t *testing.T) {
	namespace(t)
	const fw4 = "table inet fw4 { set b { type ipv4_addr; flags timeout; }; set other { type ipv4_addr; elements = { 1.2.3.4 }; }; }"
	nft(t, fw4)
	stale := make(chan bool, 100)
	tell := func() { stale <- true }
	x := open(t, Settings{Common: action.Common{Stale: tell}, Table: "fw4", Set: "b", Family: "ipv4"})
	m := open(t, Settings{Common: action.Common{Stale: tell}, Set: "m", Family: "ipv4", Managed: true})
	want := []*action.Subject{flow(1, false), flow(2, false)}
	ok(t, x.Sync(all(0, want...)))
	ok(t, m.Sync(all(0, want...)))
	for _, c := range []struct {
		name, rules string
		errs        bool
	}{
		{"reload", "delete table inet fw4\n" + fw4, false},
		{"flush ruleset", "flush ruleset", true},
		{"flush ruleset and load", "flush ruleset\n" + fw4, false},
		{"flush set", "flush set inet fw4 b", false},
		{"one element", "delete element inet fw4 b { 10.1.0.1 }", false},
		{"delete set", "delete set inet fw4 b", true},
		{"add set", "add set inet fw4 b { type ipv4_addr; flags timeout; }", false},
	} {
		for len(stale) > 0 {
			<-stale
		}
		nft(t, c.rules)
		select {
		case <-stale:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: not noticed", c.name)
		}
		err := x.Sync(all(0, want...))
		if (err != nil) != c.errs {
			t.Fatalf("%s: %v", c.name, err)
		}
		ok(t, m.Sync(all(0, want...)))
		if err == nil {
			if got := elementsOf(t, "inet fw4 b"); strings.Count(got, "netifyd") != 2 {
				t.Errorf("%s: %s", c.name, got)
			}
		} else if !strings.Contains(err.Error(), "add `set b { type ipv4_addr; flags timeout;") {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := elementsOf(t, "inet nfa m"); strings.Count(got, "netifyd") != 2 {
			t.Errorf("%s: managed: %s", c.name, got)
		}
	}
	for len(stale) > 0 {
		<-stale
	}
	nft(t, "flush set inet fw4 other; add element inet fw4 other { 5.6.7.8 }")
	ok(t, x.Add(flow(3, false), 0)) // nor does the agent notice itself
	ok(t, x.Flush())
	select {
	case <-stale:
		t.Error("another set's change was taken for ours")
	case <-time.After(200 * time.Millisecond):
	}
}

// TestRefused: what is wrong with a set is one line that says what to do.
func TestRefused(t *testing.T) {
	namespace(t)
	nft(t, `table inet fw4 {
		set s-interval { type ipv4_addr; flags interval; }
		set s-mac { type ether_addr; }
		set s-plain { type ipv4_addr; }
		set s-small { type ipv4_addr; flags timeout; size 3; elements = { 9.9.9.9 }; }
		map s-map { type ipv4_addr : mark; }
		set s-constant { type ipv4_addr; flags constant; elements = { 1.1.1.1 }; }
	}`)
	for _, c := range []struct{ set, want string }{
		{"s-interval", "leave it out"},
		{"s-mac", "give it type ipv4_addr"},
		{"s-plain", "flags timeout"},
		{"s-map", "is a map"},
		{"s-constant", "is constant"},
		{"none", "is not there: add `set none"},
		{"s-small", "is full"},
	} {
		x := open(t, Settings{Table: "fw4", Set: c.set, Family: "ipv4"})
		err := x.Sync(all(60, flow(1, false), flow(2, false), flow(3, false)))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.set, err, c.want)
		}
		if n := x.Count(); n.Errors == 0 {
			t.Errorf("%s: %+v", c.set, n)
		}
	}
	if got := elementsOf(t, "inet fw4 s-small"); strings.Count(got, "netifyd") != 2 {
		t.Errorf("a set with room for two: %s", got)
	}
	x := open(t, Settings{Common: action.Common{Most: 2}, Set: "b", Managed: true})
	if err := x.Sync(all(0, flow(1, false), flow(2, false), flow(3, false))); err == nil || !strings.Contains(err.Error(), "max_elements") {
		t.Error(err)
	}
	if n := x.Count(); n.Refused != 1 || n.Elements != 2 {
		t.Errorf("%+v", n)
	}
}

// TestAnswersThatDoNotFit: where the kernel has more errors to say than the
// socket holds, the set is looked at anew, and less goes into one transaction.
func TestAnswersThatDoNotFit(t *testing.T) {
	namespace(t)
	asked := 0
	x := open(t, Settings{Common: action.Common{Stale: func() { asked++ }}, Set: "a", Family: "ipv4", Managed: true})
	ok(t, x.Sync(all(0)))
	var others strings.Builder // elements that somebody else put there: the kernel says so of each
	var flows []*action.Subject
	for n := range 300 {
		flows = append(flows, flow(n, false))
		if n < 200 {
			fmt.Fprintf(&others, "add element inet nfa a { 10.1.%d.%d }\n", n>>8, n&255)
		}
	}
	nft(t, others.String())
	actiontest.Overflow(t, x, &asked, flows...)
	list := elementsOf(t, "inet nfa a")
	if n, mine := strings.Count(list, "10.1."), strings.Count(list, "netifyd"); n != 300 || mine != 100 {
		t.Errorf("the set holds %d elements, %d of them the agent's", n, mine)
	}
	ok(t, x.Sync(all(0)))
	if n := strings.Count(elementsOf(t, "inet nfa a"), "10.1."); n != 200 {
		t.Errorf("%d elements of somebody else are left, want 200", n)
	}
}

// TestDeafWatch: what the watch missed since too much changed at once is looked at.
func TestDeafWatch(t *testing.T) {
	namespace(t)
	stale := make(chan bool, 1)
	x := open(t, Settings{Common: action.Common{Stale: func() {
		select {
		case stale <- true:
		default:
		}
	}}, Set: "a", Family: "ipv4", Managed: true})
	ok(t, x.Sync(all(0, flow(1, false))))
	actiontest.Narrow(t)
	x.watch.mu.Lock() // so that it reads nothing, as while the processor is busy
	for n := range 20 {
		nft(t, fmt.Sprintf("add table ip other%d", n))
	}
	nft(t, "flush set inet nfa a")
	x.watch.mu.Unlock()
	select {
	case <-stale:
	case <-time.After(20 * time.Second):
		t.Fatal("that something was missed is not noticed")
	}
	ok(t, x.Sync(all(0, flow(1, false))))
	if got := elementsOf(t, "inet nfa a"); !strings.Contains(got, "netifyd") {
		t.Errorf("the set holds %q", got)
	}
}

// TestNoModule: what the kernel answers for a part of netfilter that it has not
// (here NFNL_SUBSYS_HOOK) is told with the package that brings it.
func TestNoModule(t *testing.T) {
	namespace(t)
	c, err := netlink.Open()
	ok(t, err)
	defer c.Close()
	b, at := netlink.Message(nil, 12<<8, netlink.Ack, c.Number(), netlink.Unspecified, 0)
	netlink.End(b, at)
	if err = c.Ask(b, func(*netlink.Answer) {}); err == nil {
		t.Skip("this kernel has all of netfilter")
	}
	if text := explain(err).Error(); !strings.Contains(text, "install kmod-nft-core") || !strings.Contains(text, "modprobe nf_tables") {
		t.Error(text)
	}
}

// TestNoRight: without CAP_NET_ADMIN the error names it, at once.
func TestNoRight(t *testing.T) {
	namespace(t)
	actiontest.DropNetAdmin(t)
	x, err := Open(Settings{Set: "b", Managed: true})
	if err == nil {
		err = x.Sync(all(0))
	}
	if err == nil || !strings.Contains(err.Error(), "CAP_NET_ADMIN") {
		t.Error(err)
	}
}

// TestMany feeds 100 000 flows to a set of 5 000: memory stands, what has no room is counted.
func TestMany(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Common: action.Common{Most: 5000}, Set: "b", Family: "ipv4", Managed: true})
	ok(t, x.Sync(all(0)))
	f := flow(0, false)
	for n := range 100000 {
		binary.BigEndian.PutUint32(f.Other[:], uint32(0x0a000000+n))
		_ = x.Add(f, 3600)
	}
	ok(t, x.Flush())
	if n := x.Count(); n.Elements != 5000 || n.Added != 5000 || n.Refused != 95000 {
		t.Errorf("%+v", n)
	}
	if n := strings.Count(elementsOf(t, "inet nfa b"), "netifyd"); n != 5000 {
		t.Errorf("%d elements", n)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{}, "no set is named"},
		{Settings{Set: "b", Key: []string{"addr"}}, "take local_addr"},
		{Settings{Set: "b", Family: "ipv5"}, "take ipv4, ipv6"},
		{Settings{Set: "b", TableFamily: "x"}, "take inet"},
		{Settings{Set: "b", Key: []string{"interface"}}, "need its name"},
		{Settings{Set: "b", Key: []string{"local_addr", "other_addr", "local_mac", "other_mac", "mark", "local_port"}}, "too long"},
	} {
		if _, _, err := c.s.complete(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.s, err, c.want)
		}
	}
}

// BenchmarkAdd is the rate at which elements enter and leave a set.
func BenchmarkAdd(b *testing.B) {
	namespace(b)
	x := open(b, Settings{Set: "b", Family: "ipv4", Managed: true})
	ok(b, x.Sync(all(0)))
	f := flow(0, false)
	for range b.N {
		for n := range 10000 {
			binary.BigEndian.PutUint32(f.Other[:], uint32(0x0a000000+n))
			ok(b, x.Add(f, 3600))
		}
		for n := range 10000 {
			binary.BigEndian.PutUint32(f.Other[:], uint32(0x0a000000+n))
			ok(b, x.Remove(f))
		}
	}
	ok(b, x.Flush())
	b.ReportMetric(float64(20000*b.N)/b.Elapsed().Seconds(), "elements/s")
}

func FuzzAnswers(f *testing.F) {
	f.Add(appendElement(nil, newElement, 0, 1, 1, "fw4", "b", []byte{1, 2, 3, 4}, 60)[20:])
	f.Add(appendNewSet(nil, 1, 1, "nfa", &set{name: "b", kind: 7, length: 4}, 100)[20:])
	f.Fuzz(func(t *testing.T, b []byte) {
		each(b, func(_, _ []byte, e *element) {
			if e.key == nil {
				t.Fatal("an element of nothing")
			}
		})
		var s seen
		s.parse(b)
		handle(b)
	})
}
