package query_test

import (
	"fmt"
	"strings"
	"testing"

	"netifyd/core/query"
)

// Lists come first by what is asked for; the sums are those of all devices.
func TestOverview(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	for by, want := range map[string]string{
		"now":   "00:00:00:00:00:01 netify.youtube 77",
		"today": "00:00:00:00:00:01 netify.youtube 77",
		"month": "00:00:00:00:00:01 00:00:00:00:00:02 netify.netflix netify.youtube 1577",
	} {
		v := ask(t, s, "overview", `{"by":"`+by+`"}`)
		var have []string
		for _, name := range []string{"devices", "applications"} {
			for _, row := range v[name].(map[string]any)["rows"].([]any) {
				have = append(have, fmt.Sprint(row.([]any)[map[string]int{"devices": 1, "applications": 2}[name]]))
			}
		}
		words := v["words"].(map[string]any)
		have = append(have, fmt.Sprint(words["down"]))
		if got := strings.Join(have, " "); got != want {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
	if v := ask(t, s, "overview", `{"by":"week"}`); !strings.Contains(fmt.Sprint(v["error"]), "want now, today or month") {
		t.Error(v["error"])
	}
}

// A page that asks again gets the samples that it has not seen.
func TestOverviewGivesNewSamples(t *testing.T) {
	h := newCounted(t)
	s := query.New(h)
	u := h.table
	u.Devices.Lock()
	at, step := u.Sampled()
	for range 4 {
		at += int64(step) * 1e9
		u.Tick(at)
	}
	u.Devices.Unlock()
	all := len(ask(t, s, "overview", "")["wan"].(map[string]any)["down"].([]any))
	for missing := range 4 {
		v := ask(t, s, "overview", fmt.Sprintf(`{"since":%d}`, at/1e9-int64(missing*step)))
		if n := len(v["wan"].(map[string]any)["down"].([]any)); n != missing {
			t.Errorf("%d samples, want %d of %d", n, missing, all)
		}
	}
	if n := len(ask(t, s, "overview", `{"since":1}`)["wan"].(map[string]any)["up"].([]any)); n != all {
		t.Errorf("%d samples, want all %d", n, all)
	}
}

// Where usage is off there is still something to say.
func TestOverviewWithoutUsage(t *testing.T) {
	h := newCounted(t)
	v := ask(t, query.New(h.Still), "overview", "")
	if v["error"] != nil || v["words"].(map[string]any)["devices"] != 0.0 || len(v["warnings"].([]any)) == 0 {
		t.Error(v)
	}
}
