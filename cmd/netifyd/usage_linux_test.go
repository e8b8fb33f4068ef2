package main

import (
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

	"netifyd/core/calendar"
	known "netifyd/core/device"
	"netifyd/core/usage"
)

// home is a machine of the local network in TestLiveUsage.
type home struct {
	ns, dev, mac string
	vlan         bool
}

// octets are what its link has carried, less the link's headers: received, sent.
func (h *home) octets(s *stage) (n [2]uint64) {
	s.Helper()
	read := func(name string) uint64 {
		text := s.must(h.ns, "cat", "/sys/class/net/"+h.dev+"/statistics/"+name)
		v, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
		if err != nil {
			s.Fatal(err)
		}
		return v
	}
	return [2]uint64{read("rx_bytes") - 14*read("rx_packets"), read("tx_bytes") - 14*read("tx_packets")}
}

// TestLiveUsage lets two devices on two bridges of one group, one of them in a
// VLAN, talk to a server behind NAT, by IPv6, in fragments, and to each other,
// with large flows left to the kernel. What each used is what its interface
// carried, less link headers, to the byte; and the journal says so too.
func TestLiveUsage(t *testing.T) {
	needs(t, "ip", "nft", "curl", "nginx", "ping", "ss")
	s := newStage(t) // of which the client is the router, and the server the net
	homes := []home{{fmt.Sprintf("nda%d", os.Getpid()), "dev0", "02:00:00:00:07:02", false}, {fmt.Sprintf("ndb%d", os.Getpid()), "dev0.10", "02:00:00:00:08:02", true}}
	run := func(ns, line string) {
		t.Helper()
		words := strings.Fields(line)
		s.must(ns, words[0], words[1:]...)
	}
	for _, ns := range []string{s.client, s.server} {
		run(ns, "sysctl -q -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0")
	}
	if out, err := s.in(s.client, "ip", "link", "add", "link", "lan0", "name", "try.10", "type", "vlan", "id", "10").CombinedOutput(); err != nil {
		t.Logf("no VLAN in this kernel: %s", out)
		homes[1].dev, homes[1].vlan = "dev0", false
	}
	// The kernel shall not join fragments before the capture sees them.
	_ = s.in(s.client, "sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0").Run()
	for n, h := range homes {
		if out, err := exec.Command("ip", "netns", "add", h.ns).CombinedOutput(); err != nil {
			t.Skipf("no further namespace: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", h.ns).Run() })
		net, br, mac := 7+n, fmt.Sprint("br", n), fmt.Sprintf("02:00:00:00:%02d:01", 7+n)
		run(h.ns, "sysctl -q -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0")
		run(s.client, fmt.Sprintf("ip link add home%d type veth peer name dev0 netns %s", n, h.ns))
		run(s.client, fmt.Sprintf("ip link add %s address %s type bridge mcast_snooping 0", br, mac))
		run(s.client, fmt.Sprintf("ip link set home%d master %s up", n, br))
		run(s.client, "ip link set "+br+" up")
		gate, device := br, "dev0"
		if h.vlan {
			gate, device = br+".10", "dev0.10"
			run(s.client, "ip link add link "+br+" name "+gate+" type vlan id 10")
			run(s.client, "ip link set "+gate+" up")
			run(h.ns, "ip link set dev0 up")
			run(h.ns, "ip link add link dev0 name dev0.10 type vlan id 10")
		}
		run(h.ns, "ip link set "+device+" address "+h.mac)
		run(h.ns, "ip link set "+device+" up")
		run(s.client, fmt.Sprintf("ip addr add 192.168.%d.1/24 dev %s", net, gate))
		run(s.client, fmt.Sprintf("ip addr add 2001:db8:%d::1/64 dev %s nodad", net, gate))
		run(h.ns, fmt.Sprintf("ip addr add 192.168.%d.2/24 dev %s", net, device))
		run(h.ns, fmt.Sprintf("ip addr add 2001:db8:%d::2/64 dev %s nodad", net, device))
		run(h.ns, fmt.Sprintf("ip route add default via 192.168.%d.1", net))
		run(h.ns, fmt.Sprintf("ip route add default via 2001:db8:%d::1", net))
		// No ARP: it is in the interface's counters and in no flow.
		run(h.ns, fmt.Sprintf("ip neigh replace 192.168.%d.1 lladdr %s dev %s nud permanent", net, mac, device))
		run(s.client, fmt.Sprintf("ip neigh replace 192.168.%d.2 lladdr %s dev %s nud permanent", net, h.mac, gate))
	}
	run(s.client, "ip addr add 2001:db8:77::1/64 dev lan0 nodad")
	run(s.server, "ip addr add 2001:db8:77::2/64 dev far0 nodad")
	run(s.server, "ip route add default via 2001:db8:77::1")
	for _, line := range []string{"add table ip t", "add chain ip t post { type nat hook postrouting priority 100 ; }", "add rule ip t post oifname lan0 masquerade"} {
		run(s.client, "nft "+line)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "big"), make([]byte, 24<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	nginx := s.write("nginx.conf", fmt.Sprintf(`daemon off; pid %[1]s/nginx.pid; error_log stderr; events {}
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen 80; listen [::]:80; root %[1]s; } }`, s.dir))
	s.start(s.in(s.server, "nginx", "-p", s.dir, "-c", nginx))
	s.listening(s.server, "t", 80)

	history := filepath.Join(s.dir, "history")
	conf := s.write("usage.toml", fmt.Sprintf(`
[agent]
update_interval = 1
volatile_dir = %q
[capture]
ring = "16MiB"
[usage]
directory = %q
timezone = "UTC0"
interval = 1
[[listen]]
path = %q
dialect = "4"
`, filepath.Join(s.dir, "run"), history, filepath.Join(s.dir, "run", "s.sock")))
	before := make([][2]uint64, len(homes))
	quiet := func() bool { // what the kernel says of itself, such as its groups, is over
		still := true
		for n := range homes {
			now := homes[n].octets(s)
			still = still && now == before[n]
			before[n] = now
		}
		return still
	}
	for calm, end := 0, time.Now().Add(deadline); calm < 30 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if calm++; !quiet() {
			calm = 0
		}
	}
	args := []string{"-c", conf, "-I", "br0", "-I", "br1", "-E", "lan0"}
	if homes[1].vlan {
		args = append(args, "-I", "br1.10")
	}
	agent := s.start(s.in(s.client, binary, args...))
	stream := collect(dialUnix(t, filepath.Join(s.dir, "run", "s.sock")))
	stream.await(t, "a status", func(l map[string]any) bool { return l["type"] == "agent_status" && l["interfaces"] != nil })
	if !quiet() {
		t.Skip("the network was not quiet while the agent started: nothing can be compared")
	}
	for _, h := range homes {
		s.must(h.ns, "curl", "-s", "-o", "/dev/null", "http://192.168.77.2/big")
		s.must(h.ns, "curl", "-s", "-g", "-o", "/dev/null", "http://[2001:db8:77::2]/usage.toml")
		s.must(h.ns, "ping", "-q", "-c", "2", "-i", "0.2", "-s", "4000", "192.168.77.2")
	}
	s.must(homes[0].ns, "ping", "-q", "-c", "3", "-i", "0.2", "192.168.8.2")
	s.must(homes[1].ns, "ping", "-q", "-c", "3", "-i", "0.2", "2001:db8:7::2")
	after := [][2]uint64{homes[0].octets(s), homes[1].octets(s)}
	now := float64(time.Now().Unix())
	last := stream.await(t, "a status after that", func(l map[string]any) bool {
		at, _ := l["timestamp"].(float64)
		return l["type"] == "agent_status" && l["interfaces"] != nil && at > now
	})
	// ask waits for what is booked every five seconds, as all that keeps the house.
	ask := func(want []string, args ...string) {
		t.Helper()
		out, lacks := "", ""
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			out, lacks = s.must(s.client, binary, append([]string{"-c", conf}, args...)...), ""
			for _, w := range want {
				if !strings.Contains(out, w) {
					lacks = w
				}
			}
			if lacks == "" {
				return
			}
			if time.Now().After(end) {
				t.Errorf("netifyd %v lacks %q:\n%s", args, lacks, out)
				return
			}
		}
	}
	ask(nil, "devices", "rename", homes[0].mac, "Ann's", "TV")
	ask([]string{homes[0].mac, "Ann's TV (user)", homes[1].mac, "online"}, "devices")
	ask([]string{"Ann's TV", "HTTP", "24 MiB", "%"}, "usage", "--local")
	ask([]string{`"rows":[[`, homes[1].mac}, "usage", "--local", "--by", "device", "--format", "json", "--period", "month")
	ask([]string{"mac\tconns\trx_bytes", homes[1].mac}, "usage", "--local", "--format", "nlbw")
	ask([]string{"new device: Ann's TV"}, "alerts")
	_ = agent.Process.Signal(syscall.SIGTERM)
	_ = agent.Wait()
	if n := last["capture"].(map[string]any)["dropped"]; n != 0.0 {
		t.Skipf("the kernel dropped %v packets: nothing can be compared", n)
	}

	clock, err := calendar.NewClock("UTC0", "1")
	if err != nil {
		t.Fatal(err)
	}
	h, warnings := usage.OpenHistory(usage.Directory(history), clock, usage.Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	table := usage.New(known.New(known.Options{Devices: 16}), usage.Options{Cells: 64, Clock: clock})
	if err := h.Restore(table, time.Now().Unix()); err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	wan := uint64(0)
	used := map[uint32][2]uint64{}
	text := map[uint32]string{}
	err = h.Each(usage.Span{End: 1 << 40}, usage.Hour, nil, func(r *usage.Record) {
		for _, e := range r.Entries {
			if e.Label == usage.Wan {
				wan += e.Sum()
				continue
			}
			u := used[e.Device]
			used[e.Device] = [2]uint64{u[0] + e.Down, u[1] + e.Up}
			text[e.Device] += fmt.Sprintf("  %s %s: %d down, %d up, %d flows\n", e.Label.Sum(), e.Label.Name(func(uint32) string { return "" }), e.Down, e.Up, e.Flows)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range homes {
		mac, _ := net.ParseMAC(homes[n].mac)
		table.Devices.Lock()
		x := table.Devices.At(table.Devices.Find([6]byte(mac)))
		table.Devices.Unlock()
		if x == nil {
			t.Fatalf("no device %s", mac)
		}
		want := [2]uint64{after[n][0] - before[n][0], after[n][1] - before[n][1]}
		if used[x.Number] != want {
			t.Errorf("%s used %v down and up, its interface carried %v\n%s", mac, used[x.Number], want, text[x.Number])
		}
	}
	if wan < 48<<20 {
		t.Errorf("the WAN carried %d bytes", wan)
	}
}
