package web

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// standin is an agent's control socket with answers of the test's.
type standin struct {
	path  string
	mu    sync.Mutex
	l     net.Listener
	conns map[net.Conn]bool
	reply func(method string, args map[string]any) string

	asked, most atomic.Int32
}

func newStandin(t *testing.T) *standin {
	s := &standin{path: filepath.Join(t.TempDir(), "control.sock"), conns: map[net.Conn]bool{}}
	s.reply = func(method string, args map[string]any) string {
		return `{"now":1,"words":{"devices":2,"flows":9,"down_rate":100,"up_rate":7},"alerts":0}`
	}
	t.Cleanup(s.stop)
	s.start(t)
	return s
}

func (s *standin) start(t *testing.T) {
	l, err := net.Listen("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.l = l
	s.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.most.Store(max(s.most.Load(), int32(len(s.conns))))
			s.mu.Unlock()
			go s.answer(c)
		}
	}()
}

func (s *standin) answer(c net.Conn) {
	defer func() {
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		c.Close()
	}()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		var q struct {
			Method string
			Args   map[string]any
		}
		if json.Unmarshal(lines.Bytes(), &q) != nil {
			return
		}
		s.asked.Add(1)
		s.mu.Lock()
		reply := s.reply
		s.mu.Unlock()
		if _, err := c.Write([]byte(reply(q.Method, q.Args) + "\n")); err != nil {
			return
		}
	}
}

func (s *standin) say(reply func(method string, args map[string]any) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = reply
}

func (s *standin) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.l.Close()
	for c := range s.conns {
		c.Close()
	}
}

// browser asks a server of ours.
type browser struct {
	t    *testing.T
	base string
	http.Client
}

// started serves with the arguments of a command line, on a port that is free.
func started(t *testing.T, arguments ...string) *browser {
	t.Helper()
	o, err := parse(append([]string{"--listen", "127.0.0.1:0"}, arguments...))
	if err != nil {
		t.Fatal(err)
	}
	return begun(t, o)
}

func begun(t *testing.T, o *options) *browser {
	t.Helper()
	o.logger = log.New(io.Discard, "", 0)
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- serve(ctx, o, func(a net.Addr) { ready <- a }) }()
	jar, _ := cookiejar.New(nil)
	b := &browser{t: t, Client: http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{}}}
	select {
	case a := <-ready:
		b.base = "http://127.0.0.1:" + a.String()[strings.LastIndexByte(a.String(), ':')+1:]
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return b
}

// ask makes a request; change may set headers. It gives the status and the body.
func (b *browser) ask(method, path, body string, change ...func(*http.Request)) (int, string) {
	b.t.Helper()
	status, text, _ := b.askAll(method, path, body, change...)
	return status, text
}

func (b *browser) askAll(method, path, body string, change ...func(*http.Request)) (int, string, http.Header) {
	b.t.Helper()
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	reply, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply.StatusCode, string(text), reply.Header
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}
