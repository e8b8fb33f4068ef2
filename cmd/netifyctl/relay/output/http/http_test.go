package http

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/outputtest"
)

// server keeps what is posted to it.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(n int, w http.ResponseWriter)
	bodies []string
	heads  []http.Header
	urls   []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	switch r.Header.Get("Content-Encoding") {
	case "gzip":
		body, _ = gzip.NewReader(r.Body)
	case "zstd":
		body, _ = zstd.NewReader(r.Body)
	}
	text, _ := io.ReadAll(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bodies, s.heads, s.urls = append(s.bodies, string(text)), append(s.heads, r.Header), append(s.urls, r.Host+r.URL.String())
	if s.answer != nil {
		s.answer(len(s.bodies), w)
	}
}

func serve(t *testing.T, answer func(int, http.ResponseWriter)) *server {
	s := &server{answer: answer}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func open(t *testing.T, settings string) *poster {
	t.Helper()
	o, err := outputtest.Open(Open, settings)
	if err != nil {
		t.Fatal(err)
	}
	p := o.(*poster)
	p.now = func() time.Time { return time.Unix(99, 0) }
	t.Cleanup(func() { p.Close() })
	return p
}

const head = `{"agent":"uu-id","site":"s","labels":["region=north"],"epoch":7,"seq":3,"kind":"flow","schema":1,"columns":["a","b"],"count":2,"sent":99,"lost":4}` + "\n"

func TestBodies(t *testing.T) {
	for _, c := range []struct {
		settings string
		lines    []string
		columns  []string
		want     string
		encoding string
	}{
		{``, []string{`[1,2]`, `[3,4]`}, []string{"a", "b"}, head + "[1,2]\n[3,4]\n", "gzip"},
		{`compress = "zstd"`, []string{`[1,2]`, `[3,4]`}, []string{"a", "b"}, head + "[1,2]\n[3,4]\n", "zstd"},
		{`compress = "none"`, []string{`[1,2]`, `[3,4]`}, []string{"a", "b"}, head + "[1,2]\n[3,4]\n", ""},
		{`format = "rows"`, []string{`{"a":1}`, `{}`}, nil, `{"agent":"uu-id","site":"s","epoch":7,"seq":3,"lost":4,"a":1}` + "\n" + `{"agent":"uu-id","site":"s","epoch":7,"seq":3,"lost":4}` + "\n", "gzip"},
		{`format = "rows"`, []string{`[1,2]`, `[]`}, []string{"a", "b"}, `["uu-id",1,2]` + "\n" + `["uu-id"]` + "\n", "gzip"},
	} {
		s := serve(t, nil)
		p := open(t, fmt.Sprintf("url = \"%s/${kind}?id=${uuid_agent}&at=${epoch}:${seq}\"\ntoken = \"secret\"\n%s\n[headers]\nX-Agent = \"${uuid_agent}\"\nHost = \"ho.st\"", s.URL, c.settings))
		b := outputtest.Batch("flow", c.lines...)
		b.Columns, b.Lost, b.Seq, b.Site, b.Labels = c.columns, 4, 3, "s", []string{"region=north"}
		for range 2 { // the second finds a used writer
			if err := p.Send(context.Background(), b); err != nil {
				t.Fatal(err)
			}
		}
		h := s.heads[1]
		if s.bodies[1] != c.want || h.Get("Content-Encoding") != c.encoding || h.Get("Content-Type") != "application/x-ndjson" || h.Get("Authorization") != "Bearer secret" || h.Get("X-Agent") != "uu-id" || s.urls[1] != "ho.st/flow?id=uu-id&at=7:3" {
			t.Errorf("%s %v %s\nwant %s", s.urls[1], h, s.bodies[1], c.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	code := func(n int, more ...string) func(int, http.ResponseWriter) {
		return func(_ int, w http.ResponseWriter) {
			if len(more) > 0 {
				w.Header().Set("Retry-After", more[0])
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(n)
			fmt.Fprint(w, strings.Repeat("words ", 1000))
		}
	}
	var later *output.Later
	var refused *output.Refused
	var unauthorized *output.Unauthorized
	var fault *output.Fault
	for _, c := range []struct {
		answer func(int, http.ResponseWriter)
		fits   func(error) bool
	}{
		{code(204), func(err error) bool { return err == nil }},
		{code(429, "7"), func(err error) bool { return errors.As(err, &later) && later.After == 7*time.Second }},
		{code(503), func(err error) bool { return errors.As(err, &later) && later.After == 0 }},
		{code(503, "soon"), func(err error) bool { return errors.As(err, &later) && later.After == 0 }},
		{code(413), func(err error) bool { return errors.Is(err, output.ErrTooLarge) }},
		{code(400), func(err error) bool {
			return errors.As(err, &refused) && strings.HasPrefix(refused.Words, "400 Bad Request words") && len(refused.Words) < 230
		}},
		{code(422), func(err error) bool { return errors.As(err, &refused) }},
		{code(401), func(err error) bool { return errors.As(err, &unauthorized) }},
		{code(403), func(err error) bool { return errors.As(err, &unauthorized) }},
		{code(500), func(err error) bool { return plain(err) && errors.As(err, &fault) }},
		{code(502), func(err error) bool { return plain(err) && errors.As(err, &fault) }},
		{code(302), plain}, {code(404), plain},
	} {
		s := serve(t, c.answer)
		if err := open(t, fmt.Sprintf("url = %q", s.URL)).Send(context.Background(), outputtest.Batch("flow", "{}")); !c.fits(err) {
			t.Error(err)
		}
		if len(s.bodies) != 1 {
			t.Errorf("%d requests", len(s.bodies))
		}
	}
}

// plain says that an error asks for another attempt.
func plain(err error) bool {
	var refused *output.Refused
	var unauthorized *output.Unauthorized
	return err != nil && !errors.As(err, &refused) && !errors.As(err, &unauthorized)
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 0, "5": 5 * time.Second, "-5": 0, "Mon, 30 Nov 2026 12:01:00 GMT": time.Minute, "Mon, 30 Nov 2026 11:01:00 GMT": 0} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// One event a request: what was acknowledged is not sent again, what is refused
// does not stop the others.
func TestEvents(t *testing.T) {
	s := serve(t, func(n int, w http.ResponseWriter) {
		switch n {
		case 2:
			w.WriteHeader(400)
		case 3:
			w.WriteHeader(503)
		}
	})
	p := open(t, fmt.Sprintf("url = %q\nformat = \"event\"", s.URL))
	b := outputtest.Batch("events", `{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`)
	var later *output.Later
	if err := p.Send(context.Background(), b); !errors.As(err, &later) {
		t.Error(err)
	}
	var refused *output.Refused
	if err := p.Send(context.Background(), b); !errors.As(err, &refused) || refused.Rows != 1 {
		t.Error(err)
	}
	b.Seq++
	if err := p.Send(context.Background(), b); err != nil {
		t.Error(err)
	}
	want := `{"n":1} {"n":2} {"n":3} {"n":3} {"n":4} {"n":1} {"n":2} {"n":3} {"n":4}`
	if got := strings.Join(s.bodies, " "); got != want || s.heads[0].Get("Content-Type") != "application/json" || s.heads[0].Get("Content-Encoding") != "" {
		t.Errorf("%s %v", got, s.heads[0])
	}
}

func TestOneConnection(t *testing.T) {
	opened := 0
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened++
		}
	}
	s.Start()
	defer s.Close()
	p := open(t, fmt.Sprintf("url = %q", s.URL))
	for range 10 {
		if err := p.Send(context.Background(), outputtest.Batch("flow", "{}")); err != nil {
			t.Fatal(err)
		}
	}
	if opened != 1 {
		t.Errorf("%d connections", opened)
	}
}

func TestCertificates(t *testing.T) {
	a, other := outputtest.NewAuthority(t), outputtest.NewAuthority(t)
	cert, key := a.Sign("agent")
	foreign, foreignKey := other.Sign("agent")
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s)
	s.TLS = a.Server(true)
	s.StartTLS()
	defer s.Close()
	address := strings.Replace(s.URL, "http://", "https://", 1)
	for _, c := range []struct {
		settings string
		works    bool
	}{
		{fmt.Sprintf("ca = %q\ncert = %q\nkey = %q", a.File, cert, key), true},
		{fmt.Sprintf("tls_verify = false\ncert = %q\nkey = %q", cert, key), true},
		{fmt.Sprintf("ca = %q\ncert = %q\nkey = %q", other.File, cert, key), false},
		{fmt.Sprintf("ca = %q", a.File), false},
		{fmt.Sprintf("ca = %q\ncert = %q\nkey = %q", a.File, foreign, foreignKey), false},
	} {
		err := open(t, fmt.Sprintf("url = %q\n%s", address, c.settings)).Send(context.Background(), outputtest.Batch("flow", "{}"))
		var unauthorized *output.Unauthorized
		if c.works != (err == nil) || err != nil && !errors.As(err, &unauthorized) {
			t.Errorf("%s: %v", c.settings, err)
		}
	}
}

func TestInvalid(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty, two := filepath.Join(t.TempDir(), "empty"), filepath.Join(t.TempDir(), "two")
	if err := errors.Join(os.WriteFile(empty, []byte("\n"), 0o600), os.WriteFile(two, []byte("abc\ndef\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for settings, want := range map[string]string{
		"url = \"https://x\"\ntoken_file = \"" + empty + "\"": "token_file: " + empty + " is empty",
		"url = \"https://x\"\ntoken_file = \"" + two + "\"":   "token_file: " + two + ": want one line",
		"url = \"https://x\"\n[headers]\nA = \"b\\nc\"":       "headers: \"A\": no header",
		"url = \"https://x\"\n[headers]\n\"A b\" = \"c\"":     "headers: \"A b\": no header",
		``:                                       "url: ",
		`url = "ftp://x"`:                        "url: ",
		`url = "http://x/${no}"`:                 "url: ${no}: want ${uuid_agent}",
		"url = \"http://x\"\nformat = \"xml\"":   "format: ",
		"url = \"http://x\"\ncompress = \"lz4\"": "compress: ",
		"url = \"https://x\"\ntoken = \"a\"\ntoken_file = \"/x\"":       "token_file: ",
		"url = \"https://x\"\ntoken_file = \"/no/such\"":                "token_file: ",
		"url = \"http://example.com\"\ntoken_file = \"" + secret + "\"": "url: a token",
		"url = \"http://192.168.1.1\"\ntoken_file = \"" + secret + "\"": "",
		"url = \"https://x\"\n[headers]\nA = \"${b}\"":                  "headers: A: ${b}",
	} {
		_, err := outputtest.Open(Open, settings)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if names := strings.Split(outputtest.Batch("k", "{}").Expand("${kind}${no}${"), "x"); !slices.Equal(names, []string{"k"}) {
		t.Errorf("%q", names)
	}
}

// An error names the server, not what may be a secret in the URL.
func TestErrorsKeepSecrets(t *testing.T) {
	s := serve(t, nil)
	s.Close()
	err := open(t, fmt.Sprintf("url = \"%s/in?token=secret\"", s.URL)).Send(context.Background(), outputtest.Batch("flow", `{}`))
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), s.URL+"/in") {
		t.Error(err)
	}
}

// TestCutAnswers has servers that promise more than they send. Only an answer that
// is whole acknowledges.
func TestCutAnswers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		taken        bool
	}{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nstored", false},
		{"length, nothing of it", "HTTP/1.1 204 OK\r\nContent-Length: 0\r\n\r\n", true},
		{"length, no body", "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", false},
		{"long", "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + strings.Repeat("x", 2999), false},
		{"long, whole", "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + strings.Repeat("x", 3000), true},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nstored\r\n", false},
		{"chunks, whole", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nstored\r\n0\r\n\r\n", true},
		{"the end says how long", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nstored", true},
		{"of old", "HTTP/1.0 200 OK\r\n\r\nstored", true},
		{"head alone", "HTTP/1.1 200 OK\r\nContent-Le", false},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
					_, _ = io.WriteString(conn, c.answer)
				}
				conn.Close()
			}
		}()
		err = open(t, fmt.Sprintf("url = \"http://%s/\"", l.Addr())).Send(t.Context(), &output.Batch{Kind: "flow", Lines: [][]byte{[]byte("{}")}})
		l.Close()
		if taken := err == nil; taken != c.taken {
			t.Errorf("%s: %v", c.name, err)
		}
		if refused := (*output.Refused)(nil); errors.As(err, &refused) {
			t.Errorf("%s: it is given up: %v", c.name, err)
		}
	}
}
