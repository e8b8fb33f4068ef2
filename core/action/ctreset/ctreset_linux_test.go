package ctreset

import (
	"strings"
	"testing"

	"netifyd/core/action"
	. "netifyd/core/action/actiontest"
)

// TestReset takes one connection out of the table and leaves the other.
func TestReset(t *testing.T) {
	Namespace(t, "conntrack", "nft")
	Run(t, "table inet t { chain c { type filter hook input priority 0; ct state new counter; }; }", "nft", "-f", "-")
	for _, src := range []string{"192.168.1.2", "192.168.1.3"} {
		Run(t, "", "conntrack", "-I", "-p", "tcp", "-s", src, "-d", "10.0.0.1", "--sport", "40001", "--dport", "443", "--state", "ESTABLISHED", "-t", "100")
	}
	x, err := Open(Settings{action.Common{Name: "t"}})
	OK(t, err)
	defer x.Close()
	OK(t, x.Sync(All(0, Flow("192.168.1.3:40001", "10.0.0.1:443")))) // what is told again is not reset again
	f := Flow("192.168.1.2:40001", "10.0.0.1:443")
	OK(t, x.Add(f, 0))
	OK(t, x.Remove(f))
	OK(t, x.Flush())
	out := Run(t, "", "conntrack", "-L")
	if strings.Contains(out, "192.168.1.2") || !strings.Contains(out, "192.168.1.3") {
		t.Error(out)
	}
	if n := x.Count(); n.Added != 1 || n.Gone != 0 || n.Errors != 0 {
		t.Errorf("%+v", n)
	}
}
