package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/core/config"
	"netifyd/core/query/client"
)

// piped is an agent that reads its packets from a named pipe, so that a test
// needs no rights. The first packets of a flow are in it; no more come.
type piped struct {
	*testing.T
	dir    string
	cmd    *exec.Cmd
	severe *lines
	pipe   *os.File
}

func newPiped(t *testing.T, flags ...string) *piped {
	t.Helper()
	p := &piped{T: t, dir: t.TempDir(), severe: &lines{}}
	conf := filepath.Join(p.dir, "netifyd.toml")
	text := fmt.Sprintf("[agent]\nvolatile_dir = %q\nupdate_interval = 1\n[applications]\ndir = \"\"\ndomains_dir = \"\"\n[[listen]]\npath = %q\ndialect = \"4\"\n", p.dir, p.socket())
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(p.dir, "pipe")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.pipe, err = os.OpenFile(fifo, os.O_RDWR, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.pipe.Close() })
	capture, err := os.ReadFile("../../testdata/http-get.pcap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.pipe.Write(capture[:1500]); err != nil { // as far as the request
		t.Fatal(err)
	}
	p.cmd = exec.Command(binary, append([]string{"-c", conf, "-R", "-I", "lo," + fifo}, flags...)...)
	p.cmd.Stderr = p.severe
	return p
}

func (p *piped) socket() string { return filepath.Join(p.dir, "s.sock") }

func (p *piped) begin() {
	p.Helper()
	if err := p.cmd.Start(); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = p.cmd.Process.Kill() })
}

func (p *piped) signal(list ...syscall.Signal) {
	for _, s := range list {
		_ = p.cmd.Process.Signal(s)
	}
}

// ended holds that the agent ends of itself, well, and leaves nothing behind.
func (p *piped) ended() {
	p.Helper()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			p.Errorf("%v\n%s", err, p.severe)
		}
	case <-time.After(deadline):
		p.Fatalf("does not end\n%s", p.severe)
	}
	for _, name := range []string{"s.sock", "netifyd.pid", "status.json", "status.json.new"} {
		if _, err := os.Lstat(filepath.Join(p.dir, name)); !errors.Is(err, os.ErrNotExist) {
			p.Errorf("%s is left: %v", name, err)
		}
	}
}

