package httpmsg

import (
	"bytes"
	"strings"
	"testing"
)

func TestReadRequest(t *testing.T) {
	long := "/" + strings.Repeat("a", 2000)
	for _, c := range []struct {
		in     string
		want   State
		target string
	}{
		{"GET / HTTP/1.1\r\n", Whole, "/"},
		{"GET / HTTP/1.0\n", Whole, "/"},
		{"PROPFIND /dav/a b HTTP/1.1\r\n", Whole, "/dav/a b"},
		{"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n", Whole, "[2001:db8::1]:443"},
		{"GET http://example.org/ HTTP/1.1\r\n", Whole, "http://example.org/"},
		{"OPTIONS * HTTP/1.1\r\n", Whole, "*"},
		{"GET " + long, Whole, long},
		{"SOURCE /tone.mp3 HTTP/1.0\r\n", Whole, "/tone.mp3"},
		{"SOURCE /tone.mp3 ICE/1.0\r\n", Whole, "/tone.mp3"},
		{"GET /tone.mp3 ICE/1.0\r\n", Bad, ""},
		{"SOURCE  ICE/1.0\r\n", Bad, ""},
		{"GET / HTTP/2.0\r\n", Bad, ""},
		{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", Bad, ""},
		{"GET /a HTTP/.1\r\nHost: a\r\n\r\n", Whole, "/a"},
		{"GET /a HTTP/1\r\n\r\n", Whole, "/a"},
		{"GET /a HTTP/1.\nX-Y: z\n", Whole, "/a"},
		{"GET /a HTTP/\x11.1\r\nHost: a\r\n\r\n", Whole, "/a"},
		{"GET /\x11 HTTP/.1\r\nHost: a\r\n\r\n", Bad, ""},
		{"GET /a HTTP/.1\r\n\x01\x02", Bad, ""},
		{"GET /a HTTP/.1\r\nno field\r\n", Bad, ""},
		{"GET /a HTTP/\r\nHost: a\r\n", Bad, ""},
		{"GET /a HTTP/1.1x\r\nHost: a\r\n", Bad, ""},
		{" HTTP/.1\r\nHost: a\r\n", Bad, ""},
		{"OPTIONS rtsp://example.org/ RTSP/1.0\r\n", Bad, ""},
		{"SUBSCRIBE sip:a@example.org SIP/2.0\r\n", Bad, ""},
		{"GET /\x01 HTTP/1.1\r\n", Bad, ""},
		{"GETS / HTTP/1.1\r\n", Bad, ""},
		{"GET /\r\n", Bad, ""},
		{"HTTP/1.1 200 OK\r\n", Bad, ""},
	} {
		r, got := ReadRequest([]byte(c.in))
		if got != c.want || string(r.Target) != c.target {
			t.Errorf("%.40q: %v %.40q, want %v", c.in, got, r.Target, c.want)
		}
		if c.want != Whole {
			continue
		}
		for n := range strings.IndexByte(c.in+"\n", '\n') {
			if _, s := ReadRequest([]byte(c.in[:n])); s == Bad || s == Whole && n < Longest {
				t.Errorf("%.40q cut after %d: %v", c.in, n, s)
			}
		}
	}
}

func TestReadResponse(t *testing.T) {
	for in, want := range map[string]State{
		"HTTP/1.1 200 OK\r\n": Whole,
		"HTTP/1.0 404\r\n":    Whole,
		"ICY 200 OK\r\n":      Whole,
		"ICY 2x0 OK\r\n":      Bad,
		"ICE 200 OK\r\n":      Bad,
		"ICY 200":             Partial,
		"HTTP/1.1 099 OK\r\n": Bad,
		"HTTP/1.1\r\n":        Bad,
		"HTTP/2.0 200 OK\r\n": Bad,
		"HTTP/1.1 2x0 OK\r\n": Bad,
		"RTSP/1.0 200 OK\r\n": Bad,
		"HTTP/1.1 200 OK":     Partial,
		"":                    Partial,
		"HTTP/1.1 200 " + strings.Repeat("x", 2000): Bad,
	} {
		if _, got := ReadResponse([]byte(in)); got != want {
			t.Errorf("%.40q: %v, want %v", in, got, want)
		}
	}
	if r, _ := ReadResponse([]byte("HTTP/1.1 301 Moved\r\nServer: x\r\n")); r.Status != 301 || r.Head != 20 {
		t.Errorf("%+v", r)
	}
}

func TestHeaders(t *testing.T) {
	b := []byte("Host:  example.org \r\nno colon\r\nX-Empty:\r\n\r\nbody: no\r\n")
	var got []string
	for name, value, next := Header(b, 0); next != 0; name, value, next = Header(b, next) {
		got = append(got, string(name)+"="+string(value))
	}
	if s := strings.Join(got, " "); s != "Host=example.org = X-Empty=" {
		t.Errorf("%q", s)
	}
	if end := bytes.Index(b, []byte("\r\n\r\n")) + 4; End(b[:end], 1) != end || End(b[:end-1], 1) > 0 {
		t.Error("the head ends with its empty line")
	}
	if !Is([]byte("HOST"), "host") || Is([]byte("Hosts"), "host") {
		t.Error("names are compared without case")
	}
}

func FuzzHead(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, s := ReadRequest(b)
		if s == Whole && q.Head > len(b) {
			t.Error("the head begins after the end")
		}
		r, _ := ReadResponse(b)
		off := max(q.Head, r.Head)
		for name, value, next := Header(b, off); next != 0; name, value, next = Header(b, next) {
			if next <= off || len(name)+len(value) > next-off {
				t.Errorf("line at %d of %d bytes gives %q and %q", off, next-off, name, value)
			}
			off = next
		}
	})
}

// TestFolded: a value goes on in lines that begin with white space (RFC 9112, section 5.2).
func TestFolded(t *testing.T) {
	head := "A: one\r\n\t two \r\n three\r\nB:\r\n four\r\n\r\nbody"
	var got []string
	for name, value, next := Header([]byte(head), 0); next != 0; name, value, next = Header([]byte(head), next) {
		got = append(got, string(name)+"="+string(Unfold(nil, value)))
	}
	if want := "A=one two three|B=four"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, _, next := Header([]byte("A: one\r\n two"), 0); next != 0 {
		t.Error("a value whose end is not there is told")
	}
	if name, _, _ := Header([]byte(" A: one\r\n\r\n"), 0); name != nil {
		t.Errorf("a line that goes on from nothing is called %q", name)
	}
}

func TestEnd(t *testing.T) {
	for in, want := range map[string]int{"A: b\r\n\r\nx": 8, "A: b\n\nx": 6, "\r\nx": 2, "A: b\r\n": 0, "A: b\r\n\r": 0, "": 0} {
		if got := End([]byte("x"+in), 1); got != 0 && got-1 != want || got == 0 && want != 0 {
			t.Errorf("%q: %d, want %d", in, got-1, want)
		}
	}
}
