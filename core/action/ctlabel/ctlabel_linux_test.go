package ctlabel

import (
	"strings"
	"testing"

	"netifyd/core/action"
	. "netifyd/core/action/actiontest"
)

// names are those of NethSecurity, and two that are made of tags.
const names = "0 netify-init\n1 netify-blocked\n2 netify-analyzed\n\n3 bulk\n100 a-facebook\n127 p-HTTP-S\n"

func table(t *testing.T) {
	Namespace(t, "conntrack", "nft")
	Etc(t, map[string]string{"connlabel.conf": names, "xtables/connlabel.conf": names})
}

const uses = "table inet t { chain use { ct label set netify-init; }; chain c { type filter hook input priority 0; ct state new counter; }; }"

func insert(t *testing.T, src string) {
	t.Helper()
	Run(t, "", "conntrack", "-I", "-p", "tcp", "-s", src, "-d", "10.0.0.1", "--sport", "40001", "--dport", "443", "--state", "ESTABLISHED", "-t", "100")
}

// labelsOf the connection from an address, as conntrack names them.
func labelsOf(t *testing.T, src string) string {
	t.Helper()
	out := Run(t, "", "conntrack", "-L", "-o", "labels", "-s", src)
	_, s, _ := strings.Cut(out, "labels=")
	s, _, _ = strings.Cut(s, "\n")
	return strings.TrimSpace(s)
}

func open(t *testing.T, s Settings) *Target {
	t.Helper()
	s.Name = "t"
	s.Application, s.Protocol = func(uint32) string { return "facebook" }, func(uint32) string { return "HTTP/S" }
	x, err := Open(s)
	OK(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

// TestLabel: names and bits, labels of others stay, labels come off again.
func TestLabel(t *testing.T) {
	table(t)
	Run(t, uses, "nft", "-f", "-")
	insert(t, "192.168.1.2")
	Run(t, "", "conntrack", "-U", "-s", "192.168.1.2", "--label-add", "bulk")
	f := Flow("192.168.1.2:40001", "10.0.0.1:443")
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{Labels: []string{"netify-blocked"}}, "netify-blocked,bulk"},
		{Settings{Labels: []string{"netify-blocked", "2"}}, "netify-blocked,netify-analyzed,bulk"},
		{Settings{Auto: true}, "bulk,a-facebook,p-HTTP-S"},
	} {
		x := open(t, c.s)
		OK(t, x.Sync(All(0, f)))
		if got := labelsOf(t, "192.168.1.2"); got != c.want {
			t.Errorf("%v: %s, want %s", c.s.Labels, got, c.want)
		}
		OK(t, x.Remove(f))
		OK(t, x.Flush())
		if got := labelsOf(t, "192.168.1.2"); got != "bulk" {
			t.Errorf("%v: %s are left", c.s.Labels, got)
		}
	}
}

// TestManaged takes a label off what no flow wants it on, at start and at the end.
func TestManaged(t *testing.T) {
	table(t)
	Run(t, uses, "nft", "-f", "-")
	for _, src := range []string{"192.168.1.2", "192.168.1.3"} {
		insert(t, src)
		Run(t, "", "conntrack", "-U", "-s", src, "--label-add", "netify-blocked")
	}
	x := open(t, Settings{Labels: []string{"netify-blocked"}, Managed: true, Alone: true})
	OK(t, x.Sync(All(0, Flow("192.168.1.3:40001", "10.0.0.1:443"))))
	if a, b := labelsOf(t, "192.168.1.2"), labelsOf(t, "192.168.1.3"); a != "" || b != "netify-blocked" {
		t.Errorf("after a start: %q %q", a, b)
	}
	OK(t, x.Close())
	if b := labelsOf(t, "192.168.1.3"); b != "" {
		t.Errorf("after the end: %q", b)
	}
}

// TestUnused: without a rule that uses labels the kernel keeps none, and the line to add is said.
func TestUnused(t *testing.T) {
	table(t)
	x := open(t, Settings{Labels: []string{"netify-blocked"}})
	err := x.Sync(All(0))
	if err == nil || !strings.Contains(err.Error(), "ct label set 0") {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(err.Error(), "`")
	line, _, _ = strings.Cut(line, "`")
	Run(t, line, "nft", "-f", "-")
	OK(t, x.Sync(All(0)))
	if out := Run(t, "", "conntrack", "-L"); strings.Contains(out, "192.0.2.1") {
		t.Errorf("what was tried is left: %s", out)
	}
}

// TestRoomless: what began before a rule used labels stays without, which is no
// error once the rule is there; the kernel is looked at once, not for each of them.
func TestRoomless(t *testing.T) {
	table(t)
	insert(t, "192.168.1.2")
	insert(t, "192.168.1.3")
	Run(t, uses, "nft", "-f", "-")
	insert(t, "192.168.1.4")
	asked := 0
	x := open(t, Settings{Common: action.Common{Stale: func() { asked++ }}, Labels: []string{"netify-blocked"}})
	flows := []*action.Subject{Flow("192.168.1.2:40001", "10.0.0.1:443"), Flow("192.168.1.3:40001", "10.0.0.1:443"), Flow("192.168.1.4:40001", "10.0.0.1:443")}
	for range 2 {
		OK(t, x.Sync(All(0, flows...)))
	}
	for _, f := range flows[:2] {
		OK(t, x.Remove(f))
	}
	OK(t, x.Flush())
	if n := x.Count(); n.Errors != 0 || n.Elements != 1 || n.Gone == 0 || asked != 1 {
		t.Errorf("%+v, asked for a Sync %d times, want once", n, asked)
	}
	if got := labelsOf(t, "192.168.1.4"); got != "netify-blocked" {
		t.Errorf("the connection with room has %q", got)
	}
}

func TestSettings(t *testing.T) {
	file := t.TempDir() + "/connlabel.conf"
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{}, "no label is named"},
		{Settings{Labels: []string{"none"}}, "add a line `BIT none`"},
		{Settings{Labels: []string{"128"}}, "take 0 to 127"},
		{Settings{Labels: []string{"-1"}}, "take 0 to 127"},
		{Settings{Labels: []string{"9"}, Highest: 8}, "take 0 to 8"},
		{Settings{Labels: []string{"1"}, File: file}, "no such file"},
	} {
		c.s.Common = action.Common{Name: "t"}
		if _, err := c.s.complete(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.s, err, c.want)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add(names)
	f.Add("128 x\n1")
	f.Add("1 x # comment")
	f.Fuzz(func(t *testing.T, s string) {
		names, err := parse(strings.NewReader(s))
		for n, bit := range names {
			if err == nil && (n == "" || bit < 0 || bit > bitMost) {
				t.Fatalf("%q is bit %d", n, bit)
			}
		}
	})
}
