package console

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/core/query"
	"netifyd/core/query/control"
)

// deadline is for a machine with much else to do; a test that passes waits for events only.
const deadline = 60 * time.Second

// until asks again and again, as the screen does, until the answers are as they should be.
func until(t *testing.T, a *asker, q *question, what string, fits func(*answers) bool) *answers {
	t.Helper()
	var got *answers
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got = a.answer(q); fits(got) {
			return got
		}
	}
	t.Fatalf("never %s: %+v", what, got)
	return nil
}

// tell is an agent that tells a recorded stream to whoever connects, with
// headers, and then is silent until the connection is closed.
func tell(t *testing.T, l net.Listener, name string) (hangUp func()) {
	t.Helper()
	conns := make(chan net.Conn, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			for _, e := range recorded(t, name) {
				if strings.Contains(name, "-5-") {
					fmt.Fprintf(conn, "%s\n", e)
				} else {
					fmt.Fprintf(conn, "{\"length\": %d}\n%s\n", len(e)+1, e)
				}
			}
			conns <- conn
		}
	}()
	return func() {
		l.Close()
		for {
			select {
			case conn := <-conns:
				conn.Close()
			default:
				return
			}
		}
	}
}

var flowsQuestion = &question{list: "flows", args: map[string]any{"limit": mostRows}}

// The stream of an agent over TCP: what it told, that it went away, and that it is there again.
func TestStreamOverTCP(t *testing.T) {
	for _, name := range []string{"netifyd-3-steam.jsonl", "netifyd-4-steam.jsonl", "netifyd-5-steam.jsonl"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		hangUp := tell(t, l, name)
		o, err := parse([]string{"-n", "127.0.0.1", "-s", address[strings.LastIndexByte(address, ':')+1:]})
		if err != nil || o.name() != address {
			t.Fatalf("%v: %s", err, o.name())
		}
		a := &asker{dial: o.dialer(time.Now), clock: time.Now}
		until(t, a, flowsQuestion, "7 flows", func(x *answers) bool { return x.total >= 7 })
		hangUp()
		until(t, a, flowsQuestion, "away", func(x *answers) bool { return strings.Contains(x.wrong, "agent went away, trying again") })
		until(t, a, flowsQuestion, "refused", func(x *answers) bool { return strings.Contains(x.wrong, "refused") })
		if l, err = net.Listen("tcp", address); err != nil {
			t.Skip("the port was taken meanwhile")
		}
		hangUp = tell(t, l, name)
		got := until(t, a, &question{list: "alerts"}, "there again", func(x *answers) bool { return x.wrong == "" && x.total > 0 })
		if text := alertText(&got.rows[0]); text != "the agent went away" {
			t.Error(text)
		}
		a.src.Close()
		hangUp()
	}
}

func TestStreamOverUNIX(t *testing.T) {
	path := filepath.Join(t.TempDir(), "netifyd.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	hangUp := tell(t, l, "netifyd-4-live.jsonl")
	defer hangUp()
	o, err := parse([]string{"--stream", "unix://" + path, "netflix"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	o.once, o.interval = true, 500*time.Millisecond
	for end := time.Now().Add(deadline); !strings.Contains(out.String(), "netflix.com"); {
		out.Reset()
		if err := o.run(&out); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatal(out.String())
		}
	}
}

// serve is an agent at a control socket.
func serve(t *testing.T, h query.House, path string) *control.Server {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := control.Serve(l, query.New(h), control.Options{Group: -1})
	t.Cleanup(s.Close)
	return s
}

func TestControlSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	s := serve(t, newHouse(t), path)
	o, _ := parse([]string{"--socket", path, "--once", "--view", "applications"})
	var out bytes.Buffer
	if err := o.run(&out); err != nil || !strings.Contains(out.String(), "netflix") || strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Errorf("%v\n%s", err, out.String())
	}
	a := &asker{dial: o.dialer(time.Now), clock: time.Now}
	until(t, a, flowsQuestion, "5 flows", func(x *answers) bool { return x.total == 5 })
	s.Close()
	until(t, a, flowsQuestion, "away", func(x *answers) bool { return strings.Contains(x.wrong, "agent went away, trying again") })
	until(t, a, flowsQuestion, "refused", func(x *answers) bool { return strings.Contains(x.wrong, "no agent runs here") })
	serve(t, newHouse(t), path)
	until(t, a, flowsQuestion, "there again", func(x *answers) bool { return x.wrong == "" && x.total == 5 })
	a.src.Close()
}

