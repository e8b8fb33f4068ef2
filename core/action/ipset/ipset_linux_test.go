package ipset

import (
	"encoding/binary"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"netifyd/core/action"
	. "netifyd/core/action/actiontest"
	"netifyd/core/netlink"
)

func namespace(t testing.TB) {
	Namespace(t, "ipset")
	Run(t, "", "ipset", "list")
}

// members of a set, as ipset lists them.
func members(t testing.TB, name string) string {
	t.Helper()
	_, s, _ := strings.Cut(Run(t, "", "ipset", "list", name), "Members:\n")
	lines := strings.Split(strings.TrimSpace(s), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func open(t testing.TB, s Settings) *Target {
	t.Helper()
	s.Name = "t"
	x, err := Open(s)
	OK(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

var (
	one   = Flow("192.168.1.2:40001", "10.0.0.1:443")
	two   = Flow("192.168.1.3:40002", "10.0.0.2:443")
	three = Flow("192.168.1.3:40003", "10.0.0.3:443")
	six   = Flow("[fd00::2]:40001", "[2001:db8::1]:443")
)

// TestTypes lets ipset say what it reads in elements of every type.
func TestTypes(t *testing.T) {
	namespace(t)
	for _, c := range []struct{ kind, v4, v6 string }{
		{"hash:ip", "10.0.0.1", "2001:db8::1"},
		{"ip,port", "10.0.0.1,tcp:443", "2001:db8::1,tcp:443"},
		{"hash:ip,port,ip", "10.0.0.1,tcp:443,192.168.1.2", "2001:db8::1,tcp:443,fd00::2"},
	} {
		x := open(t, Settings{Set: "b", Type: c.kind, Managed: true})
		OK(t, x.Sync(All(0)))
		OK(t, x.Add(one, 0))
		OK(t, x.Add(six, 600))
		OK(t, x.Flush())
		const note = ` comment "netifyd"`
		if got := members(t, "b.v4"); got != c.v4+" timeout 0"+note {
			t.Errorf("%s: %s", c.kind, got)
		}
		if got := members(t, "b.v6"); !strings.HasPrefix(got, c.v6+" timeout 59") && !strings.HasPrefix(got, c.v6+" timeout 600") {
			t.Errorf("%s: %s", c.kind, got)
		}
		OK(t, x.Remove(one))
		OK(t, x.Close())
		if got := members(t, "b.v4") + members(t, "b.v6"); got != "" {
			t.Errorf("%s: %s are left", c.kind, got)
		}
		Run(t, "", "ipset", "destroy")
	}
	x := open(t, Settings{Set: "s", Family: "ipv4", Managed: true, SkbMark: 0x10, SkbMask: 0xf0, SkbPrio: 0x00010002, SkbQueue: 3})
	OK(t, x.Sync(All(0, one)))
	if got := members(t, "s"); !strings.Contains(got, "skbmark 0x10/0xf0 skbprio 1:2 skbqueue 3") {
		t.Error(got)
	}
}

// TestMAC needs a kernel with hash:mac.
func TestMAC(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Set: "m", Type: "mac", Managed: true})
	if err := exec.Command("ipset", "create", "try", "hash:mac").Run(); err != nil {
		// This kernel has no such type, so at least that must be said well.
		if err := x.Sync(All(0)); err == nil || !strings.Contains(err.Error(), "kmod-ipt-ipset") || !strings.Contains(err.Error(), "modprobe ip_set_hash_mac") {
			t.Error(err)
		}
		t.Skip("this kernel has no hash:mac")
	}
	f := *six
	f.LocalMAC = [6]byte{2, 0, 0, 0, 0, 7}
	OK(t, x.Sync(All(0, &f, one)))
	if got := members(t, "m"); !strings.EqualFold(got, `02:00:00:00:00:07 timeout 0 comment "netifyd"`) {
		t.Error(got)
	}
}

// TestForeign: what somebody else put there stays, in sets with comments and without.
func TestForeign(t *testing.T) {
	namespace(t)
	for _, comments := range []string{"comment", ""} {
		Run(t, "create b hash:ip timeout 0 "+comments+"\nadd b 10.0.0.1\n", "ipset", "restore")
		x := open(t, Settings{Set: "b", Family: "ipv4", Managed: true})
		OK(t, x.Sync(All(0, one)))
		other := *two
		other.LocalPort++
		for _, f := range []*action.Subject{two, &other, three} {
			OK(t, x.Add(f, 0))
		}
		OK(t, x.Remove(two))
		OK(t, x.Flush())
		if got := members(t, "b"); strings.Count(got, "10.0.0.") != 3 {
			t.Errorf("%q: %s", comments, got)
		}
		Run(t, "", "ipset", "del", "b", "10.0.0.2") // somebody meddles
		OK(t, x.Sync(All(0, one, two)))
		if got := members(t, "b"); strings.Count(got, "10.0.0.") != 2 || strings.Contains(got, "10.0.0.3") {
			t.Errorf("%q: after a sync: %s", comments, got)
		}
		OK(t, x.Close())
		if got := members(t, "b"); got != "10.0.0.1 timeout 0" {
			t.Errorf("%q: left: %s", comments, got)
		}
		Run(t, "", "ipset", "destroy")
	}
}

// TestCrash: what a killed agent left is taken over, with a new timeout, or out.
func TestCrash(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Set: "b", Family: "ipv4", Managed: true})
	OK(t, x.Sync(All(100, one, two)))
	y := open(t, Settings{Set: "b", Family: "ipv4"})
	OK(t, y.Sync(All(1000, two)))
	if got := members(t, "b"); strings.Contains(got, ";") || !strings.HasPrefix(got, "10.0.0.2 timeout 999") && !strings.HasPrefix(got, "10.0.0.2 timeout 1000") {
		t.Error(got)
	}
	OK(t, y.Close())
	if got := members(t, "b"); !strings.HasPrefix(got, "10.0.0.2") {
		t.Errorf("a set that is not managed: %s", got)
	}
}

