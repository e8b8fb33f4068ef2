package web

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"netifyd/core/query"
	"netifyd/core/query/control"
	"netifyd/core/query/querytest"
)

// answering is the real control socket over a few flows.
func answering(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := control.Serve(l, query.New(querytest.House()), control.Options{Group: -1})
	t.Cleanup(s.Close)
	return path
}

// What can be asked here is what the agent answers, with arguments of the same kinds.
func TestMethodsAreTheAgents(t *testing.T) {
	left := []string{"check"} // and the values of plan: see methods
	want := map[string]*query.Method{}
	for i := range query.Methods() {
		m := &query.Methods()[i]
		if !slices.Contains(left, m.Name) {
			want[m.Name] = m
		}
	}
	for _, m := range methods {
		q := want[m.name]
		if q == nil {
			t.Errorf("the agent has no %s", m.name)
			continue
		}
		delete(want, m.name)
		if q.Change != m.changes {
			t.Errorf("%s changes something: %v", m.name, q.Change)
		}
		for _, a := range q.Args {
			list := map[query.Kind]string{query.Text: m.texts, query.Number: m.numbers, query.Flag: m.flags}[a.Kind]
			if !has(list, a.Name) && m.name != "plan" {
				t.Errorf("%s takes %s, which is %s", m.name, a.Name, a.Kind)
			}
		}
		if m.name != "plan" && len(strings.Fields(m.texts+" "+m.numbers+" "+m.flags)) != len(q.Args) {
			t.Errorf("%s takes other arguments", m.name)
		}
	}
	for name := range want {
		t.Errorf("%s cannot be asked", name)
	}
}

func TestAnswersAreTheAgents(t *testing.T) {
	b := started(t, "--control", answering(t))
	direct := query.New(querytest.House())
	for path, q := range map[string][2]string{
		"/api/flows?sort=bytes&limit=2":                   {"flows", `{"sort":"bytes","limit":2}`},
		"/api/flows?filter=app%3Ayoutube":                 {"flows", `{"filter":"app:youtube"}`},
		"/api/categories":                                 {"categories", ""},
		"/api/applications?version=v1":                    {"applications", `{"version":"v1"}`},
		"/api/overview":                                   {"overview", ""},
		"/api/flow?digest=01":                             {"flow", `{"digest":"01"}`},
		"/api/methods":                                    {"methods", ""},
		"/api/protocols?limit=3&offset=2":                 {"protocols", `{"limit":3,"offset":2}`},
		"/api/flows?filter=" + strings.Repeat("%41", 900): {"flows", `{"filter":"` + strings.Repeat("A", 900) + `"}`},
	} {
		want, _ := direct.Ask(q[0], []byte(q[1]), query.Caller{})
		status, got, head := b.askAll("GET", path, "")
		failed := strings.HasPrefix(string(want), `{"error"`)
		if failed != (status == http.StatusBadRequest) || !failed && status != http.StatusOK || head.Get("Content-Type") != "application/json" {
			t.Errorf("%.60s: %d, %s", path, status, head.Get("Content-Type"))
		}
		var x, y any
		if json.Unmarshal(want, &x) != nil || json.Unmarshal([]byte(got), &y) != nil || asText(x) != asText(y) {
			t.Errorf("%.60s: %s instead of %s", path, got, want)
		}
	}
}

