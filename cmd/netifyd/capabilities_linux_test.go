package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"netifyd/core/config"
)

// TestCapabilities: with the capabilities that the unit of systemd grants, an
// agent without root leaves long flows to the kernel, and holds only what
// capture needs once it runs. Without CAP_BPF it says that it cannot.
func TestCapabilities(t *testing.T) {
	needs(t, "curl", "nginx", "ss", "setpriv")
	if b, err := os.ReadFile("/proc/sys/kernel/unprivileged_bpf_disabled"); err != nil || strings.TrimSpace(string(b)) == "0" {
		t.Skip("this kernel asks for no capability")
	}
	s := newStage(t)
	if err := os.WriteFile(filepath.Join(s.dir, "big"), make([]byte, 8<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	s.serveFiles()
	for _, bpf := range []bool{true, false} {
		dir := filepath.Join(s.dir, fmt.Sprint("agent-", bpf))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		conf := s.write(fmt.Sprintf("%v.toml", bpf), fmt.Sprintf("[agent]\nupdate_interval = 1\nvolatile_dir = %q\n[flows]\nidle_closed = 1\n[[listen]]\npath = %q\ndialect = \"4\"\n", dir, dir+"/s.sock"))
		caps := "+net_raw,+net_admin"
		if bpf {
			caps += ",+bpf"
		}
		cmd := s.in(s.client, "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", caps, "--ambient-caps", caps, "--no-new-privs", binary, "-c", conf, "-I", "lan0")
		said := &lines{}
		cmd.Stdout, cmd.Stderr = said, said
		agent := s.start(cmd)
		st := collect(dialUnix(t, dir+"/s.sock"))
		st.await(t, "status", func(l map[string]any) bool { return l["type"] == "agent_status" && l["interfaces"] != nil })
		said.wait(t, "started")
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", agent.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []string{"CapPrm", "CapEff"} {
			if !strings.Contains(string(text), set+":\t0000000000003000\n") {
				t.Errorf("CAP_BPF %v: more or less than NET_RAW and NET_ADMIN is held:\n%s", bpf, text)
				break
			}
		}
		// Slowly: where the ring is full, the packets that end the flow may be lost.
		s.must(s.client, "curl", "-s", "-o", "/dev/null", "--limit-rate", "8M", "http://192.168.77.2/big")
		st.await(t, "the end of the flow", func(l map[string]any) bool { return l["type"] == "flow_purge" })
		if refused := strings.Contains(said.String(), "flows are not left to the kernel") || strings.Contains(said.String(), "CAP_BPF"); refused == bpf {
			t.Errorf("CAP_BPF %v:\n%s", bpf, said)
		}
		_ = agent.Process.Signal(syscall.SIGTERM)
	}
}

// NET_ADMIN goes where neither the connection table is asked nor rules write.
func TestKeep(t *testing.T) {
	defer func(was uint32) { kept = was }(kept)
	const raw, both = 1 << unix.CAP_NET_RAW, 1<<unix.CAP_NET_RAW | 1<<unix.CAP_NET_ADMIN
	for _, c := range []struct {
		rules, noConntrack bool
		want               uint32
	}{{false, false, both}, {false, true, raw}, {true, true, both}, {true, false, both}} {
		cfg := config.Default()
		cfg.Rules.File = "none"
		if c.rules {
			cfg.Actions = []config.Action{config.NewAction()}
		}
		kept = both
		if keep(cfg, c.noConntrack); kept != c.want {
			t.Errorf("rules %v, no conntrack %v: %#x", c.rules, c.noConntrack, kept)
		}
	}
}
