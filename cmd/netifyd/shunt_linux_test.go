package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netifyd/core/query/client"
)

// TestLiveShunt lets two agents watch the same download, one with the kernel's
// help and one without: both must have counted the same, packet for packet.
func TestLiveShunt(t *testing.T) {
	needs(t, "curl", "nginx", "ss")
	s := newStage(t)
	const size = 32 << 20
	if err := os.WriteFile(filepath.Join(s.dir, "big"), make([]byte, size), 0o644); err != nil {
		t.Fatal(err)
	}
	s.serveFiles()
	streams := map[bool]*stream{}
	for _, shunt := range []bool{true, false} {
		dir := filepath.Join(s.dir, fmt.Sprint("agent-", shunt))
		conf := s.write(fmt.Sprintf("%v.toml", shunt), fmt.Sprintf(
			"[agent]\nupdate_interval = 1\nvolatile_dir = %q\n[flows]\nidle_closed = 1\nidle_tcp = 20\n[capture]\nshunt = %v\nring = \"16MiB\"\n[[listen]]\npath = %q\ndialect = \"4\"\n", dir, shunt, dir+"/s.sock"))
		agent := s.start(s.in(s.client, binary, "-c", conf, "-I", "lan0"))
		st := collect(dialUnix(t, dir+"/s.sock"))
		st.await(t, "status", func(l map[string]any) bool { return l["type"] == "agent_status" && l["interfaces"] != nil })
		streams[shunt] = st
		defer func() { _ = agent.Process.Signal(syscall.SIGTERM) }()
	}
	s.must(s.client, "curl", "-s", "-o", "/dev/null", "http://192.168.77.2/big")
	var totals [2][2]float64
	for i, shunt := range []bool{true, false} {
		f := streams[shunt].await(t, "the HTTP flow", isFlow("HTTP", 80, nil))["flow"].(map[string]any)
		end := streams[shunt].await(t, "its end", func(l map[string]any) bool {
			g, _ := l["flow"].(map[string]any)
			return l["type"] == "flow_purge" && g["digest"] == f["digest"]
		})["flow"].(map[string]any)
		totals[i] = [2]float64{end["total_packets"].(float64), end["total_bytes"].(float64)}
		last := end["last_seen_at"].(float64) / 1000
		st := streams[shunt].await(t, "a status after the end", func(l map[string]any) bool {
			at, _ := l["timestamp"].(float64)
			return l["type"] == "agent_status" && l["interfaces"] != nil && at > last+1
		})
		if n := st["capture"].(map[string]any)["dropped"]; n != 0.0 {
			t.Skipf("the kernel dropped %v packets: nothing can be compared", n)
		}
	}
	if totals[0] != totals[1] || totals[0][1] < size {
		t.Errorf("with the kernel's help %v packets and bytes, without %v", totals[0], totals[1])
	}
}

// TestLiveShuntAfterStop: USR2 and USR1 stop and start the capture, and flows
// are left to the kernel as before, though the agent has given up what it takes
// to make another program.
func TestLiveShuntAfterStop(t *testing.T) {
	needs(t, "curl", "nginx", "ss")
	s := newStage(t)
	if err := os.WriteFile(filepath.Join(s.dir, "big"), make([]byte, 4<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	s.serveFiles()
	dir := filepath.Join(s.dir, "run")
	conf := s.write("netifyd.toml", fmt.Sprintf(
		"[agent]\nupdate_interval = 1\nvolatile_dir = %q\n[capture]\nshunt = true\n[usage]\ndirectory = \"none\"\n[[listen]]\npath = %q\ndialect = \"4\"\n", dir, dir+"/s.sock"))
	agent := s.start(s.in(s.client, binary, "-c", conf, "-I", "lan0"))
	st := collect(dialUnix(t, dir+"/s.sock"))
	st.await(t, "status", func(l map[string]any) bool { return l["type"] == "agent_status" && l["interfaces"] != nil })
	asks, err := client.Dial(filepath.Join(dir, "control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer asks.Close()
	shunted := func() uint64 {
		var status struct{ Flows struct{ Shunted uint64 } }
		if err := asks.Ask("status", nil, &status); err != nil {
			t.Fatal(err)
		}
		return status.Flows.Shunted
	}
	download := func(what string, before uint64) {
		for end := time.Now().Add(deadline / 2); shunted() == before; {
			if time.Now().After(end) {
				t.Fatalf("%s no flow is left to the kernel", what)
			}
			s.must(s.client, "curl", "-s", "-o", "/dev/null", "http://192.168.77.2/big")
		}
	}
	download("after the start", 0)
	for range 2 {
		before := shunted()
		for _, sig := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGUSR1} {
			if err := agent.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			want := map[syscall.Signal]string{syscall.SIGUSR2: "offline", syscall.SIGUSR1: "online"}[sig]
			for end := time.Now().Add(deadline / 2); ; time.Sleep(10 * time.Millisecond) {
				text, err := asks.Raw("status", nil)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), want) {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("not %s: %s", want, text)
				}
			}
		}
		download("after USR2 and USR1", before)
	}
}