// TestHold: what is held for a time stays through a Sync, until Purge.
func TestHold(t *testing.T) {
	namespace(t)
	for _, comments := range []string{"comment", ""} {
		Run(t, "", "sh", "-c", "ipset create b hash:ip timeout 0 "+comments)
		x := open(t, Settings{Set: "b", Family: "ipv4", Managed: true, Hold: true})
		OK(t, x.Sync(All(600)))
		OK(t, x.Add(one, 600)) // it ends, and nobody says so
		OK(t, x.Add(two, 600))
		OK(t, x.Flush())
		for range 2 {
			OK(t, x.Sync(All(600, two)))
			if got := members(t, "b"); strings.Count(got, "10.0.0.") != 2 {
				t.Errorf("%q: after a sync: %s", comments, got)
			}
		}
		x.Purge()
		OK(t, x.Sync(All(600, two)))
		if got := members(t, "b"); !strings.HasPrefix(got, "10.0.0.2 ") || strings.Contains(got, ";") {
			t.Errorf("%q: after a purge: %s", comments, got)
		}
		OK(t, x.Close())
		Run(t, "", "ipset", "destroy")
	}
}

// TestRefused: what is wrong is one line that says what to do.
func TestRefused(t *testing.T) {
	namespace(t)
	Run(t, "create port hash:ip,port\ncreate plain hash:ip\ncreate six hash:ip family inet6 timeout 0\ncreate small hash:ip timeout 0 maxelem 1\nadd small 9.9.9.9\n", "ipset", "restore")
	for _, c := range []struct{ set, want string }{
		{"port", "another type (hash:ip,port) or family: make it with type hash:ip"},
		{"six", "another type (hash:ip) or family: make it with type hash:ip"},
		{"plain", "timeout 0"},
		{"small", "is full"},
		{"none", "run `ipset create none hash:ip timeout 0 comment`"},
	} {
		stale := 0
		x := open(t, Settings{Common: action.Common{Stale: func() { stale++ }}, Set: c.set, Family: "ipv4"})
		err := x.Sync(All(60, one))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.set, err, c.want)
		}
		x.start = x.start.Add(-staleEvery * 1e9)
		if OK(t, x.Flush()); (c.set == "none" || c.set == "small") && stale != 1 {
			t.Errorf("%s: asked %d times for another try", c.set, stale)
		}
	}
	other := open(t, Settings{Set: "port", Family: "ipv6", Managed: true})
	if err := other.Sync(All(0)); err == nil || !strings.Contains(err.Error(), "run `ipset destroy port` once no rule of the firewall asks it, so that it is made with type hash:ip, family inet6") {
		t.Error(err)
	}
	Run(t, "", "ipset", "destroy", "port")
	OK(t, other.Sync(All(0)))
	x := open(t, Settings{Common: action.Common{Most: 1}, Set: "b", Family: "ipv4", Managed: true})
	if err := x.Sync(All(0, one, two)); err == nil || !strings.Contains(err.Error(), "max_elements") {
		t.Error(err)
	}
	Run(t, "", "ipset", "destroy", "b")
	OK(t, x.Remove(one))
	OK(t, x.Flush())
	if err := x.Add(two, 0); err != nil {
		t.Error(err)
	}
	if err := x.Flush(); err == nil || !x.lack {
		t.Errorf("a set that went away: %v", err)
	}
	OK(t, x.Sync(All(0, two)))
	if got := members(t, "b"); !strings.HasPrefix(got, "10.0.0.2") {
		t.Errorf("made again: %s", got)
	}
}

