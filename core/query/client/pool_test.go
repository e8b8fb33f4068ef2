package client

import (
	"bufio"
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// agent stands in for one: it answers every line with what answer gives, and counts connections.
type agent struct {
	net.Listener
	now, most, ever atomic.Int32
	mu              sync.Mutex
	conns           []net.Conn
}

func listen(t *testing.T, path string, answer func() string) *agent {
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{Listener: l}
	t.Cleanup(a.end)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			a.mu.Lock()
			a.conns = append(a.conns, conn)
			a.mu.Unlock()
			a.ever.Add(1)
			if n := a.now.Add(1); n > a.most.Load() {
				a.most.Store(n)
			}
			go func() {
				defer a.now.Add(-1)
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if _, err := conn.Write([]byte(answer() + "\n")); err != nil {
						return
					}
				}
			}()
		}
	}()
	return a
}

// end stops it as an agent stops: nothing is left.
func (a *agent) end() {
	a.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conns {
		c.Close()
	}
}

func TestPoolHoldsFewConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	a := listen(t, path, func() string { return `{"ok":true}` })
	p := NewPool(path, 2)
	defer p.Close()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if text, err := p.Raw(context.Background(), "status", nil); err != nil || string(text) != `{"ok":true}` {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
	all.Wait()
	if a.most.Load() > 2 || a.ever.Load() > 2 {
		t.Errorf("%d connections at a time, %d in all", a.most.Load(), a.ever.Load())
	}
}

func TestPoolOutlivesTheAgent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	first := listen(t, path, func() string { return `{"first":true}` })
	p := NewPool(path, 1)
	defer p.Close()
	ask := func() (string, error) {
		text, err := p.Raw(context.Background(), "status", nil)
		return string(text), err
	}
	if text, err := ask(); err != nil || text != `{"first":true}` {
		t.Fatal(text, err)
	}
	first.end()
	if _, err := ask(); !errors.Is(err, ErrNotRunning) {
		t.Fatalf("while it is away: %v", err)
	}
	second := listen(t, path, func() string { return `{"second":true}` })
	for range 2 { // over a connection that is new, and over one that is there
		if text, err := ask(); err != nil || text != `{"second":true}` {
			t.Fatal(text, err)
		}
	}
	// A restart between two questions is not seen.
	second.end()
	listen(t, path, func() string { return `{"error":"no such method"}` })
	if _, err := ask(); err == nil || err.Error() != "no such method" {
		t.Fatal(err)
	}
}

func TestPoolWaitsAsLongAsItMay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	release := make(chan struct{})
	asked := make(chan struct{}, 1)
	listen(t, path, func() string { asked <- struct{}{}; <-release; return `{}` })
	p := NewPool(path, 1)
	done := make(chan error)
	go func() { _, err := p.Raw(context.Background(), "status", nil); done <- err }()
	<-asked
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := p.Raw(ctx, "status", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the only connection is in use: %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	p.Close()
}

// An answer that is too long is an error, before it fills the memory.
func TestAnswerIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listen(t, path, func() string { return `"` + strings.Repeat("x", 2*longest) + `"` })
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if text, err := c.Raw("status", nil); err == nil {
		t.Errorf("%d bytes are an answer", len(text))
	}
}
