package socket

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/outputtest"
)

func open(t *testing.T, settings string) *server {
	t.Helper()
	o, err := outputtest.Open(Open, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o.(*server)
}

// connected waits until n clients are there.
func connected(t *testing.T, w *server, n int) {
	t.Helper()
	for range 10000 {
		w.mu.Lock()
		there := len(w.clients)
		w.mu.Unlock()
		if there == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d clients never come", n)
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, address := range []string{"unix://" + path, "tcp://127.0.0.1:0"} {
		w := open(t, fmt.Sprintf("address = %q\nclients = 2", address))
		send := func(lines ...string) {
			t.Helper()
			if err := w.Send(context.Background(), outputtest.Batch("x", lines...)); err != nil {
				t.Fatal(err)
			}
		}
		send("nobody hears it")
		dial := func() net.Conn {
			conn, err := net.Dial(w.network, w.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		a, b := dial(), dial()
		connected(t, w, 2)
		refused := dial()
		if _, err := refused.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !strings.Contains(fmt.Sprint(err), "reset") {
			t.Error(err)
		}
		send("one", "two")
		for _, conn := range []net.Conn{a, b} {
			r := bufio.NewReader(conn)
			for _, want := range []string{"one\n", "two\n"} {
				if got, err := r.ReadString('\n'); got != want {
					t.Error(got, err)
				}
			}
		}
		a.Close()
		connected(t, w, 1)
		// One that does not read is closed, and nobody waits for it.
		long := strings.Repeat("x", 256<<10)
		for range waiting + 20 {
			send(long)
		}
		connected(t, w, 0)
		b.Close()
	}
	// A second relay does not take the socket away.
	if err := open(t, fmt.Sprintf("address = %q", "unix://"+path)).Send(context.Background(), outputtest.Batch("x", "y")); err == nil {
		t.Error("two listen")
	}
}

func TestInvalid(t *testing.T) {
	for _, address := range []string{"", "udp://127.0.0.1:5", "tcp://127.0.0.1", "ws://x:1"} {
		_, err := outputtest.Open(Open, fmt.Sprintf("address = %q", address))
		var invalid *output.Invalid
		if !errors.As(err, &invalid) || invalid.Key != "address" {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A file that is no socket is somebody's, and stays.
func TestLeavesFilesAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, fmt.Sprintf("address = %q", "unix://"+path)).Send(context.Background(), outputtest.Batch("x", "y")); err == nil {
		t.Error("it listens")
	}
	if text, _ := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("the file has %q", text)
	}
}

// flaky fails once, as when no more files may be open.
type flaky struct {
	net.Listener
	failed bool
}

func (f *flaky) Accept() (net.Conn, error) {
	if !f.failed {
		f.failed = true
		return nil, syscall.EMFILE
	}
	return f.Listener.Accept()
}

// A listener that failed once takes the next client.
func TestAcceptsAgain(t *testing.T) {
	w := open(t, `address = "tcp://127.0.0.1:0"`)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.listener = l
	go w.accept(&flaky{Listener: l})
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	connected(t, w, 1)
}
