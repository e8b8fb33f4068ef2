package main

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// many are the most rules that there may be, with every criterion, and targets of every kind.
func many(dir, table string, n int, kinds []string) string {
	criteria := []string{"app == 'netify.tiktok'", "category == 'social-media'", "proto == 'TLS' or proto == 'HTTPS'", "local_ip == 192.168.9.0/24", "other_ip == @servers", "local_mac == 02:00:00:00:09:02",
		"device == 'tablet'", "iface == 'home0'", "iface_nfq_src == '*'", "detected_hostname == 'rx:tik.*'", "dns_hostname == 'www.tiktok.com'", "tls_version >= 0x0303", "detection_complete", "usage.today > 1KiB",
		"mac == @macs", "other_port == 443 && ip_version == 6", "ai:youtube", "pi:196", "ac:streaming-media", "device == @servers", "vlan_id == 0", "ip_nat", "detection_guessed", "*"}
	var b strings.Builder
	fmt.Fprintf(&b, "[[group]]\nname = \"macs\"\nmembers = [\"02:00:00:00:09:02\", \"tablet\"]\n")
	for i, k := range kinds {
		fmt.Fprintf(&b, "[[target]]\nname = \"t%d\"\n%s\n", i, strings.ReplaceAll(strings.ReplaceAll(k, "TABLE", table), "DIR", dir))
	}
	for i := range n {
		fmt.Fprintf(&b, "[[action]]\nname = \"r%d\"\ncriteria = \"%s\"\ntargets = [\"t%d\"]\n", i, criteria[i%len(criteria)], i%len(kinds))
		switch i % 5 {
		case 1:
			b.WriteString("times = [\"00:00-24:00\"]\n")
		case 2:
			b.WriteString("exempt = [\"203.0.113.3\", \"mac == @macs && app == 'netify.netflix'\"]\n")
		case 3:
			b.WriteString("interface = \"lan\"\n")
		}
	}
	return b.String()
}

var everyKind = []string{
	"type = \"nftset\"\ntable = \"TABLE\"\nset = \"pairs\"\nelements = [\"local_addr\", \"other_addr\", \"other_port\"]\nttl = \"1m\"\nhold = true",
	"type = \"nftset\"\ntable = \"TABLE\"\nset = \"servers\"\nsize = 3",
	"type = \"nftset\"\ntable = \"TABLE\"\nset = \"macs\"\nelements = [\"local_mac\", \"interface\"]",
	"type = \"ipset\"\nset = \"TABLE\"",
	"type = \"ctmark\"\nmark = 0x100\nmask = 0xf00",
	"type = \"ctlabel\"\nlabels = [\"7\"]",
	"type = \"log\"\npath = \"DIR\"\nprefix = \"TABLE\"\ninterval = \"1s\"",
}

