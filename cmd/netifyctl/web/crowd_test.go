package web

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHalfOpenConnectionsKeepNobodyOut opens 1500 connections that say nothing, or
// half a request; a reader has waited 55 seconds for them.
func TestHalfOpenConnectionsKeepNobodyOut(t *testing.T) {
	agent := newStandin(t)
	b := started(t, "--control", agent.path)
	address := strings.TrimPrefix(b.base, "http://")
	for i := range 1500 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%2 == 0 {
			_, _ = io.WriteString(c, "GET /api/status HTTP/1.1\r\nHost: ")
		}
	}
	began := time.Now()
	if status, text := b.ask("GET", "/api/status", ""); status != 200 {
		t.Fatal(status, text)
	}
	if took := time.Since(began); took > 4*time.Second { // they are closed after 5 seconds of silence
		t.Errorf("a reader waited %v", took)
	}
}

// TestWhoAsksKeepsTheConnection has a reader of events, who stays while others come
// in masses: over HTTP/1.1, and over TLS with HTTP/2.
func TestWhoAsksKeepsTheConnection(t *testing.T) {
	for _, secure := range []bool{false, true} {
		agent, w := newStandin(t), &world{}
		agent.say(w.reply)
		o, err := parse([]string{"--listen", "127.0.0.1:0", "--control", agent.path})
		if err != nil {
			t.Fatal(err)
		}
		o.refresh, o.heartbeat = 20*time.Millisecond, 10*time.Millisecond
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
		scheme := "http"
		if secure {
			dir := t.TempDir()
			newCertificate(t, dir, 7)
			scheme, o.certFile, o.keyFile = "https", filepath.Join(dir, "cert"), filepath.Join(dir, "key")
		}
		address := strings.TrimPrefix(begun(t, o).base, "http://")
		reply, err := client.Get(scheme + "://" + address + "/events")
		if err != nil {
			t.Fatal(err)
		}
		if secure != (reply.ProtoMajor == 2) {
			t.Error(reply.Proto)
		}
		e := &ear{t, bufio.NewScanner(reply.Body), func() { reply.Body.Close() }}
		e.next("tick")
		for range 3 * maxConns {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
		}
		other := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 20 * time.Second}
		if r, err := other.Get(scheme + "://" + address + "/api/status"); err != nil || r.StatusCode != 200 {
			t.Fatal(r, err)
		}
		w.change(func() { w.alerts++ })
		e.next("alert")
		reply.Body.Close()
		client.CloseIdleConnections()
		other.CloseIdleConnections()
	}
}

// TestSeats fills a crowd of four, and looks who is left.
func TestSeats(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := &crowd{Listener: l, most: 4, mute: 3}
	come := func() *seat {
		t.Helper()
		far, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		near, err := c.Accept()
		if err != nil {
			t.Fatal(err)
		}
		return near.(*seat)
	}
	names := map[*seat]string{}
	at := func(i int) *seat {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.seats[i]
	}
	left := func() (all string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, s := range c.seats {
			all += names[s]
		}
		return all
	}
	want := func(what, want string) {
		t.Helper()
		if got := left(); got != want {
			t.Fatalf("%s: %s is left, want %s", what, got, want)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		names[come()] = name
	}
	want("room", "abc")
	names[come()] = "d"
	want("too many of one address are mute", "bcd")
	at(0).ask(1) // b
	names[come()] = "e"
	want("one asks", "bcde")
	names[come()] = "f"
	want("the oldest that is mute", "bdef")
	for i := range 3 {
		at(i + 1).ask(1)
	}
	at(1).ask(-1)
	names[come()] = "g"
	want("one that asks no more", "befg")
	at(3).ask(1)
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	done := make(chan net.Conn)
	go func() { s, _ := c.Accept(); done <- s }()
	if _, err := far.Read(make([]byte, 1)); err != io.EOF && !strings.Contains(fmt.Sprint(err), "reset") {
		t.Errorf("all ask, and one more is %v", err)
	}
	at(0).Close()
	want("b has gone", "efg")
	names[come2(t, l, done)] = "h"
	want("room again", "efgh")
}

func come2(t *testing.T, l net.Listener, done <-chan net.Conn) *seat {
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return (<-done).(*seat)
}
