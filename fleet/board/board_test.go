package board

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"netifyd/fleet/store"
)

func get(t *testing.T, url string) (int, string, http.Header) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(text), r.Header
}

// The page asks by name; what would change something, or holds SQL, does not
// reach the store.
func TestAsk(t *testing.T) {
	var asked []string
	click := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		asked = append(asked, string(text))
		_, _ = w.Write([]byte(`{"meta":[{"name":"down"}],"data":[{"down":18446744073709551615}]}`))
	}))
	defer click.Close()
	page := httptest.NewServer(Handler(&store.Store{URL: click.URL, Database: "netifyd", User: "board"}))
	defer page.Close()
	if code, text, _ := get(t, page.URL+"/ask/router?agent=a%27+OR+1"); code != 200 || text != `{"columns":["down"],"rows":[{"down":18446744073709551615}]}`+"\n" || !strings.Contains(asked[0], `agent = 'a\' OR 1'`) {
		t.Errorf("%d %s %v", code, text, asked)
	}
	for _, bad := range []string{"close-days", "nothing", "router", "router?agent=a&hours=1%3BDROP"} {
		if code, text, _ := get(t, page.URL+"/ask/"+bad); code != 400 || !strings.Contains(text, `"error"`) {
			t.Errorf("%s: %d %s", bad, code, text)
		}
	}
	if len(asked) != 1 {
		t.Errorf("the store was asked %q", asked[1:])
	}
	if _, text, h := get(t, page.URL+"/"); !strings.Contains(text, "board.js") || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%s %v", text, h)
	}
}

// A website that gives its own name this machine's address reads nothing.
func TestNames(t *testing.T) {
	h := Handler(&store.Store{}, "fleet.example.net")
	for host, want := range map[string]int{"127.0.0.1:8090": 200, "localhost": 200, "[::1]:8090": 200, "fleet.example.net": 200, "evil.example": 421, "127.0.0.1.evil.example:8090": 421} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}

func TestLoopbackOnly(t *testing.T) {
	if err := Serve(t.Context(), "0.0.0.0:8090", nil); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Error(err)
	}
}

// Nothing in the page writes HTML out of what routers say.
func TestNoInnerHTML(t *testing.T) {
	text, err := files.ReadFile("board.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("} {
		if strings.Contains(string(text), bad) {
			t.Errorf("board.js uses %s", bad)
		}
	}
}
