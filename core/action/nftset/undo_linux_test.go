package nftset

import (
	"strings"
	"testing"
)

// After a start that failed nothing is left that it made; what others made or use stays.
func TestUnmake(t *testing.T) {
	namespace(t)
	start := func(table string) {
		t.Helper()
		a := open(t, Settings{Table: table, Set: "a", Hold: true, Managed: true})
		ok(t, a.Sync(all(600, flow(1, false), flow(2, true))))
		b := open(t, Settings{Table: table, Set: "a", Key: []string{"other_addr"}, Managed: true})
		ok(t, b.Sync(all(600, flow(1, false))))
		a.Unmake()
		b.Unmake()
		ok(t, b.Close())
		ok(t, a.Close())
	}
	start("own")
	if got := nft(t, "list ruleset"); got != "" {
		t.Errorf("is left:\n%s", got)
	}
	nft(t, "add table inet other; add set inet other mine { type ipv4_addr; }")
	want := nft(t, "list ruleset")
	start("other")
	if got := nft(t, "list ruleset"); got != want {
		t.Errorf("is there:\n%s\nwant:\n%s", got, want)
	}
	nft(t, "add set inet other a.v4 { type ipv4_addr; flags timeout; }; add element inet other a.v4 { 10.9.9.9 }")
	want = nft(t, "list ruleset")
	start("other")
	if got := nft(t, "list ruleset"); got != want {
		t.Errorf("is there:\n%s\nwant:\n%s", got, want)
	}
	x := open(t, Settings{Table: "used", Set: "a", Family: "ipv4", Managed: true})
	ok(t, x.Sync(all(0)))
	nft(t, "add chain inet used c; add rule inet used c ip daddr @a drop")
	x.Unmake()
	ok(t, x.Close())
	if got := nft(t, "list ruleset"); !strings.Contains(got, "@a drop") || !strings.Contains(got, "set a {") {
		t.Errorf("what a rule uses went:\n%s", got)
	}
}
