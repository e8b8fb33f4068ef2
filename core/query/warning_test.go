package query_test

import (
	"strings"
	"testing"

	"netifyd/core/query"
	"netifyd/core/query/client"
)

// Whatever an agent warns of has words on a terminal, with a remedy.
func TestWarningsHaveWords(t *testing.T) {
	states := []query.Interface{{Name: "eth0", State: "starting"}, {Name: "eth0", State: "offline"}, {Name: "eth0", State: "gone"}}
	seen := map[string]bool{}
	for _, a := range []query.Agent{
		{Interfaces: states, DroppedLately: 1, EvictedLately: 7, MaxFlows: 8192, Offload: "software", ClockUnset: true, HistoryLost: true, HistoryError: "no room", Clients: 4, MaxClients: 4},
		{Offload: "hardware", OffloadUncounted: true},
	} {
		for _, w := range query.Warnings(&a) {
			seen[w.ID] = true
			what, remedy := (&client.Warning{ID: w.ID, Args: w.Args}).Words()
			if remedy == "" || strings.Contains(what+remedy, "%1") || strings.Contains(what+remedy, "%2") {
				t.Errorf("%s %q: %q, %q", w.ID, w.Args, what, remedy)
			}
			if w.ID == "table_full" && !strings.Contains(what, "8192 places is full: 7 flows") {
				t.Errorf("%q", what)
			}
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d warnings are looked at: %v", len(seen), seen)
	}
	if what, remedy := (&client.Warning{ID: "of_tomorrow", Args: []string{"a", "b"}}).Words(); what != "of_tomorrow a b" || remedy != "" {
		t.Errorf("%q, %q", what, remedy)
	}
}
