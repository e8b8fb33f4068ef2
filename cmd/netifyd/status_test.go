package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/core/query/client"
)

// Status never tells the figures of an agent that ended as those of now.
func TestStatus(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "netifyd.toml")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[agent]\nvolatile_dir = %q\nupdate_interval = 1\n[[listen]]\npath = %q\n", dir, filepath.Join(dir, "s.sock")), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "status.json")
	expect := func(what string, code int, out, said string) {
		t.Helper()
		gotOut, gotSaid, gotCode := run1(t, "-c", conf, "status")
		if gotCode != code || !strings.Contains(gotOut, out) || !strings.Contains(gotSaid, said) || code != 0 && gotOut != "" {
			t.Errorf("%s: code %d, %q, %q", what, gotCode, gotOut, gotSaid)
		}
	}
	start := func() (*exec.Cmd, func()) {
		t.Helper()
		agent := exec.Command(binary, "-c", conf, "-I", "lo,-")
		stdin, err := agent.StdinPipe() // a capture that goes on as long as it is open
		if err != nil {
			t.Fatal(err)
		}
		agent.Stderr = os.Stderr
		if err := agent.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stdin.Close(); _ = agent.Process.Kill(); _ = agent.Wait() })
		if _, err := stdin.Write([]byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00")); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if _, err := os.Stat(file); err == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatal("no status.json in 30 seconds")
			}
		}
		return agent, func() { stdin.Close() }
	}

	expect("no agent was ever here", 1, "", "not running")
	agent, _ := start()
	expect("it runs", 0, "running since", "")
	_ = agent.Process.Kill()
	_ = agent.Wait()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var st struct{ Timestamp int64 }
	if err := json.Unmarshal(text, &st); err != nil {
		t.Fatal(err)
	}
	expect("it was killed", 1, "", "not running since "+time.Unix(st.Timestamp, 0).Format(time.DateTime))

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	agent, quiet := start()
	expect("it runs again", 0, "running since", "")
	if err := os.WriteFile(file, []byte(`{"timestamp": 1000000, "uptime": 1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = agent.Process.Signal(syscall.SIGSTOP)
	if out, said, _ := run1(t, "-c", conf, "status"); !strings.Contains(said, "does not answer") || !strings.Contains(said, "old: the agent runs") || !strings.Contains(out, "uptime") {
		t.Errorf("it hangs: %q, %q", out, said)
	}
	_ = agent.Process.Signal(syscall.SIGCONT)
	_ = agent.Process.Signal(syscall.SIGTERM)
	quiet()
	_ = agent.Wait()
	expect("it was stopped", 1, "", "not running")
}

// Who may not ask is told that, and not that no agent runs.
func TestStatusWithoutPermission(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, "control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Chmod(filepath.Join(dir, "control.sock"), 0); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "netifyd.toml")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[agent]\nvolatile_dir = %q\n", dir), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{binary, "-c", conf, "status"}
	if os.Geteuid() == 0 { // root reads everything, unless it gives that up
		if _, err := exec.LookPath("setpriv"); err != nil {
			t.Skip("no setpriv")
		}
		args = append([]string{"setpriv", "--bounding-set", "-all", "--inh-caps", "-all"}, args...)
	}
	lock, err := holdDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "only root and the members of its group may ask") || strings.Contains(string(out), "running") {
		t.Errorf("%v: %s", err, out)
	}
	args[len(args)-1] = "doctor"
	if out, _ := exec.Command(args[0], args[1:]...).CombinedOutput(); !strings.Contains(string(out), "only root and the members of its group may ask") || strings.Contains(string(out), "start it") {
		t.Errorf("the doctor starts what runs: %s", out)
	}
	args[len(args)-1] = "status"
	lock.Close() // it crashed: that anybody may know
	out, err = exec.Command(args[0], args[1:]...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "netifyd: not running") {
		t.Errorf("%v: %s", err, out)
	}
}

// A file with a fault does not keep a person from asking the agent, which runs on with its settings of before.
func TestAskWithFaultyFile(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "netifyd.toml")
	if err := os.WriteFile(conf, []byte("[agent]\nupdate_intervall = 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"status", "flows", "usage", "rules"} {
		if _, said, _ := run1(t, "-c", conf, command); !strings.Contains(said, conf+":2: ") || !strings.Contains(said, "looked for in /var/run/netifyd") {
			t.Errorf("%s: %q", command, said)
		}
	}
	if _, said, code := run1(t, "-c", conf, "lookup", "example.com"); code == 0 || strings.Contains(said, "looked for") {
		t.Errorf("lookup, which asks no agent: code %d, %q", code, said)
	}
}

// What the agent costs is said where a person looks first.
func TestStatusSaysWhatItCosts(t *testing.T) {
	var s client.Status
	if err := json.Unmarshal([]byte(`{"uptime":200,"cpu":{"user":1.5,"system":0.5},"memory":{"plan_kb":1024,"resident_kb":2048}}`), &s); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	drawStatus(&out, &s)
	for _, want := range []string{"memory       2.0 MiB resident", "processor    1.0 % of one core since the start"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// Who may not make the socket is told what to do.
func TestSocketWithoutRights(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "s.sock"), filepath.Join(dir, "deeper", "s.sock")} {
		conf := filepath.Join(t.TempDir(), "netifyd.toml")
		if err := os.WriteFile(conf, fmt.Appendf(nil, "[agent]\nvolatile_dir = %q\n[control]\nenabled = false\n[usage]\nenabled = false\n[[listen]]\npath = %q\n", t.TempDir(), path), 0o644); err != nil {
			t.Fatal(err)
		}
		args := []string{binary, "-c", conf, "-I", "lo," + filepath.Join(root, "testdata/dhcp.pcap")}
		if os.Geteuid() == 0 { // root writes everywhere, unless it gives that up
			if _, err := exec.LookPath("setpriv"); err != nil {
				t.Skip("no setpriv")
			}
			args = append([]string{"setpriv", "--bounding-set", "-all", "--inh-caps", "-all"}, args...)
		}
		out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), path+": this user may not make it: run as root") {
			t.Errorf("%v: %s", err, out)
		}
	}
}
