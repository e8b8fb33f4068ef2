package stream

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestType(t *testing.T) {
	for line, want := range map[string]string{
		`{"flow":{"digest":"00"},"type":"flow_stats"}`: "flow_stats",
		`{"type":"flow","flow":{"type":"x"}}`:          "flow",
		`{"flow":{"type":"x"}}`:                        "",
		`{"type":"new_kind"}`:                          "new_kind",
		`{"name":"\"type\":\"flow"}`:                   "",
		`{"a":"b\",\"type\":\"flow"}`:                  "",
		`{"type":5}`:                                   "",
		`"}`:                                           "",
		``:                                             "",
	} {
		if got := Type([]byte(line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func FuzzType(f *testing.F) {
	f.Add([]byte(`{"type":"flow"}`))
	f.Fuzz(func(t *testing.T, b []byte) { Type(b) })
}

// agent serves connections of a listener: what it hears first is handed on, what
// to say comes back.
func agent(t *testing.T, say func(n int, asked string, conn net.Conn)) string {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			asked, _ := bufio.NewReader(conn).ReadString('\n')
			say(n, asked, conn)
			conn.Close()
		}
	}()
	return path
}

func TestReconnects(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	fits := strings.Repeat("y", 200<<10)
	path := agent(t, func(n int, asked string, conn net.Conn) {
		fmt.Fprintf(conn, `{"n":%d,"type":"flow"}`+"\n", n)
		if n == 1 {
			fmt.Fprintf(conn, "%s\n{\"a\":\"%s\",\"type\":\"long\"}\n", long, fits)
			fmt.Fprintf(conn, `{"asked":%s,"type":"last"}`+"\n", strings.TrimSpace(asked))
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tooLong, opened, gone := 0, 0, 0
	s := Stream{Address: "unix://" + path, Kinds: []string{"flow"}, Filter: "app:x",
		Open: func() { opened++ }, Gone: func(error, time.Duration) { gone++ }, Long: func() { tooLong++ },
		Retry: Backoff{Least: time.Millisecond, Most: time.Millisecond}}
	var got []string
	s.Run(ctx, func(kind string, line []byte) {
		if kind == "long" {
			got = append(got, fmt.Sprint(len(line) > len(fits)))
			return
		}
		got = append(got, string(line))
		if kind == "last" {
			cancel()
		}
	})
	want := `{"n":0,"type":"flow"} {"n":1,"type":"flow"} true {"asked":{"kinds":["flow"],"filter":"app:x"},"type":"last"}`
	if strings.Join(got, " ") != want || tooLong != 1 || opened != 2 || gone != 1 {
		t.Errorf("%q, %d too long, %d opened, %d gone", got, tooLong, opened, gone)
	}
	if cap(s.long) > 2<<20 {
		t.Errorf("%d bytes are held", cap(s.long))
	}
}

func TestDialects(t *testing.T) {
	path := agent(t, func(_ int, _ string, conn net.Conn) {
		fmt.Fprint(conn, "{\"length\": 15}\n{\"type\":\"flow\"}\n")
	})
	for _, framed := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		lines := 0
		var why error
		s := Stream{Address: path, Kinds: []string{"flow"}, Framed: framed, Retry: Backoff{Least: time.Millisecond, Most: time.Millisecond},
			Gone: func(err error, _ time.Duration) { why = err; cancel() }}
		s.Run(ctx, func(string, []byte) { lines++ })
		if framed != (lines == 1) || framed == errors.Is(why, ErrDialect) {
			t.Errorf("framed %v: %d lines, %v", framed, lines, why)
		}
	}
}

func TestRefused(t *testing.T) {
	path := agent(t, func(_ int, _ string, conn net.Conn) {
		fmt.Fprintln(conn, `{"error":"kinds: no such","type":"agent_error"}`)
	})
	ctx, cancel := context.WithCancel(context.Background())
	var why atomic.Value
	s := Stream{Address: path, Kinds: []string{"nonsense"}, Gone: func(err error, _ time.Duration) { why.Store(err.Error()); cancel() }}
	s.Run(ctx, func(string, []byte) { t.Error("a line") })
	if why.Load() != "the agent refuses: kinds: no such" {
		t.Error(why.Load())
	}
}

func TestBackoff(t *testing.T) {
	b := Backoff{Least: time.Second, Most: 5 * time.Minute}
	for i, mean := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		if d := b.Next(); d < mean*time.Second/2 || d > mean*time.Second*3/2 {
			t.Errorf("attempt %d waits %v", i, d)
		}
	}
	for range 100 {
		b.Next()
	}
	if b.Reset(); b.Next() > 1500*time.Millisecond {
		t.Error("it does not begin anew")
	}
}
