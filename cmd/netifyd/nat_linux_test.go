package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLiveNAT lets a device behind a router, and the router itself, talk to a
// server. Each flow that both captures tell is marked on the provider's side,
// and the stream of the agent is not told.
func TestLiveNAT(t *testing.T) {
	needs(t, "ip", "nft", "curl", "nginx", "nc", "ss")
	s := newStage(t) // of which the client is the router, and the server the net
	device := fmt.Sprintf("ndd%d", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", device).CombinedOutput(); err != nil {
		t.Skipf("no further namespace: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", device).Run() })
	for _, c := range [][]string{
		{s.client, "ip link add home0 type veth peer name dev0 netns " + device},
		{s.client, "ip addr add 192.168.7.1/24 dev home0"},
		{s.client, "ip link set home0 up"},
		{device, "ip addr add 192.168.7.2/24 dev dev0"},
		{device, "ip link set dev0 up"},
		{device, "ip route add default via 192.168.7.1"},
		{s.server, "ip addr add 192.168.77.3/24 dev far0"},
		{s.server, "ip route add 192.168.7.0/24 via 192.168.77.1"},
		{s.client, "sysctl -q net.ipv4.ip_forward=1"},
		// What goes to .2 is translated, what goes to .3 is only sent on.
		{s.client, "nft add table ip t"},
		{s.client, "nft add chain ip t post { type nat hook postrouting priority 100 ; }"},
		{s.client, "nft add rule ip t post oifname lan0 ip daddr 192.168.77.2 masquerade"},
	} {
		words := strings.Fields(c[1])
		s.must(c[0], words[0], words[1:]...)
	}
	s.write("page.html", strings.Repeat("hello\n", 500))
	s.serveFiles()
	socket := filepath.Join(s.dir, "run", "netifyd.sock")
	conf := s.write("netifyd.toml", fmt.Sprintf(`
[agent]
update_interval = 1
volatile_dir = %q
user = "nobody"
[[listen]]
path = %q
dialect = "4"
[[listen]]
port = 7150
allow = ["192.168.7.2"]
dialect = "4"
`, filepath.Dir(socket), socket))
	agent := s.start(s.in(s.client, binary, "-c", conf, "-I", "home0", "-E", "lan0"))
	unix := collect(dialUnix(t, socket))
	unix.await(t, "status", func(l map[string]any) bool { return l["type"] == "agent_status" })
	s.listening(s.client, "t", 7150)
	nc := s.in(device, "nc", "192.168.7.1", "7150")
	pipe, err := nc.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	far := collect(bufio.NewReader(pipe))
	s.start(nc)
	far.await(t, "the far client's status", func(l map[string]any) bool { return l["type"] == "agent_status" })

	for _, c := range []struct {
		what, from, to    string
		local, on         string // of the flow on the provider's side
		translated, twin  bool
		alsoOnTheSideHome bool
	}{
		{"translated", device, "192.168.77.2", "192.168.77.1", "lan0", true, true, true},
		{"sent on", device, "192.168.77.3", "192.168.7.2", "lan0", false, true, true},
		{"the router's own", s.client, "192.168.77.2", "192.168.77.1", "lan0", false, false, false},
	} {
		tag := "/page.html?" + strings.ReplaceAll(c.what, " ", "")
		s.must(c.from, "curl", "-s", "-o", "/dev/null", "http://"+c.to+tag)
		is := func(on, local string) func(map[string]any) bool {
			return func(l map[string]any) bool {
				f, _ := l["flow"].(map[string]any)
				h, _ := f["http"].(map[string]any)
				url, _ := h["url"].(string)
				return l["type"] == "flow" && l["interface"] == on && f["local_ip"] == local && strings.HasSuffix(url, tag)
			}
		}
		l := unix.await(t, c.what+", on the provider's side", is(c.on, c.local))
		if f := l["flow"].(map[string]any); f["ip_nat"] != c.translated || (f["twin"] == true) != c.twin {
			t.Errorf("%s, on the provider's side: ip_nat %v, twin %v", c.what, f["ip_nat"], f["twin"])
		}
		if !c.alsoOnTheSideHome {
			continue
		}
		l = unix.await(t, c.what+", at home", is("home0", "192.168.7.2"))
		if f := l["flow"].(map[string]any); f["ip_nat"] != false || f["twin"] != nil {
			t.Errorf("%s, at home: ip_nat %v, twin %v", c.what, f["ip_nat"], f["twin"])
		}
	}
	if err := agent.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	const http = 3
	purged := func() (twins, others int) {
		for _, l := range unix.lines {
			f, _ := l["flow"].(map[string]any)
			if l["type"] != "flow_purge" || f["total_bytes"].(float64) < 3000 {
				continue
			}
			if f["twin"] == true {
				twins++
			} else {
				others++
			}
		}
		return twins, others
	}
	unix.await(t, "every flow ends", func(map[string]any) bool { twins, others := purged(); return twins+others == 2*http-1 })
	unix.mu.Lock()
	defer unix.mu.Unlock()
	if twins, others := purged(); twins != 2 || others != http {
		t.Errorf("%d flows to leave out and %d to add up, want 2 and %d", twins, others, http)
	}
	for _, l := range unix.lines {
		f, _ := l["flow"].(map[string]any)
		if f["local_port"] == 7150.0 || f["other_port"] == 7150.0 {
			t.Fatalf("the agent tells of its own stream: %v", l)
		}
	}
}
