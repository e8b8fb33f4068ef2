package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSignals: HUP takes over a new configuration without losing flows or
// clients, a broken one changes nothing; USR2 and USR1 stop and start capture.
func TestSignals(t *testing.T) {
	needs(t, "curl", "nginx", "ss")
	s := newStage(t)
	s.write("small", "hello\n")
	s.serveFiles()
	dir := filepath.Join(s.dir, "run")
	apps := filepath.Join(s.dir, "apps.d")
	if err := os.Mkdir(apps, 0o755); err != nil {
		t.Fatal(err)
	}
	config := func(interval int) string {
		return fmt.Sprintf("[agent]\nupdate_interval = %d\nvolatile_dir = %q\n[applications]\ndir = %q\n[[listen]]\npath = %q\ndialect = \"4\"\n", interval, dir, apps, dir+"/s.sock")
	}
	conf := s.write("netifyd.toml", config(1))
	agent := s.start(s.in(s.client, binary, "-c", conf, "-I", "lan0"))
	st := collect(dialUnix(t, dir+"/s.sock"))
	status := func(what string, interval float64, flows func(float64) bool) {
		st.await(t, what, func(l map[string]any) bool {
			n, _ := l["flow_count"].(float64)
			return l["type"] == "agent_status" && l["update_interval"] == interval && l["interfaces"] != nil && flows(n)
		})
	}
	whatever := func(float64) bool { return true }
	status("first status", 1, whatever)
	fetch := func(host string) {
		s.must(s.client, "curl", "-s", "--resolve", host+":80:192.168.77.2", "http://"+host+"/small")
	}
	signal := func(sig syscall.Signal) {
		if err := agent.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	flowOf := func(host, app string) func(l map[string]any) bool {
		return isFlow("HTTP", 80, func(f map[string]any) bool {
			return f["host_server_name"] == host && f["detected_application_name"] == app
		})
	}
	fetch("before.own.test")
	st.await(t, "a flow before the reload", flowOf("before.own.test", "Unknown"))

	// A reload with a broken file changes nothing.
	if err := os.WriteFile(filepath.Join(apps, "own.conf"), []byte("app:30000\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.write("netifyd.toml", config(2))
	signal(syscall.SIGHUP)
	fetch("broken.own.test")
	st.await(t, "a flow after the broken reload", flowOf("broken.own.test", "Unknown"))

	if err := os.WriteFile(filepath.Join(apps, "own.conf"), []byte("app:30000:netify.own\ndom:30000:own.test\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	signal(syscall.SIGHUP)
	status("the new interval", 2, func(n float64) bool { return n > 0 })
	fetch("after.own.test")
	st.await(t, "a flow of the new application", flowOf("after.own.test", "netify.own"))
	if text, err := os.ReadFile(filepath.Join(dir, "status.json")); err != nil || !strings.Contains(string(text), `"update_interval":2`) {
		t.Errorf("status.json: %v %s", err, text)
	}

	signal(syscall.SIGUSR2)
	st.await(t, "flows end when capture stops", func(l map[string]any) bool { return l["type"] == "flow_purge" && l["reason"] == "terminated" })
	status("nothing is left", 2, func(n float64) bool { return n == 0 })
	st.mu.Lock()
	st.lines = nil // what was said before is like what is waited for
	st.mu.Unlock()
	signal(syscall.SIGUSR1)
	st.await(t, "capture is back", func(l map[string]any) bool {
		i, _ := l["interfaces"].(map[string]any)
		lan, _ := i["lan0"].(map[string]any)
		if lan["state"] == 1.0 {
			fetch("again.own.test")
			return true
		}
		return false
	})
	st.await(t, "a flow after capture was stopped and started", flowOf("again.own.test", "netify.own"))
}
