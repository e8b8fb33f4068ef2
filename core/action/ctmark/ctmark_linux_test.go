package ctmark

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"netifyd/core/action"
	. "netifyd/core/action/actiontest"
)

func table(t *testing.T) {
	Namespace(t, "conntrack", "nft")
	Run(t, "table inet t { chain c { type filter hook input priority 0; ct state new counter; }; }", "nft", "-f", "-")
}

// insert makes an entry as the kernel would; NAT is in the reply.
func insert(t *testing.T, src, dst, replyTo string, mark string) {
	t.Helper()
	Run(t, "", "conntrack", "-I", "-p", "tcp", "-s", src, "-d", dst, "-r", dst, "-q", replyTo, "--sport", "40001", "--dport", "443",
		"--reply-port-src", "443", "--reply-port-dst", "40001", "--state", "ESTABLISHED", "-t", "100", "-m", mark)
}

// mark of the connection from an address.
func mark(t *testing.T, src string) string {
	t.Helper()
	out := Run(t, "", "conntrack", "-L", "-s", src)
	m := regexp.MustCompile(` mark=(\d+)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no connection from %s: %s", src, out)
	}
	return m[1]
}

func open(t *testing.T, s Settings) *Target {
	t.Helper()
	s.Name = "t"
	x, err := Open(s)
	OK(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

// TestMark: bits outside of the mask stay, in both directions of the wish, as
// seen before and after NAT, and whoever opened the flow.
func TestMark(t *testing.T) {
	table(t)
	insert(t, "192.168.1.2", "10.0.0.1", "203.0.113.1", "0x10001")
	x := open(t, Settings{Mark: 3, Shift: 8, Mask: 0xff00})
	in := Flow("10.0.0.1:443", "192.168.1.2:40001")
	in.LocalIsClient = false
	for _, c := range []struct {
		name string
		flow *action.Subject
	}{
		{"LAN", Flow("192.168.1.2:40001", "10.0.0.1:443")},
		{"WAN", Flow("203.0.113.1:40001", "10.0.0.1:443")},
		{"the client is the other side", in},
	} {
		OK(t, x.Add(c.flow, 0))
		OK(t, x.Flush())
		if got := mark(t, "192.168.1.2"); got != "66305" { // 0x10301
			t.Errorf("%s: mark %s", c.name, got)
		}
		OK(t, x.Remove(c.flow))
		OK(t, x.Flush())
		if got := mark(t, "192.168.1.2"); got != "65537" {
			t.Errorf("%s: mark %s is left", c.name, got)
		}
	}
	OK(t, x.Add(Flow("192.168.1.3:40001", "10.0.0.1:443"), 0)) // gone
	OK(t, x.Flush())
	if n := x.Count(); n.Gone != 1 || n.Errors != 0 || n.Added != 3 || n.Removed != 3 {
		t.Errorf("%+v", n)
	}
	insert(t, "fd00::2", "2001:db8::1", "fd00::2", "0")
	OK(t, x.Add(Flow("[fd00::2]:40001", "[2001:db8::1]:443"), 0))
	OK(t, x.Flush())
	if got := Run(t, "", "conntrack", "-L", "-f", "ipv6"); !strings.Contains(got, "mark=768 ") {
		t.Error(got)
	}
}

// TestManaged: what a killed agent left is taken off, and all at the end; marks of others stay.
func TestManaged(t *testing.T) {
	table(t)
	for _, c := range []struct{ src, mark string }{{"192.168.1.2", "0x300"}, {"192.168.1.3", "0x300"}, {"192.168.1.4", "0x200"}} {
		insert(t, c.src, "10.0.0.1", c.src, c.mark)
	}
	x := open(t, Settings{Mark: 3, Shift: 8, Mask: 0xff00, Managed: true, Alone: true})
	OK(t, x.Sync(All(0, Flow("192.168.1.3:40001", "10.0.0.1:443"))))
	if a, b, c := mark(t, "192.168.1.2"), mark(t, "192.168.1.3"), mark(t, "192.168.1.4"); a != "0" || b != "768" || c != "512" {
		t.Errorf("after a start: %s %s %s", a, b, c)
	}
	OK(t, x.Close())
	if a, b, c := mark(t, "192.168.1.2"), mark(t, "192.168.1.3"), mark(t, "192.168.1.4"); a != "0" || b != "0" || c != "512" {
		t.Errorf("after the end: %s %s %s", a, b, c)
	}
}

// TestLeft: at the end only what the agent wrote comes off.
func TestLeft(t *testing.T) {
	table(t)
	insert(t, "192.168.1.2", "10.0.0.1", "192.168.1.2", "0x300")
	insert(t, "192.168.1.3", "10.0.0.1", "203.0.113.1", "0")
	insert(t, "192.168.1.4", "10.0.0.1", "192.168.1.4", "0")
	x := open(t, Settings{Mark: 3, Shift: 8, Managed: true})
	OK(t, x.Sync(All(0, Flow("203.0.113.1:40001", "10.0.0.1:443")))) // seen after NAT
	y := open(t, Settings{Mark: 3, Shift: 8})
	OK(t, y.Sync(All(0, Flow("192.168.1.4:40001", "10.0.0.1:443"))))
	if b, c := mark(t, "192.168.1.3"), mark(t, "192.168.1.4"); b != "768" || c != "768" {
		t.Errorf("marked: %s %s", b, c)
	}
	OK(t, x.Close())
	OK(t, y.Close())
	if a, b, c := mark(t, "192.168.1.2"), mark(t, "192.168.1.3"), mark(t, "192.168.1.4"); a != "768" || b != "0" || c != "768" {
		t.Errorf("after the end: %s %s %s", a, b, c)
	}
}

// TestDeleted: whoever empties the table is answered by a Sync.
func TestDeleted(t *testing.T) {
	table(t)
	stale := make(chan bool, 10)
	open(t, Settings{Common: action.Common{Stale: func() { stale <- true }}, Mark: 1})
	insert(t, "192.168.1.2", "10.0.0.1", "192.168.1.2", "0")
	Run(t, "", "conntrack", "-F")
	select {
	case <-stale:
	case <-time.After(20 * time.Second):
		t.Error("not noticed")
	}
}

func TestMany(t *testing.T) {
	table(t)
	x := open(t, Settings{Mark: 1})
	f := Flow("192.168.1.2:1", "10.0.0.1:443")
	for n := range 100000 {
		f.LocalPort, f.Other[1] = uint16(n), byte(n>>16)
		OK(t, x.Add(f, 0))
	}
	OK(t, x.Flush())
	if n := x.Count(); n.Gone != 100000 || n.Errors != 0 {
		t.Errorf("%+v", n)
	}
}

// TestAnswersThatDoNotFit: where the kernel has more to say than the socket
// holds, a Sync is asked for, and the next ones say less at a time until all is well.
func TestAnswersThatDoNotFit(t *testing.T) {
	table(t)
	var flows []*action.Subject
	var load strings.Builder
	for n := range 300 {
		fmt.Fprintf(&load, "-I -p tcp -s 192.168.1.2 -d 10.0.0.1 --sport %d --dport 443 --state ESTABLISHED -t 100\n", 1000+n)
		flows = append(flows, Flow(fmt.Sprintf("192.168.1.2:%d", 1000+n), "10.0.0.1:443"))
	}
	Run(t, load.String(), "conntrack", "-R", "-")
	asked := 0
	x := open(t, Settings{Common: action.Common{Stale: func() { asked++ }}, Mark: 3})
	Overflow(t, x, &asked, flows...)
	if n := x.Count(); n.Elements != 300 || n.Errors == 0 {
		t.Errorf("%+v", n)
	}
	if n := strings.Count(Run(t, "", "conntrack", "-L"), " mark=3 "); n != 300 {
		t.Errorf("%d connections carry the mark", n)
	}
}

// TestNoRight: without CAP_NET_ADMIN the error names it.
func TestNoRight(t *testing.T) {
	table(t)
	DropNetAdmin(t)
	x, err := Open(Settings{Mark: 1})
	if err == nil {
		err = x.Sync(All(0, Flow("192.168.1.2:40001", "10.0.0.1:443")))
	}
	if err == nil || !strings.Contains(err.Error(), "CAP_NET_ADMIN") {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{}, "none of 32 bits"},
		{Settings{Mark: 3, Shift: 31}, "none of 32 bits"},
		{Settings{Mark: 3, Shift: 40}, "shift up to 31"},
		{Settings{Mark: 3, Mask: 1}, "wider mask"},
	} {
		if _, err := Open(c.s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.s, err)
		}
	}
}

// What was counted never falls, and what is held is what carries the mark, also
// after conntrack was emptied.
func TestCountsOfMarks(t *testing.T) {
	table(t)
	insert(t, "192.168.1.2", "10.0.0.1", "203.0.113.1", "0")
	insert(t, "192.168.1.3", "10.0.0.1", "203.0.113.2", "0")
	x := open(t, Settings{Mark: 3, Mask: 0xff})
	one, two := Flow("192.168.1.2:40001", "10.0.0.1:443"), Flow("192.168.1.3:40001", "10.0.0.1:443")
	check := func(when string, added, elements uint64) {
		t.Helper()
		if n := x.Count(); n.Added != added || n.Elements != elements || n.Errors != 0 {
			t.Errorf("%s: %+v, want %d added and %d held", when, n, added, elements)
		}
	}
	OK(t, x.Add(one, 0))
	OK(t, x.Flush())
	check("one is marked", 1, 1)
	OK(t, x.Sync(All(0, one, two)))
	check("a Sync finds another", 2, 2)
	OK(t, x.Sync(All(0, one, two)))
	check("a Sync finds the same", 2, 2)
	Run(t, "", "conntrack", "-F")
	OK(t, x.Remove(one))
	OK(t, x.Flush())
	check("one ended after its connection", 2, 1)
	OK(t, x.Sync(All(0)))
	check("nothing is left", 2, 0)
}
