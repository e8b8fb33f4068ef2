package query_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/core/query"
	"netifyd/core/query/querytest"
)

func ask(t *testing.T, s *query.Server, method, args string) map[string]any {
	t.Helper()
	text, _ := s.Ask(method, []byte(args), query.Caller{})
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s %s: %v: %s", method, args, err, text)
	}
	return v
}

// first gives the first cells of the rows of a list.
func first(v map[string]any) string {
	out := ""
	for _, r := range v["rows"].([]any) {
		if n, ok := r.([]any)[0].(float64); ok {
			out += strconv.FormatFloat(n, 'f', -1, 64) + " "
			continue
		}
		out += fmt.Sprint(r.([]any)[0]) + " "
	}
	return strings.TrimSpace(out)
}

func TestFlowsAreSortedAndPaged(t *testing.T) {
	s := query.New(querytest.House())
	digest := func(n ...byte) string {
		out := ""
		for _, x := range n {
			out += fmt.Sprintf("%02x00000000000000 ", x)
		}
		return strings.TrimSpace(out)
	}
	a, b, c := byte(900&255), byte(950&255), byte(990&255)
	for args, want := range map[string]string{
		`{"sort":"bytes"}`: digest(b, a, c), `{"sort":"-bytes"}`: digest(c, a, b), `{"sort":"age"}`: digest(a, b, c), `{"sort":"-age","limit":1}`: digest(c),
		`{"sort":"bytes","offset":1,"limit":1}`: digest(a), `{"sort":"protocol"}`: digest(a, b, c), `{"sort":"host"}`: digest(b, a, c), `{"filter":"port:443","sort":"age"}`: digest(a, b),
		`{"limit":0}`: "", `{"offset":9}`: "",
	} {
		v := ask(t, s, "flows", args)
		if v["error"] != nil {
			t.Errorf("%s: %v", args, v["error"])
			continue
		}
		if got := first(v); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
	if v := ask(t, s, "flows", `{"filter":"port:443","limit":1}`); v["total"] != 2.0 {
		t.Errorf("total is %v, want 2", v["total"])
	}
}

func TestWrongQuestions(t *testing.T) {
	s := query.New(querytest.House())
	for _, x := range []struct{ method, args, want string }{
		{"flow", `{}`, "8 to 40 hexadecimal"}, {"flow", `{"digest":"00000000"}`, "no flow of this moment"}, {"flow", `{"digest":"zzzzzzzzz"}`, "hexadecimal"},
		{"flows", `{"sort":"size"}`, "there is no column"}, {"flows", `{"limit":"x"}`, "want a number"}, {"flows", `{"limit":-1}`, "want a number"},
		{"flows", `{"offset":2000}`, "narrow the filter"}, {"flows", `{"filter":7}`, "want a text"}, {"flows", `{"fliter":"x"}`, `no argument "fliter": it takes filter, criteria, sort`},
		{"flows", `[1]`, "no JSON object"}, {"nosuch", ``, "no such method"}, {"plan", `{"values":3}`, "want an object"},
	} {
		v := ask(t, s, x.method, x.args)
		if text, _ := v["error"].(string); !strings.Contains(text, x.want) {
			t.Errorf("%s %s: %v, want %q", x.method, x.args, v["error"], x.want)
		}
	}
	if _, err := s.Ask("flows", []byte(`{"ubus_rpc_session":"x"}`), query.Caller{}); err != nil {
		t.Error(err)
	}
	query.Methods()[0].Change = true
	defer func() { query.Methods()[0].Change = false }()
	if _, err := s.Ask("methods", nil, query.Caller{}); !errors.Is(err, query.ErrNoPermission) {
		t.Errorf("a reader may change something: %v", err)
	}
	if _, err := s.Ask("methods", nil, query.Caller{Changes: true}); err != nil {
		t.Error(err)
	}
}

// An answer never exceeds its bounds, and says where it was cut.
func TestAnswersAreBounded(t *testing.T) {
	h := querytest.House()
	h.List = h.List[:0]
	for i := range int64(500) {
		h.List = append(h.List, querytest.Record(i+1, proto.HTTPS, 133, "192.168.1.7", "198.51.100.9", 443, uint64(i)))
		h.Hosts[(i+1)*1e9] = strings.Repeat("long-name.", 25) + "example"
	}
	s := query.New(h)
	text, err := s.Ask("flows", []byte(`{"limit":200,"sort":"bytes"}`), query.Caller{})
	if err != nil || len(text) > query.MaxBytes+query.Slack {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	v := ask(t, s, "flows", `{"limit":200}`)
	if n := len(v["rows"].([]any)); n == 0 || n > query.MaxRows || v["cut"] != true || v["total"] != 500.0 {
		t.Errorf("%d rows, cut %v, total %v", n, v["cut"], v["total"])
	}
	for i := range h.List {
		h.Hosts[h.List[i].First] = ""
	}
	if v := ask(t, s, "flows", `{"limit":5000}`); len(v["rows"].([]any)) != query.MaxRows {
		t.Errorf("%d rows, want %d", len(v["rows"].([]any)), query.MaxRows)
	}
	if s.Room() > query.MaxBytes+query.Slack {
		t.Errorf("the buffer grew to %d", s.Room())
	}
}

// An error that quotes the question is as bounded as an answer.
func TestErrorsAreBounded(t *testing.T) {
	s := query.New(querytest.House())
	long := strings.Repeat(`\u0001`, 20000)
	for method, args := range map[string]string{"status": `{"` + long + `":1}`, "flows": `{"sort":"` + long + `"}`, "rule_pause": `{"rule":"` + long + `","minutes":1}`} {
		text, err := s.Ask(method, []byte(args), query.Caller{Changes: true})
		if err == nil || len(text) > query.MaxBytes {
			t.Errorf("%s: %d bytes, %v", method, len(text), err != nil)
		}
	}
	if s.Room() > query.MaxBytes+query.Slack {
		t.Errorf("the buffer grew to %d", s.Room())
	}
}

func TestUntrustedTextIsEscaped(t *testing.T) {
	h := querytest.House()
	h.Hosts[900e9] = "a\x1b[2J\"\u202e<b>"
	text, err := query.New(h).Ask("flows", nil, query.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range text {
		if c < 0x20 || c > 0x7e {
			t.Fatalf("byte %#x in the answer: %q", c, text)
		}
	}
}

// Every question answers with an object, also without arguments.
func TestEveryMethodAnswers(t *testing.T) {
	s := query.New(newCounted(t))
	for _, m := range query.Methods() {
		if m.Change { // these are for others, and each has a test of its own
			continue
		}
		v := ask(t, s, m.Name, m.Example)
		if m.Doc == "" {
			t.Errorf("%s has no documentation", m.Name)
		}
		if v["error"] != nil && m.Name != "flow" && m.Name != "device" && m.Name != "rule_explain" {
			t.Errorf("%s: %v", m.Name, v["error"])
		}
	}
}

// The note "hint" is where the event's confidence is: not where a DNS answer had
// named a server that the packets name too.
func TestFlowsByHint(t *testing.T) {
	h := &querytest.Still{List: []flow.Record{
		{First: 1e9, Confidence: flow.ByDPI, Flags: flow.HintHit},
		{First: 2e9, Confidence: flow.ByDPI, Flags: flow.HintHit | flow.HintApp},
		{First: 3e9, Confidence: flow.ByHint},
	}}
	for i := range h.List {
		h.List[i].Key = flow.Key{Version: 4}
	}
	v := ask(t, query.New(h), "flows", `{"sort":"digest"}`)
	have := map[any]any{}
	for i := range v["rows"].([]any) {
		have[cell(v, i, "digest").(string)[:2]] = cell(v, i, "flags")
	}
	if have["01"] != "" || have["02"] != "hint" || have["03"] != "hint" {
		t.Errorf("%v, %v", have, v)
	}
}
