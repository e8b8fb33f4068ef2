package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A wish narrows what is configured, and widens it as far as the owner allows.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		kinds, allow []string
		wish         string
		told         string // usage, flow, events
		every        time.Duration
		logged       string
	}{
		{[]string{"usage"}, nil, ``, "usage", 5 * time.Minute, ""},
		{[]string{"usage"}, nil, `{"flows":"all"}`, "usage", 5 * time.Minute, "does not allow"},
		{[]string{"usage"}, []string{"flow"}, `{"flows":"all"}`, "usage flow", 5 * time.Minute, "events are not told"},
		{[]string{"usage"}, []string{"flow", "events"}, `{"flows":"all"}`, "usage flow events", 5 * time.Minute, "wishes"},
		{[]string{"usage"}, []string{"flow", "events"}, `{"flows":"final"}`, "usage flow", 5 * time.Minute, "wishes"},
		{[]string{"usage"}, []string{"flow"}, ``, "usage", 5 * time.Minute, ""},
		{[]string{"usage", "flow"}, nil, `{"flows":"none","usage":"1h"}`, "usage", time.Hour, "wishes"},
		{[]string{"usage"}, nil, `{"usage":"1s"}`, "usage", 5 * time.Minute, "wishes"},
		{[]string{"usage", "flow"}, nil, `{"flows":"none","until":99}`, "usage flow", 5 * time.Minute, "wishes"},
		{[]string{"usage", "flow"}, nil, `{"flows":"none","until":101}`, "usage", 5 * time.Minute, "wishes"},
		{[]string{"usage", "flow"}, nil, `{"flows":"some"}`, "usage flow", 5 * time.Minute, "not understood"},
		{[]string{"usage", "flow"}, nil, `hello`, "usage flow", 5 * time.Minute, "not understood"},
		{[]string{"usage", "flow"}, nil, `{"usage":"-1h"}`, "usage flow", 5 * time.Minute, "not understood"},
	} {
		var log []string
		p := New(c.kinds, c.allow, func(f string, a ...any) { log = append(log, fmt.Sprintf(f, a...)) })
		p.now = func() time.Time { return time.Unix(100, 0) }
		p.Hear([]byte(c.wish))
		p.Hear([]byte(c.wish)) // said once
		var told []string
		for _, k := range []string{"usage", "flow", "events"} {
			if p.Told(k) {
				told = append(told, k)
			}
		}
		if got := strings.Join(told, " "); got != c.told || p.Usage(5*time.Minute) != c.every {
			t.Errorf("%v %v %s: %s, %v", c.kinds, c.allow, c.wish, got, p.Usage(5*time.Minute))
		}
		if all := strings.Join(log, "\n"); !strings.Contains(all, c.logged) || c.logged == "" && all != "" || strings.Count(all, "wishes") > 1 {
			t.Errorf("%s: logged %q", c.wish, all)
		}
	}
}

// An empty wish ends the one before.
func TestEnd(t *testing.T) {
	p := New([]string{"flow"}, nil, func(string, ...any) {})
	p.Hear([]byte(`{"flows":"none"}`))
	if p.Told("flow") || p.Wish() == nil {
		t.Error("a wish changes nothing")
	}
	p.Hear(nil)
	if !p.Told("flow") || p.Wish() != nil {
		t.Error("a wish does not end")
	}
	var none *Policy
	if !none.Told("flow") || none.Usage(time.Hour) != time.Hour || none.Wish() != nil {
		t.Error("without a policy all is not as configured")
	}
}

// What a server says with every answer is logged once, also if it is over or too long.
func TestSaidOnce(t *testing.T) {
	for _, wish := range []string{`{"flows":"none","until":99}`, `{"usage":"` + strings.Repeat("1", 2000) + `h"}`} {
		n := 0
		p := New([]string{"flow"}, nil, func(string, ...any) { n++ })
		p.now = func() time.Time { return time.Unix(100, 0) }
		for range 5 {
			p.Hear([]byte(wish))
			p.Told("flow")
		}
		if n != 1 {
			t.Errorf("%.40s is logged %d times", wish, n)
		}
	}
}
