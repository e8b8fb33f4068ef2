package main

import (
	"bytes"
	binaryorder "encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core/conntrack"
)

// examples are those that people are given: the tests run these very files.
const examples = root + "/openwrt/examples/"

// house is a device, a router that translates addresses and runs the agent and
// the firewall, and servers, each in a namespace.
type house struct {
	*stage
	home  string
	agent *exec.Cmd
	log   *said
	rules string // the firewall, as fw4 would load it
}

// said is what a program has said so far.
type said struct{ path string }

func (l *said) text() string {
	b, _ := os.ReadFile(l.path)
	return string(b)
}

// site is a server by name and the end of its addresses.
type site struct {
	name string
	host int
}

var (
	tiktok    = site{"www.tiktok.com", 2}
	wikipedia = site{"www.wikipedia.org", 3}
	youtube   = site{"www.youtube.com", 4}
	reddit    = site{"www.reddit.com", 5}
	netflix   = site{"www.netflix.com", 6}
)

const deviceMAC = "02:00:00:00:09:02"

func newHouse(t *testing.T) *house {
	needs(t, "ip", "nft", "conntrack", "curl", "nginx", "openssl", "ss")
	s := newStage(t)
	h := &house{stage: s, home: fmt.Sprintf("ndh%d", os.Getpid())}
	if out, err := exec.Command("ip", "netns", "add", h.home).CombinedOutput(); err != nil {
		t.Skipf("no further namespace: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", h.home).Run() })
	script := func(ns string, lines string) { h.must(ns, "sh", "-ec", lines) }
	for _, ns := range []string{s.client, s.server, h.home} {
		script(ns, "sysctl -q -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0")
	}
	script(s.client, `sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip link add home0 type veth peer name dev0 netns `+h.home+`
ip addr add 192.168.9.1/24 dev home0; ip addr add 2001:db8:9::1/64 dev home0 nodad; ip addr add 2001:db8:77::1/64 dev lan0 nodad
ip link set home0 up; ip route add 203.0.113.0/24 via 192.168.77.2`)
	script(h.home, `ip link set lo up; ip link set dev0 address `+deviceMAC+`; ip link set dev0 up
ip addr add 192.168.9.2/24 dev dev0; ip addr add 2001:db8:9::2/64 dev dev0 nodad
ip route add default via 192.168.9.1; ip route add default via 2001:db8:9::1`)
	script(s.server, `for n in 2 3 4 5 6; do ip addr add 203.0.113.$n/32 dev lo; done
for n in 2 3 4 5 6; do ip addr add 2001:db8:77::$n/64 dev far0 nodad; done
ip route add default via 2001:db8:77::1`)
	script(s.client, "nft add table ip nat; nft 'add chain ip nat post { type nat hook postrouting priority 100; }'; nft add rule ip nat post oifname lan0 masquerade")
	if text, err := os.ReadFile(examples + "3-qos/connlabel.conf"); err != nil {
		t.Fatal(err)
	} else {
		h.write("connlabel.conf", string(text))
	}
	h.serve()
	return h
}

// serve answers for all sites, slowly: what is blocked late is cut in the midst.
func (h *house) serve() {
	h.must(h.server, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
		"-keyout", filepath.Join(h.dir, "key.pem"), "-out", filepath.Join(h.dir, "cert.pem"))
	if err := os.WriteFile(filepath.Join(h.dir, "page"), make([]byte, 512<<10), 0o644); err != nil {
		h.Fatal(err)
	}
	conf := h.write("nginx.conf", fmt.Sprintf(`daemon off; user root; pid %[1]s/nginx.pid; error_log stderr; events {}
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen 443 ssl; listen [::]:443 ssl; ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem; root %[1]s; location /page { limit_rate 256k; } } }`, h.dir))
	h.start(h.in(h.server, "nginx", "-p", h.dir, "-c", conf))
	h.listening(h.server, "t", 443)
}

// get asks a site for the page, for two seconds if it is let, and gives curl's
// exit code: 0, 7 (refused), 35 (in the hello), 56 (cut later), 28 (no end in time).
func (h *house) get(to site, v6 bool) int {
	h.Helper()
	address := fmt.Sprintf("203.0.113.%d", to.host)
	if v6 {
		address = fmt.Sprintf("[2001:db8:77::%d]", to.host)
	}
	err := h.in(h.home, "curl", "-gsk", "-o", "/dev/null", "-m", "15", "--resolve", to.name+":443:"+address, "https://"+to.name+"/page").Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	h.Fatal(err)
	return -1
}

// gets says what is expected of a site.
func (h *house) gets(what string, to site, v6 bool, want ...int) {
	h.Helper()
	if got := h.get(to, v6); !slices.Contains(want, got) {
		h.Errorf("%s: curl %s (IPv6 %v) ended with %d, want one of %v", what, to.name, v6, got, want)
	}
}

// broken are the ways in which a connection ends that is blocked while it is spoken in.
var broken = []int{35, 52, 55, 56}

// late are the ways where a flow of before may still be known, and refused at once.
var late = append([]int{7}, broken...)

// labels are those of example 3, which have NethSecurity's bits.
var labels = []string{"label set netify-init", "label netify-blocked", "label netify-analyzed", "label bulk", "label best_effort", "label video", "label voice"}

// firewall loads an example as fw4 does: inside of its table, which it makes anew.
func (h *house) firewall(example string) {
	h.Helper()
	text, err := os.ReadFile(examples + example + "/firewall.nft")
	if err != nil {
		h.Fatal(err)
	}
	for bit, label := range labels { // nft knows the names by a file of /etc
		words := strings.Fields(label)
		words[len(words)-1] = strconv.Itoa(bit)
		text = bytes.ReplaceAll(text, []byte(label), []byte(strings.Join(words, " ")))
	}
	h.rules = "table inet fw4\ndelete table inet fw4\ntable inet fw4 {\n" + string(text) + `
chain forward { type filter hook forward priority filter; policy drop; ct state established,related accept; iifname home0 accept; }
}`
	h.reload()
}

