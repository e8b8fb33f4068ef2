package pftable

import (
	"net/netip"
	"testing"
)

// After a start that failed no table is left that it made; what others made or
// put there stays, and so does the table at a usual end.
func TestUnmake(t *testing.T) {
	other := netip.MustParseAddr("10.9.9.9")
	for _, x := range []struct {
		what             string
		there, put, undo bool
		want             bool
	}{
		{"made", false, false, true, false},
		{"was there", true, false, true, true},
		{"somebody put something there", false, true, true, true},
		{"a usual end", false, false, false, true},
	} {
		d := &fake{there: x.there, most: 10, list: map[netip.Addr]bool{}}
		set := Settings{Table: "b", Managed: true}
		if err := set.complete(); err != nil {
			t.Fatal(err)
		}
		target := open(set, d)
		if err := target.Sync(all(600, flow(1), six())); err != nil {
			t.Fatal(err)
		}
		if err := target.Sync(all(600, flow(1))); err != nil { // it is there now, and still the target's own
			t.Fatal(err)
		}
		if x.put {
			d.list[other] = true
		}
		if x.undo {
			target.Unmake()
		}
		if err := target.Close(); err != nil {
			t.Errorf("%s: %v", x.what, err)
		}
		if d.there != x.want || len(d.list) > 0 && !x.put {
			t.Errorf("%s: there is %v with %s", x.what, d.there, d)
		}
	}
}
