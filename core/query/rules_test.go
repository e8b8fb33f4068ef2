package query_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"netifyd/core/query"
	"netifyd/core/query/querytest"
)

func TestRules(t *testing.T) {
	h := querytest.House()
	h.Told = &querytest.Rules{Paused: map[string]time.Duration{}}
	s := query.New(h)
	for _, c := range []struct{ method, args, want string }{
		{"rules", `{}`, `"lost":3,"targets":{"columns":["target","type","open","elements","added","removed","gone","refused","syncs","errors","error","error_at","failing"],"rows":[["blocked","nftset",true,2,7,5,0,0,1,1,"set is full",980,true]],"total":1},` +
			`"columns":["rule","enabled","active","paused_until","hits","flows","last","elements","errors","error","targets","times","criteria"],` +
			`"rows":[["night",true,true,0,7,2,990,2,0,"",["blocked"],["20:00-07:00"],"ac:games"],["tv",true,false,1060,0,0,0,2,0,"",["blocked"],[],"device == 'tv'"]],"total":2}`},
		{"rules", `{"offset":1}`, `"rows":[["tv",`},
		{"rule_explain", `{"digest":"11000000"}`, `no flow of this moment`},
		{"rule_explain", `{"digest":"x"}`, `want 8 to 40 hexadecimal digits`},
		{"flows", `{"criteria":"Netflix"}`, `"total":1`},
		{"flows", `{"criteria":"nosuch"}`, `"warnings":["nosuch never matches"],"columns"`},
		{"flows", `{"criteria":"a = 1"}`, `criteria: column 1`},
	} {
		text, _ := s.Ask(c.method, []byte(c.args), query.Caller{})
		if !strings.Contains(string(text), c.want) || !json.Valid(text) {
			t.Errorf("%s %s: %s\nwant %s", c.method, c.args, text, c.want)
		}
	}
	list := ask(t, s, "flows", `{"limit":1}`)
	digest := list["rows"].([]any)[0].([]any)[0].(string)
	text, err := s.Ask("rule_explain", []byte(`{"digest":"`+digest+`"}`), query.Caller{})
	if want := `"columns":["rule","part","holds"],"rows":[["night","ac:games",false],["night","criteria",false],["night","matches",false],["","told blocked",true]],"total":4}`; err != nil || !strings.HasSuffix(string(text), want) {
		t.Errorf("%s, %v\nwant %s", text, err, want)
	}
}

func TestRulePause(t *testing.T) {
	h := querytest.House()
	s := query.New(h)
	may := query.Caller{Changes: true}
	if text, _ := s.Ask("rule_pause", []byte(`{"rule":"night","minutes":1}`), may); !strings.Contains(string(text), "there are no rules: docs/actions.md") {
		t.Errorf("without rules: %s", text)
	}
	rules := &querytest.Rules{Paused: map[string]time.Duration{}}
	h.Told = rules
	if text, _ := s.Ask("rule_pause", []byte(`{"rule":"night","minutes":1}`), query.Caller{}); !strings.Contains(string(text), "only root") {
		t.Errorf("by anybody: %s", text)
	}
	for args, want := range map[string]time.Duration{`{"rule":"night","minutes":30}`: 30 * time.Minute, `{"rule":"night","seconds":90}`: 90 * time.Second, `{"rule":"night","seconds":0}`: 0} {
		if text, err := s.Ask("rule_pause", []byte(args), may); err != nil || rules.Paused["night"] != want {
			t.Errorf("%s: %s, paused for %v", args, text, rules.Paused["night"])
		}
	}
	for args, want := range map[string]string{`{}`: "rule: want the name", `{"rule":"night"}`: "say for how long", `{"rule":"x","minutes":1}`: "there is no such rule", `{"rule":"night","minutes":999999999}`: "at most a year"} {
		if text, err := s.Ask("rule_pause", []byte(args), may); err == nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %s, want %q", args, text, want)
		}
	}
}