// TestLiveRulesBroken has two agents with the most rules there may be and the same sets, while
// rules are renamed, targets change type, groups change, sets go while they are full, all
// of the firewall goes, connections go, the device is renamed, and files of rules are garbage.
// The agents live, their counters are those of what flows, and nothing of others is touched.
func TestLiveRulesBroken(t *testing.T) {
	h := newHouse(t)
	h.must(h.client, "nft", "add table inet other; add set inet other s { type ipv4_addr; flags timeout; }; add element inet other s { 1.1.1.1, 203.0.113.2 }; add chain inet other c { type filter hook forward priority 0; }; add rule inet other c ip daddr @s counter; add rule inet other c ct label 120 counter")
	groups := filepath.Join(h.dir, "groups")
	if err := os.Mkdir(groups, 0o755); err != nil {
		t.Fatal(err)
	}
	group := func(text string) {
		tmp := filepath.Join(h.dir, "group.tmp")
		if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(groups, "10-servers.conf")); err != nil {
			t.Fatal(err)
		}
	}
	group("203.0.113.0/28\n2001:db8:77::/64\n")
	agents := map[string]*exec.Cmd{}
	logs := map[string]*said{}
	configure := func(name, rules string) string {
		return h.write(name+".toml", fmt.Sprintf("[agent]\nvolatile_dir = \"%[1]s/run-%[2]s\"\n[[listen]]\npath = \"%[1]s/run-%[2]s/s.sock\"\n[[interface]]\nname = \"home0\"\nrole = \"lan\"\n[usage]\nenabled = true\ndirectory = \"%[1]s/history-%[2]s\"\ninterval = \"1s\"\n[actions]\nfile = \"none\"\ngroups_dir = %[3]q\n%[4]s", h.dir, name, groups, rules))
	}
	start := func(name string) {
		c := h.in(h.client, binary, "-c", filepath.Join(h.dir, name+".toml"))
		logs[name] = &said{filepath.Join(h.dir, name+".log")}
		f, err := os.OpenFile(logs[name].path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		c.Stdout, c.Stderr = f, f
		agents[name] = h.start(c)
	}
	h.log = &said{"/dev/null"}
	ask := func(name string, args ...string) (string, error) {
		out, err := h.in(h.client, binary, append([]string{"-c", filepath.Join(h.dir, name+".toml")}, args...)...).CombinedOutput()
		return string(out), err
	}
	for _, name := range []string{"a", "b"} {
		configure(name, many(h.dir, "nfa", 128, everyKind))
		start(name)
	}
	for _, name := range []string{"a", "b"} {
		h.log = logs[name]
		h.await("agent "+name, func() bool { out, err := ask(name, "rules"); return err == nil && strings.Contains(out, "r127") })
	}
	sites := []site{tiktok, wikipedia, youtube, reddit, netflix}
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() { // flows of all lengths, also those that end within a batch
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			to := sites[n%len(sites)]
			address := fmt.Sprintf("203.0.113.%d", to.host)
			if n%3 == 0 {
				address = fmt.Sprintf("[2001:db8:77::%d]", to.host)
			}
			_ = h.in(h.home, "curl", "-gsk", "-o", "/dev/null", "-m", "2", "-r", "0-99", "--resolve", to.name+":443:"+address, "https://"+to.name+"/page").Run()
		}
	}()
	hup := func(name string) { _ = agents[name].Process.Signal(syscall.SIGHUP) }
	steps := []func(n int){
		func(int) { _ = h.in(h.client, "nft", "delete", "table", "inet", "nfa").Run() },
		func(int) { _ = h.in(h.client, "nft", "flush", "set", "inet", "nfa", "servers.v4").Run() },
		func(int) { _ = h.in(h.client, "nft", "delete", "set", "inet", "nfa", "servers.v4").Run() },
		func(int) { _ = h.in(h.client, "ipset", "destroy").Run() },
		func(int) { _ = h.in(h.client, "ipset", "flush").Run() },
		func(int) { _ = h.in(h.client, "conntrack", "-F").Run() },
		func(n int) {
			group([]string{"203.0.113.2\n", "203.0.113.0/28\n2001:db8:77::/64\n", "# none\n", "02:00:00:00:09:02\n"}[n%4])
			hup("a")
			hup("b")
		},
		func(n int) { group("garbage 1.2.3.4/99\n"); hup("a") },
		func(n int) {
			group("203.0.113.0/28\n")
			configure("a", strings.ReplaceAll(many(h.dir, "nfa", 128, everyKind), `"r5"`, fmt.Sprintf(`"r5-%d"`, n)))
			hup("a")
		},
		func(n int) { configure("a", many(h.dir, "nfa", 1+n%128, everyKind[n%4:])); hup("a") },
		func(n int) {
			k := append([]string{}, everyKind...)
			k[0], k[4] = k[4], k[0]
			configure("a", many(h.dir, "nfa", 128, k))
			hup("a")
		},
		func(n int) { h.write("a.toml", string([]byte{0, 255, 1, byte(n)})+"[[action]"); hup("a") },
		func(n int) { configure("a", many(h.dir, "nfa", 128, everyKind)); hup("a") },
		func(n int) { _, _ = ask("a", "rule", "pause", fmt.Sprintf("r%d", n%128), "1"); hup("a") },
		func(n int) { _, _ = ask("a", "rule", "resume", fmt.Sprintf("r%d", n%128)) },
		func(n int) {
			for _, words := range [][]string{{"link", "set", "home0", "down"}, {"link", "set", "home0", "name", "renamed"}, {"link", "set", "renamed", "name", "home0"}, {"link", "set", "home0", "up"}, {"addr", "add", "2001:db8:9::1/64", "dev", "home0", "nodad"}} {
				_ = h.in(h.client, "ip", words...).Run()
			}
		},
		func(n int) {
			_ = h.in(h.home, "ip", "addr", "add", fmt.Sprintf("2001:db8:9::%x:%x/64", n+16, n+1), "dev", "dev0", "nodad").Run()
		},
		func(n int) { _ = agents["b"].Process.Kill(); _ = agents["b"].Wait(); start("b") },
	}
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	for n, rounds := 0, rounds(t, 60); n < rounds; n++ {
		steps[random.Intn(len(steps))](n)
		time.Sleep(time.Duration(random.Intn(150)) * time.Millisecond)
	}
	close(stop)
	<-stopped
	group("203.0.113.0/28\n2001:db8:77::/64\n")
	for _, name := range []string{"a", "b"} {
		configure(name, many(h.dir, "nfa", 128, everyKind))
		hup(name)
	}
	_ = h.in(h.client, "ip", "link", "set", "home0", "up").Run()
	h.must(h.client, "ip", "addr", "replace", "2001:db8:9::1/64", "dev", "home0", "nodad")
	h.fetch(netflix)
	for _, name := range []string{"a", "b"} {
		for end := time.Now().Add(deadline); ; time.Sleep(100 * time.Millisecond) {
			out, err := ask(name, "rules")
			_, marked, _ := strings.Cut(out, "TARGET ")
			if err == nil && strings.Contains(out, "r127") && strings.Count(marked, " good ") >= 6 && strings.Contains(h.nfa("pairs.v4"), "203.0.113.6") {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("agent %s:\n%s\nsaid\n%s\n%s", name, out, logs[name].text(), h.must(h.client, "nft", "list", "ruleset"))
			}
		}
	}
	for _, name := range []string{"a", "b"} {
		for _, words := range []string{"panic", "fault", "goroutine "} {
			if text := logs[name].text(); strings.Contains(text, words) {
				t.Errorf("agent %s said:\n%s", name, text)
			}
		}
		_ = agents[name].Process.Signal(syscall.SIGTERM)
		_ = agents[name].Wait()
	}
	for _, set := range []string{"pairs.v4", "pairs.v6", "servers.v4", "macs"} {
		if got := h.nfa(set); got != "" {
			t.Errorf("after the end set %s holds %s", set, got)
		}
	}
	if out := h.must(h.client, "nft", "list", "set", "inet", "other", "s"); !strings.Contains(out, "1.1.1.1, 203.0.113.2") {
		t.Errorf("somebody else's set is\n%s", out)
	}
}

// nfa lists the elements of a set of the agent's own table.
func (h *house) nfa(set string) string {
	out, _ := h.in(h.client, "nft", "list", "set", "inet", "nfa", set).CombinedOutput()
	_, s, _ := strings.Cut(string(out), "elements = {")
	s, _, _ = strings.Cut(s, "}")
	return strings.TrimSpace(s)
}