func asText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestWrongQuestionsAreToldSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	writeFile(t, file, "correct horse\n")
	b := started(t, "--control", answering(t), "--token-file", file)
	token := header("Authorization", "Bearer correct horse")
	changed, why := 400, "usage.enabled is false"
	if os.Geteuid() != 0 { // the stand-in lets root alone change something, as the agent does
		changed, why = 403, "the agent lets only root"
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		words              string
	}{
		{"GET", "/api/nosuch", "", 404, "/api/methods lists them"},
		{"GET", "/api/check?text=x", "", 404, "no question"},
		{"GET", "/nosuch", "", 404, "the pages begin at /"},
		{"GET", "/../../etc/passwd", "", 404, "no "},
		{"GET", "/api/flows?limit=many", "", 400, "want a number from 0 up, not \"many\""},
		{"GET", "/api/flows?limit=-1", "", 400, "want a number"},
		{"GET", "/api/device?local=1", "", 400, "want true or false"},
		{"GET", "/api/flows?sort=a&sort=b", "", 400, "comes 2 times"},
		{"GET", "/api/flows?colour=red", "", 400, "it takes filter, criteria, sort, offset, limit"},
		{"GET", "/api/plan?values={}", "", 400, "it takes none"},
		{"GET", "/api/flows?%zz", "", 400, "NAME=VALUE"},
		{"GET", "/api/flows?sort=colour", "", 400, "there is no column"},
		{"POST", "/api/flows", "{}", 405, "asked by GET"},
		{"GET", "/api/device_set?device=x&name=y", "", 405, "asked by POST"},
		{"POST", "/api/device_set", "[]", 400, "no JSON object"},
		{"POST", "/api/device_set", `{"device":"` + strings.Repeat("x", maxBody) + `"}`, 400, "longer than 65536 bytes"},
		{"POST", "/api/device_set", `{"device":"x","name":"y"}`, changed, why},
		{"POST", "/metrics", "", 404, "the pages begin at /"},
	} {
		status, text := b.ask(c.method, c.path, c.body, token)
		if status != c.status || !strings.Contains(text, strings.ReplaceAll(c.words, `"`, `\"`)) {
			t.Errorf("%s %.50s: %d %s", c.method, c.path, status, text)
		}
		if c.status != 405 && !json.Valid([]byte(text)) {
			t.Errorf("%s %.50s is answered by %s", c.method, c.path, text)
		}
	}
	if status, text := b.ask("POST", "/api/device_set", `{}`, token, header("Content-Type", "text/plain")); status != 400 || !strings.Contains(text, "application/json") {
		t.Error(status, text)
	}
	r, _ := http.NewRequest("GET", b.base+"/api/status", nil)
	r.Header.Set("X-Long", strings.Repeat("x", 2*maxHeader))
	if reply, err := b.Do(r); err == nil { // else the connection ended before the answer was read
		if reply.Body.Close(); reply.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Error("a long header:", reply.Status)
		}
	}
}

// Those who ask the same in a second cost the agent one question, and all of
// them together two connections.
func TestAnswersAreShared(t *testing.T) {
	agent := newStandin(t)
	release := make(chan struct{})
	agent.say(func(string, map[string]any) string { <-release; return `{"now":1}` })
	b := started(t, "--control", agent.path)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if status, text := b.ask("GET", []string{"/api/status", "/api/overview", "/api/devices", "/api/flows"}[i%4], ""); status != 200 || text != "{\"now\":1}\n" {
				t.Error(status, text)
			}
		})
	}
	close(release)
	all.Wait()
	if n := agent.asked.Load(); n < 4 || n > 8 { // the answers of a busy machine may be older than a second
		t.Errorf("the agent was asked %d times", n)
	}
	if n := agent.most.Load(); n > 2 {
		t.Errorf("over %d connections", n)
	}
}

func TestWithoutAnAgent(t *testing.T) {
	agent := newStandin(t)
	b := started(t, "--control", agent.path)
	if status, text := b.ask("GET", "/api/alerts", ""); status != 200 {
		t.Fatal(status, text)
	}
	agent.stop()
	status, text, head := b.askAll("GET", "/api/flows", "")
	var p problem
	if err := json.Unmarshal([]byte(text), &p); err != nil || status != 503 || p.Away != "stopped" || !strings.Contains(p.Error, "no agent runs here") || head.Get("Retry-After") == "" {
		t.Error(status, text, head)
	}
	if status, text := b.ask("GET", "/metrics", ""); status != 200 || !strings.Contains(text, "\nnetifyd_up 0\n") {
		t.Error(status, text)
	}
	if status, _ := b.ask("GET", "/", ""); status != 200 {
		t.Error("the page itself:", status)
	}
	agent.start(t)
	if status, text := b.ask("GET", "/api/devices", ""); status != 200 {
		t.Error("when it is back:", status, text)
	}
}

func TestAnswersThatAreNoJSON(t *testing.T) {
	agent := newStandin(t)
	b := started(t, "--control", agent.path, "--token-file", tokenFile(t, "correct horse\n"))
	for _, answer := range []string{"220 mail.example ESMTP", `{"now":1`, `{"now":1}}`, "", "NaN", "{\"a\":\"\x01\"}"} {
		agent.say(func(string, map[string]any) string { return answer })
		for _, ask := range []func() (int, string){
			func() (int, string) {
				return b.ask("GET", fmt.Sprintf("/api/hosts?offset=%d", time.Now().UnixNano()), "")
			}, // not the answer of a moment ago
			func() (int, string) {
				return b.ask("POST", "/api/usage_commit", "{}", header("Authorization", "Bearer correct horse"))
			},
		} {
			status, text := ask()
			var p problem
			if status != http.StatusBadGateway || json.Unmarshal([]byte(text), &p) != nil || !strings.Contains(p.Error, agent.path) || !strings.Contains(p.Error, "no JSON") {
				t.Errorf("%q: %d %s", answer, status, text)
			}
		}
	}
}