// fakeSSH puts a program called ssh first in PATH. It writes down its arguments.
func fakeSSH(t *testing.T, script string) (said string) {
	t.Helper()
	dir := t.TempDir()
	said = filepath.Join(dir, "arguments")
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte("#!/bin/sh\necho \"$@\" >>"+said+"\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return said
}

// An agent elsewhere is asked through ssh. What ssh says of its failure is told,
// and the second time it asks nobody for a password.
func TestSSH(t *testing.T) {
	answer := `echo '{"error":"no such method"}'
while read -r line; do case $line in *status*) echo '{"version":"9","now":5,"started":1}';; *flows*) echo '{"columns":["digest"],"rows":[["d1"]],"total":1}';; *) echo '{}';; esac; done`
	said := fakeSSH(t, "read -r line\n"+answer)
	o, _ := parse([]string{"--ssh", "root@router"})
	a := &asker{dial: o.dialer(time.Now), clock: time.Now}
	got := until(t, a, flowsQuestion, "a flow", func(x *answers) bool { return x.total == 1 })
	if got.status.Version != "9" || o.name() != "root@router" {
		t.Errorf("%+v", got)
	}
	a.src.Close()
	until(t, a, flowsQuestion, "away", func(x *answers) bool {
		return strings.Contains(x.wrong, "went away") && strings.Contains(x.wrong, "ssh has ended")
	})
	until(t, a, flowsQuestion, "a flow again", func(x *answers) bool { return x.total == 1 })
	a.src.Close()
	text, _ := os.ReadFile(said)
	calls := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(calls) != 2 || !strings.HasSuffix(calls[0], "root@router netifyd query -") || strings.Contains(calls[0], "BatchMode") || !strings.Contains(calls[1], "BatchMode=yes") {
		t.Errorf("%q", calls)
	}
	fakeSSH(t, "echo 'Host key verification failed.' >&2; exit 255")
	a = &asker{dial: o.dialer(time.Now), clock: time.Now}
	if got := a.answer(flowsQuestion); !strings.Contains(got.wrong, "Host key verification failed.") {
		t.Error(got.wrong)
	}
}

func TestStreamThroughSSH(t *testing.T) {
	said := fakeSSH(t, "cat "+mustAbs(t, "testdata/netifyd-4-steam.jsonl")+"; cat")
	o, _ := parse([]string{"--ssh", "router", "-s", "7150"})
	a := &asker{dial: o.dialer(time.Now), clock: time.Now}
	until(t, a, flowsQuestion, "7 flows", func(x *answers) bool { return x.total >= 7 })
	a.src.Close()
	if text, _ := os.ReadFile(said); !strings.HasSuffix(strings.TrimSpace(string(text)), "-W 127.0.0.1:7150 router") {
		t.Errorf("%s", text)
	}
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOptions(t *testing.T) {
	for args, want := range map[string]string{
		"-n router -s 7150": "router:7150", "-n router": "router:7150", "-s 2100": "127.0.0.1:2100", "-n ::1": "[::1]:7150", "-n [2001:db8::1] -s 1": "[2001:db8::1]:1", "--stream tcp://r:1": "r:1", "--stream /run/x": "/run/x", "": "", "app:netflix --view flows !dns": "",
	} {
		o, err := parse(strings.Fields(args))
		if err != nil || o.stream != want {
			t.Errorf("%s: %v, %+v", args, err, o)
		}
	}
	if o, _ := parse([]string{"app:netflix", "--interval", "5", "!dns"}); o.filter != "app:netflix !dns" || o.interval != 5*time.Second || o.view.title != "flows" {
		t.Errorf("%+v", o)
	}
	here, err := os.Getwd()
	if o, _ := parse([]string{"--stream", "run/x"}); err != nil || o.stream != here+"/run/x" {
		t.Errorf("%v, %+v", err, o)
	}
	for _, name := range []string{"--control", "--socket"} {
		if o, err := parse([]string{name, "/run/c"}); err != nil || o.socket != "/run/c" {
			t.Errorf("%s: %v, %+v", name, err, o)
		}
	}
	for args, want := range map[string]string{
		"--view nosuch": "want devices", "--interval 11": "1 to 10", "--interval soon": "interval", "--nosuch": "nosuch", "nosuch:x": "no key", "--ssh -oProxyCommand=x": "want a machine", "--ssh r --stream /x": "no UNIX socket", "--stream x": "host:port",
		"-n r --stream r:1": "one of them", "--view agent x": "the agent is none",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	if Run([]string{"--help"}) != 0 || Run([]string{"--nosuch"}) != 2 {
		t.Error("exit codes")
	}
	var out bytes.Buffer
	o, _ := parse([]string{"--socket", filepath.Join(t.TempDir(), "none")})
	if err := o.run(&out); err == nil || !strings.Contains(err.Error(), "--ssh HOST") {
		t.Error(err)
	}
}

var _ io.ReadWriteCloser = (*process)(nil)