func (h *house) reload() {
	h.Helper()
	c := h.in(h.client, "nft", "-f", "-")
	c.Stdin = strings.NewReader(h.rules)
	if out, err := c.CombinedOutput(); err != nil {
		h.Fatalf("%v %s", err, out)
	}
}

// configure writes the agent's configuration: that of an example, with changes.
func (h *house) configure(example string, changes ...string) {
	h.Helper()
	text, err := os.ReadFile(examples + example + "/netifyd.uci")
	if err != nil {
		h.Fatal(err)
	}
	out := strings.NewReplacer(changes...).Replace(string(text))
	h.write("netifyd", fmt.Sprintf("config agent\n\toption volatile_dir '%[1]s/run'\nconfig listen\n\toption path '%[1]s/run/netifyd.sock'\nconfig interface\n\toption device 'home0'\n\toption role 'lan'\nconfig usage\n\toption enabled '1'\n\toption directory '%[1]s/history'\n\toption interval '1'\nconfig actions\n\toption connlabel_conf '%[3]s'\n%[2]s", h.dir, out, filepath.Join(h.dir, "connlabel.conf")))
}

// run starts the agent and waits until its rules act.
func (h *house) run() {
	h.Helper()
	h.log = &said{filepath.Join(h.dir, "log")}
	f, err := os.Create(h.log.path)
	if err != nil {
		h.Fatal(err)
	}
	defer f.Close()
	c := h.in(h.client, binary, "--uci", filepath.Join(h.dir, "netifyd"))
	c.Stdout, c.Stderr = f, f
	h.agent = h.start(c)
	h.ready()
}

// ready waits until each target was synced, as the agent's socket answers.
func (h *house) ready() {
	h.Helper()
	h.await("the agent answers", func() bool {
		out, err := h.in(h.client, binary, "--uci", filepath.Join(h.dir, "netifyd"), "status", "--json").CombinedOutput()
		return err == nil && strings.Contains(string(out), "home0")
	})
}

// await waits for something that is seen only by looking.
func (h *house) await(what string, ok func() bool) {
	h.Helper()
	for end := time.Now().Add(deadline); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			rules, _ := h.in(h.client, binary, "--uci", filepath.Join(h.dir, "netifyd"), "rules").CombinedOutput()
			h.Fatalf("%s: it did not come\nthe agent said:\n%s\nits rules:\n%s\n%s", what, h.log.text(), rules, h.must(h.client, "nft", "list", "ruleset"))
		}
	}
}

// members of a set of the firewall.
func (h *house) members(set string) string {
	h.Helper()
	out, err := h.in(h.client, "nft", "list", "set", "inet", "fw4", set).CombinedOutput()
	if err != nil {
		return ""
	}
	_, s, _ := strings.Cut(string(out), "elements = {")
	s, _, _ = strings.Cut(s, "}")
	return strings.TrimSpace(s)
}

// hangup lets the agent read its configuration again.
func (h *house) hangup() {
	h.Helper()
	said := len(h.log.text())
	_ = h.agent.Process.Signal(syscall.SIGHUP)
	h.await("a reload", func() bool { return len(h.log.text()) > said })
}

// rule runs netifyd rule.
func (h *house) rule(args ...string) {
	h.Helper()
	h.must(h.client, binary, append([]string{"--uci", filepath.Join(h.dir, "netifyd"), "rule"}, args...)...)
}

// pid of the agent itself: ip netns exec becomes it.
func (h *house) pid() int { return h.agent.Process.Pid }

// fetch asks a site for the page and goes on with the test meanwhile.
func (h *house) fetch(to site) *exec.Cmd {
	h.Helper()
	c := h.in(h.home, "curl", "-sk", "-o", "/dev/null", "-m", "40", "--limit-rate", "32k", "--resolve", fmt.Sprintf("%s:443:203.0.113.%d", to.name, to.host), "https://"+to.name+"/page")
	h.start(c)
	return c
}

// counted says how many packets a rule of a chain that holds these words has counted.
func (h *house) counted(ns, family, table, words string) int {
	h.Helper()
	for line := range strings.Lines(h.must(ns, "nft", "list", "table", family, table)) {
		if strings.Contains(line, words) {
			_, n, _ := strings.Cut(line, "counter packets ")
			n, _, _ = strings.Cut(n, " ")
			v, _ := strconv.Atoi(n)
			return v
		}
	}
	h.Fatalf("no rule with %q in %s", words, table)
	return 0
}

// labelled says that a connection to a site has the label of a bit.
func (h *house) labelled(to site, bit int) bool {
	h.Helper()
	found := make(chan bool)
	go func() {
		defer close(found)
		runtime.LockOSThread() // never unlocked: the thread ends with what it does in the namespace
		ns, err := os.Open("/var/run/netns/" + h.client)
		if err != nil {
			return
		}
		defer ns.Close()
		if unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET) != nil {
			return
		}
		table, err := conntrack.Open()
		if err != nil {
			return
		}
		defer table.Close()
		_, _ = table.Each(1<<20, func(c *conntrack.Conn) {
			word := binaryorder.NativeEndian.Uint32(c.Labels[bit/32*4:])
			if c.Tuples[0].Dst[3] == byte(to.host) && c.Tuples[0].DstPort == 443 && word>>(bit%32)&1 != 0 {
				found <- true
			}
		})
	}()
	yes := false
	for range found {
		yes = true
	}
	return yes
}