func TestMany(t *testing.T) {
	namespace(t)
	x := open(t, Settings{Common: action.Common{Most: 5000}, Set: "b", Family: "ipv4", Managed: true})
	OK(t, x.Sync(All(0)))
	f := *one
	for n := range 100000 {
		binary.BigEndian.PutUint32(f.Other[:], uint32(0x0a000000+n))
		_ = x.Add(&f, 3600)
	}
	OK(t, x.Flush())
	if n := x.Count(); n.Elements != 5000 || n.Added != 5000 || n.Refused != 95000 {
		t.Errorf("%+v", n)
	}
	if n := strings.Count(members(t, "b"), "netifyd"); n != 5000 {
		t.Errorf("%d elements", n)
	}
}

func TestClass(t *testing.T) {
	for s, want := range map[string]uint32{"1:10": 0x10010, "0:0": 0, "ffff:a": 0xffff000a} {
		if got, err := Class(s); err != nil || got != want {
			t.Errorf("%s: %x, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "1", "1:", ":1", "10000:1", "1:x"} {
		if _, err := Class(s); err == nil {
			t.Errorf("%q is a class", s)
		}
	}
}

// TestAnswersThatDoNotFit: where the kernel has more to say than the socket
// holds, a Sync is asked for, and the next ones say less at a time until all is well.
func TestAnswersThatDoNotFit(t *testing.T) {
	Namespace(t, "ipset")
	asked := 0
	x := open(t, Settings{Common: action.Common{Stale: func() { asked++ }}, Set: "a", Family: "ipv4", Managed: true})
	OK(t, x.Sync(All(0)))
	var flows []*action.Subject
	for n := range 300 {
		flows = append(flows, Flow("192.168.1.2:1000", fmt.Sprintf("10.0.%d.%d:443", n/100, n%100)))
	}
	Overflow(t, x, &asked, flows...)
	if n := x.Count(); n.Elements != 300 || n.Errors == 0 {
		t.Errorf("%+v", n)
	}
	for range 3 { // what was missed is no answer to what is asked later
		OK(t, x.Sync(All(0, flows...)))
	}
	if n := strings.Count(Run(t, "", "ipset", "list", "a"), "10.0."); n != 300 {
		t.Errorf("the set holds %d elements", n)
	}
}

// TestNoRight: without CAP_NET_ADMIN the error names it.
func TestNoRight(t *testing.T) {
	namespace(t)
	DropNetAdmin(t)
	x, err := Open(Settings{Set: "b", Managed: true})
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
		{Settings{}, "give a name"},
		{Settings{Set: strings.Repeat("x", 29)}, "1 to 31 letters"},
		{Settings{Set: "b", Type: "bitmap:ip"}, "take hash:ip"},
		{Settings{Set: "b", Family: "inet"}, "take ipv4"},
	} {
		if _, err := c.s.complete(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.s, err, c.want)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	s := Settings{Type: "hash:ip,port,ip"}
	i, _ := s.item(one)
	b := s.appendItem(nil, cmdAdd, 0, 1, &set{name: "b", notes: true}, &i, 60)
	f.Add(b[20:])
	b, at := netlink.Begin(nil, attrElements)
	b, in := netlink.Begin(b, attrData)
	b = netlink.Text(i.append(b, s.Type), elemComment, comment)
	netlink.Finish(b, in)
	netlink.Finish(b, at)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		each(b, func(e *element) { e.key(nil) })
		var h head
		h.parse(b)
	})
}
