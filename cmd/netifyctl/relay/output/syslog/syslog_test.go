package syslog

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/outputtest"
)

func open(t *testing.T, settings string) *sender {
	t.Helper()
	o, err := outputtest.Open(Open, settings+"\nhostname = \"h ö\"")
	if err != nil {
		t.Fatal(err)
	}
	w := o.(*sender)
	w.stamp = func() time.Time { return time.Date(2026, 11, 30, 1, 2, 3, 4e6, time.UTC) }
	t.Cleanup(func() { w.Close() })
	return w
}

var form = regexp.MustCompile(`^<30>1 2026-11-30T01:02:03\.004Z h netifyd \d+ alert - (.*)$`)

func message(t *testing.T, text, want string) {
	t.Helper()
	if m := form.FindStringSubmatch(text); m == nil || m[1] != want {
		t.Errorf("%q, want %q", text, want)
	}
}

func TestDatagrams(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	for network, place := range map[string]string{"unixgram": path, "udp": "127.0.0.1:0"} {
		l, err := net.ListenPacket(network, place)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		address := "unix://" + path
		if network == "udp" {
			address = "udp://" + l.LocalAddr().String()
		}
		w := open(t, fmt.Sprintf("address = %q", address))
		err = w.Send(context.Background(), outputtest.Batch("alert", `{"a":1}`, strings.Repeat("x", 70000), `{"b":2}`))
		var refused *output.Refused
		if !errors.As(err, &refused) || refused.Rows != 1 {
			t.Error(err)
		}
		b := make([]byte, 1<<17)
		for _, want := range []string{`{"a":1}`, `{"b":2}`} {
			_ = l.SetReadDeadline(time.Now().Add(10 * time.Second))
			n, _, err := l.ReadFrom(b)
			if err != nil {
				t.Fatal(err)
			}
			message(t, string(b[:n]), want)
		}
	}
}

// counted reads a message with its length before it.
func counted(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	head, err := r.ReadString(' ')
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(head))
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStreams(t *testing.T) {
	a := outputtest.NewAuthority(t)
	cert, key := a.Sign("agent")
	for _, network := range []string{"tcp", "tls"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		server := l
		if network == "tls" {
			server = tls.NewListener(l, a.Server(true))
		}
		conns := make(chan net.Conn, 4)
		go func() {
			for {
				c, err := server.Accept()
				if err != nil {
					return
				}
				if s, ok := c.(*tls.Conn); ok && s.Handshake() != nil {
					c.Close()
					continue
				}
				conns <- c
			}
		}()
		w := open(t, fmt.Sprintf("address = \"%s://%s\"\nca = %q\ncert = %q\nkey = %q", network, l.Addr(), a.File, cert, key))
		if err := w.Send(context.Background(), outputtest.Batch("alert", "one", "two")); err != nil {
			t.Fatal(err)
		}
		conn := <-conns
		r := bufio.NewReader(conn)
		message(t, counted(t, r), "one")
		message(t, counted(t, r), "two")
		// The daemon goes and comes again: the next batch is not written to the old connection.
		conn.Close()
		for i := 0; w.alive() && i < 1000; i++ {
			time.Sleep(time.Millisecond)
		}
		if err := w.Send(context.Background(), outputtest.Batch("alert", "three")); err != nil {
			t.Fatal(err)
		}
		conn = <-conns
		message(t, counted(t, bufio.NewReader(conn)), "three")
		conn.Close()
	}
}

func TestUnknownAuthority(t *testing.T) {
	a, other := outputtest.NewAuthority(t), outputtest.NewAuthority(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", a.Server(false))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	w := open(t, fmt.Sprintf("address = \"tls://%s\"\nca = %q", l.Addr(), other.File))
	var unauthorized *output.Unauthorized
	if err := w.Send(context.Background(), outputtest.Batch("alert", "one")); !errors.As(err, &unauthorized) {
		t.Error(err)
	}
}

func TestInvalid(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for settings, want := range map[string]string{
		`address = "here"`:        "address: ",
		`address = "http://x"`:    "address: ",
		`facility = "x"`:          "facility: ",
		`severity = "x"`:          "severity: ",
		`cert = "x"`:              "cert: want both",
		`ca = "/no/such/file"`:    "ca: ",
		`ca = "` + empty + `"`:    "ca: ",
		"cert=\"/x\"\nkey=\"/y\"": "cert: ",
	} {
		if _, err := outputtest.Open(Open, settings); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", settings, err)
		}
	}
}

// A batch of another kind with the same number is another batch.
func TestKinds(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := open(t, fmt.Sprintf("address = %q", "udp://"+l.LocalAddr().String()))
	w.kind, w.epoch, w.at = "flow", 7, 1 // of two rows, one was written before
	if err := w.Send(context.Background(), outputtest.Batch("alert", "one", "two")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4096)
	_ = l.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := l.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	message(t, string(b[:n]), "one")
}

// A daemon that takes the connection and reads nothing does not hold the end up.
func TestEndsWhileTheDaemonHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o, err := outputtest.Open(Open, fmt.Sprintf("address = \"tcp://%s\"", l.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	if err := o.Send(ctx, outputtest.Batch("x", strings.Repeat("x", 64<<20))); err == nil || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
