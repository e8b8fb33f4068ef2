package ipset

import (
	"strings"
	"testing"

	. "netifyd/core/action/actiontest"
)

// After a start that failed nothing is left that it made; what others put there stays.
func TestUnmake(t *testing.T) {
	namespace(t)
	Run(t, "", "ipset", "create", "there.v4", "hash:ip", "timeout", "0", "comment")
	start := func(name string) *Target {
		x := open(t, Settings{Set: name, Managed: true})
		OK(t, x.Sync(All(600, one, six)))
		x.Unmake()
		return x
	}
	OK(t, start("made").Close())
	OK(t, start("there").Close())
	x := start("others")
	Run(t, "", "ipset", "add", "others.v6", "2001:db8::9")
	OK(t, x.Close())
	if got := strings.Join(strings.Fields(Run(t, "", "ipset", "list", "-n")), " "); got != "there.v4 others.v6" {
		t.Errorf("the sets %s are left", got)
	}
}
