package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// lines is a log that can be waited on.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) wait(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(l.String(), want) {
			return
		}
	}
	t.Fatalf("%q was not said, but\n%s", want, l)
}

// service starts the agent in the stage's namespace with a file of OpenWrt's
// form, whose places are in the stage's directory.
func (s *stage) service(config string, wrap ...string) (cmd *exec.Cmd, mild, severe *lines) {
	s.Helper()
	path := s.write("netifyd", fmt.Sprintf("config agent\n\toption volatile_dir '%s'\nconfig stream\n\toption path '%s/sock'\nconfig applications\n\toption dir none\n\toption domains_dir none\n%s",
		s.dir, s.dir, config))
	args := append(append([]string{"netns", "exec", s.client}, wrap...), binary, "-R", "--uci", path)
	cmd = exec.Command("ip", args...)
	mild, severe = &lines{}, &lines{}
	cmd.Stdout, cmd.Stderr = mild, severe
	return cmd, mild, severe
}

const capturesLAN = "config interface\n\toption device lan0\n"

func TestServiceManagerIsTold(t *testing.T) {
	s := newStage(t)
	path := filepath.Join(s.dir, "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	told := func(want string) {
		t.Helper()
		b := make([]byte, 1024)
		_ = manager.SetReadDeadline(time.Now().Add(deadline))
		n, err := manager.Read(b)
		if err != nil || !regexp.MustCompile("^"+want+"$").Match(b[:n]) {
			t.Fatalf("told %q, %v, want %s", b[:n], err, want)
		}
	}
	cmd, _, _ := s.service(capturesLAN)
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+path)
	s.start(cmd)
	told("READY=1\nSTATUS=captures on lan0")
	_ = cmd.Process.Signal(syscall.SIGHUP)
	told("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]+")
	told("READY=1")
	_ = cmd.Process.Signal(syscall.SIGTERM)
	told("STOPPING=1")
}

// A supervisor that knows levels by the stream gets each message on its own.
func TestSplitLog(t *testing.T) {
	s := newStage(t)
	cmd, mild, severe := s.service(capturesLAN + "config interface\n\toption device late0\nconfig log\n\toption output split\n")
	s.start(cmd)
	mild.wait(t, "started interfaces=1 of 2")
	severe.wait(t, "late0 is not there: waiting for it to come; there is lo, lan0")
	if strings.Contains(mild.String()+severe.String(), "netifyd: ") {
		t.Errorf("the name is said twice: %s%s", mild, severe)
	}
	s.must(s.client, "ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1")
	s.must(s.client, "ip", "link", "set", "late0", "up")
	mild.wait(t, "late0 is there and captured")
	_ = cmd.Process.Signal(syscall.SIGHUP)
	mild.wait(t, "reloaded")
}

// An agent whose only interface is absent waits for it. Its status says what
// became of one that goes, is renamed, or has given its name to another.
func TestAbsentInterface(t *testing.T) {
	s := newStage(t)
	cmd, _, severe := s.service("config interface\n\toption device late0\nconfig agent\n\toption update_interval 1\n")
	s.start(cmd)
	severe.wait(t, "started interfaces=0 of 1")
	severe.wait(t, "late0 is not there: waiting for it to come")
	st := collect(dialUnix(t, s.dir+"/sock"))
	state := func(what string, want float64) {
		t.Helper()
		st.mu.Lock()
		st.lines = nil // a status of before
		st.mu.Unlock()
		st.await(t, what, func(l map[string]any) bool {
			i, _ := l["interfaces"].(map[string]any)
			late, _ := i["late0"].(map[string]any)
			return late["state"] == want
		})
	}
	ip := func(command string) { t.Helper(); s.must(s.client, "ip", strings.Fields(command)...) }
	state("absent", 2)
	ip("link add late0 type veth peer name late1")
	ip("link set late0 up")
	severe.wait(t, "late0 is there and captured")
	state("there", 1)
	ip("link set late0 down")
	severe.wait(t, "late0 went down")
	state("down", 2)
	ip("link set late0 up")
	state("up", 1)
	ip("link add other0 type veth peer name other1")
	ip("link set late0 down")
	ip("link set late0 name old0")
	ip("link set old0 up")
	severe.wait(t, "late0 vanished")
	state("renamed", 2)
	ip("link set other0 name late0")
	ip("link set late0 up")
	severe.wait(t, "late0 came back")
	state("another of that name", 1)
}

func TestJournalLevels(t *testing.T) {
	var b bytes.Buffer
	log := zerolog.New(textWriter{mild: &b, severe: &b, form: prefixed})
	log.Info().Msg("one")
	log.Warn().Str("key", "v").Msg("two")
	log.Error().Err(os.ErrNotExist).Msg("three")
	log.Debug().Msg("four")
	if b.String() != "<6>one\n<4>two key=v\n<3>three: file does not exist\n<7>four\n" {
		t.Errorf("%s", &b)
	}
}

// What cannot be started ends at once, with one sentence that says why.
func TestWhatCannotStart(t *testing.T) {
	s := newStage(t)
	first, mild, severe := s.service(capturesLAN)
	s.start(first)
	severe.wait(t, "started")
	for _, c := range []struct {
		name, config, want string
		wrap               []string
	}{
		{"second instance", capturesLAN, "another program serves this socket: stop it, or set another path", nil},
		{"damaged file", "config flows\n\toption max 'many'\n", `flows.max is "many"`, nil},
		{"no capability", capturesLAN, "CAP_NET_RAW", []string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"}},
	} {
		dir := s.dir
		if c.name == "no capability" {
			s.dir = t.TempDir()
			if err := os.Chmod(s.dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		cmd, out, errs := s.service(c.config, c.wrap...)
		s.dir = dir
		err := cmd.Run()
		text := out.String() + errs.String()
		if x, ok := err.(*exec.ExitError); !ok || x.ExitCode() != 1 || !strings.Contains(text, c.want) || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: %v\n%s", c.name, err, text)
		}
	}
	if err := first.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the first instance is gone: %v\n%s%s", err, mild, severe)
	}
}

// A full /tmp costs status.json, and nothing else; that is said once.
func TestFullDirectory(t *testing.T) {
	s := newStage(t)
	needs(t, "unshare", "mount", "dd")
	script := s.write("full.sh", fmt.Sprintf("mount -t tmpfs -o size=64k netifyd %[1]s/run && dd if=/dev/zero of=%[1]s/run/fill bs=4k 2>/dev/null; exec \"$@\"\n", s.dir))
	if err := os.Mkdir(filepath.Join(s.dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd, _, severe := s.service(capturesLAN, "unshare", "-m", "sh", script)
	file := filepath.Join(s.dir, "netifyd")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.ReplaceAll(strings.ReplaceAll(string(text), "'"+s.dir+"'", "'"+s.dir+"/run'"), s.dir+"/sock", s.dir+"/run/sock")
	s.write("netifyd", moved+"\nconfig agent\n\toption update_interval 1\n")
	s.start(cmd)
	severe.wait(t, "warn: status.json was not written, the capture goes on")
	root := fmt.Sprintf("/proc/%d/root", cmd.Process.Pid)
	if err := os.Remove(root + s.dir + "/run/fill"); err != nil {
		t.Fatal(err)
	}
	severe.wait(t, "status.json is written again")
	if strings.Count(severe.String(), "not written") != 1 {
		t.Errorf("said more than once: %s", severe)
	}
}