// A storm of other signals hides no TERM, and a pipe that is silent holds up
// neither. Reloads are folded.
func TestTermInAStorm(t *testing.T) {
	p := newPiped(t)
	p.begin()
	p.severe.wait(t, "started")
	end := time.Now().Add(300 * time.Millisecond)
	n := 0
	for ; time.Now().Before(end); n++ {
		p.signal(syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	}
	p.severe.wait(t, "reloaded")
	p.signal(syscall.SIGHUP, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR2, syscall.SIGUSR1)
	p.ended()
	if got := strings.Count(p.severe.String(), "reloaded"); got > n/2 {
		t.Errorf("%d reloads for %d signals", got, n)
	}
}

// A second TERM at once leaves neither files nor clients without a goodbye.
func TestTermTwice(t *testing.T) {
	p := newPiped(t, "--wait-for-client")
	p.begin()
	st := collect(dialUnix(t, p.socket()))
	st.await(t, "a flow", isFlow("HTTP", 80, func(map[string]any) bool { return true }))
	p.signal(syscall.SIGTERM)
	time.Sleep(10 * time.Millisecond) // the second shall not be one with the first
	p.signal(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	st.await(t, "the end of the flow", func(l map[string]any) bool { return l["type"] == "flow_purge" && l["reason"] == "terminated" })
	p.ended()
}

// While the first client is waited for, only INT and TERM end the wait; they
// remove the socket. What the others ask for is done later.
func TestSignalsWhileWaiting(t *testing.T) {
	p := newPiped(t, "--wait-for-client")
	p.begin()
	for !exists(p.socket()) {
		time.Sleep(time.Millisecond)
	}
	p.signal(syscall.SIGHUP, syscall.SIGUSR2)
	dialUnix(t, p.socket())
	p.severe.wait(t, "started")
	p.severe.wait(t, "reloaded")
	p.severe.wait(t, "capture stopped")
	p.signal(syscall.SIGTERM)
	p.ended()

	p = newPiped(t, "--wait-for-client")
	p.begin()
	for !exists(p.socket()) {
		time.Sleep(time.Millisecond)
	}
	p.signal(syscall.SIGTERM)
	p.ended()
	if strings.Contains(p.severe.String(), "started") {
		t.Errorf("started without a client\n%s", p.severe)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// The agent outlives whoever reads its log.
func TestLogReaderGoes(t *testing.T) {
	p := newPiped(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = w
	p.begin()
	w.Close()
	if _, err := bufio.NewReader(r).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	r.Close()
	st := collect(dialUnix(t, p.socket()))
	p.signal(syscall.SIGHUP) // "reloaded" goes nowhere
	for range 2 {
		st.await(t, "an agent_status afterwards", func(l map[string]any) bool { return l["type"] == "agent_status" && l["interfaces"] != nil })
	}
	p.signal(syscall.SIGTERM)
	p.ended()
}

// Whoever looks on with -v and goes away ends the agent; one that stands
// still keeps nobody waiting.
func TestViewerGoes(t *testing.T) {
	p := newPiped(t, "-v")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout = w
	r.Close()
	p.begin()
	w.Close()
	p.ended()
}

// The file with the number of the process, and links laid where files are written.
func TestFilesOfTheAgent(t *testing.T) {
	p := newPiped(t)
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"netifyd.pid", "netifyd.pid.new", "status.json", "status.json.new"} {
		if err := os.Symlink(precious, filepath.Join(p.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	p.begin()
	p.severe.wait(t, "started")
	for !exists(filepath.Join(p.dir, "status.json")) {
		time.Sleep(time.Millisecond)
	}
	b, err := os.ReadFile(filepath.Join(p.dir, "netifyd.pid"))
	if err != nil || string(b) != strconv.Itoa(p.cmd.Process.Pid)+"\n" {
		t.Errorf("%q, %v", b, err)
	}
	p.signal(syscall.SIGTERM)
	p.ended()
	if b, err := os.ReadFile(precious); err != nil || string(b) != "precious" {
		t.Errorf("written through a link: %q, %v", b, err)
	}
}

// A volatile directory that is removed comes back, with its socket.
func TestVolatileDirectoryComesBack(t *testing.T) {
	p := newPiped(t)
	run := filepath.Join(p.dir, "run", "netifyd")
	conf, err := os.ReadFile(filepath.Join(p.dir, "netifyd.toml"))
	if err != nil {
		t.Fatal(err)
	}
	conf = bytes.ReplaceAll(conf, []byte(p.socket()), []byte(run+"/s.sock"))
	conf = bytes.ReplaceAll(conf, []byte(fmt.Sprintf("volatile_dir = %q", p.dir)), []byte(fmt.Sprintf("volatile_dir = %q", run)))
	if err := os.WriteFile(filepath.Join(p.dir, "netifyd.toml"), conf, 0o644); err != nil {
		t.Fatal(err)
	}
	p.begin()
	early := collect(dialUnix(t, run+"/s.sock"))
	// The agent may write its status into the directory while it is being removed.
	for err := os.RemoveAll(filepath.Dir(run)); err != nil; err = os.RemoveAll(filepath.Dir(run)) {
		if !errors.Is(err, syscall.ENOTEMPTY) {
			t.Fatal(err)
		}
	}
	late, err := net.Dial("unix", run+"/s.sock")
	for end := time.Now().Add(deadline); err != nil; late, err = net.Dial("unix", run+"/s.sock") {
		if time.Now().After(end) {
			t.Fatalf("%v\n%s", err, p.severe)
		}
		time.Sleep(10 * time.Millisecond)
	}
	defer late.Close()
	whole := func(l map[string]any) bool { return l["type"] == "agent_status" && l["interfaces"] != nil }
	collect(bufio.NewReader(late)).await(t, "a status by the new socket", whole)
	early.await(t, "a status by the old connection", whole)
	for _, name := range []string{"status.json", "netifyd.pid", config.ControlSocket} {
		for end := time.Now().Add(deadline); !exists(filepath.Join(run, name)); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s does not come back", name)
			}
		}
	}
	asks, err := client.Dial(filepath.Join(run, config.ControlSocket))
	if err != nil {
		t.Fatalf("nobody can ask any more: %v", err)
	}
	defer asks.Close()
	if _, err := asks.Raw("status", nil); err != nil {
		t.Error(err)
	}
	if !held(run) {
		t.Error("the new directory is not held: netifyd status says that no agent runs")
	}
	p.signal(syscall.SIGTERM)
	p.ended()
	if list, _ := os.ReadDir(run); len(list) != 0 {
		t.Errorf("left: %v", list)
	}
}

// The level of messages changes with a reload.
func TestLogLevelOnReload(t *testing.T) {
	p := newPiped(t)
	path := filepath.Join(p.dir, "netifyd.toml")
	conf, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	level := func(l string) {
		if err := os.WriteFile(path, append([]byte("[log]\nlevel = \""+l+"\"\n"), conf...), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	level("error")
	p.begin()
	for !exists(filepath.Join(p.dir, "netifyd.pid")) {
		time.Sleep(time.Millisecond)
	}
	level("info")
	p.signal(syscall.SIGHUP)
	p.severe.wait(t, "reloaded")
	if strings.Contains(p.severe.String(), "started") {
		t.Errorf("said below the level\n%s", p.severe)
	}
	p.signal(syscall.SIGTERM)
	p.ended()
}

// An identifier that cannot be read is said.
func TestNoIdentifier(t *testing.T) {
	p := newPiped(t)
	path := filepath.Join(p.dir, "netifyd.toml")
	conf, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	conf = append([]byte(fmt.Sprintf("[agent]\nuuid_path = %q\n", p.dir)), bytes.TrimPrefix(conf, []byte("[agent]\n"))...)
	if err := os.WriteFile(path, conf, 0o644); err != nil {
		t.Fatal(err)
	}
	p.begin()
	p.severe.wait(t, "the agent has no identifier: agent.uuid_path cannot be read")
	p.severe.wait(t, "started")
	p.signal(syscall.SIGTERM)
	p.ended()
}
