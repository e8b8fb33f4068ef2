package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stage is two network namespaces joined by a veth pair. The agent and the
// clients are in one, the servers in the other.
type stage struct {
	*testing.T
	dir            string
	client, server string
}

// deadline is for a machine with much else to do; a test that passes waits for events only.
const deadline = 60 * time.Second

func needs(t *testing.T, programs ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not installed", p)
		}
	}
}

func newStage(t *testing.T) *stage {
	needs(t, "ip")
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &stage{t, dir, fmt.Sprintf("ndc%d", os.Getpid()), fmt.Sprintf("nds%d", os.Getpid())}
	for _, ns := range []string{s.client, s.server} {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("no network namespaces here: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", ns).Run() })
		s.must(ns, "ip", "link", "set", "lo", "up")
		// Or the kernel's own neighbour discovery is in every test.
		s.must(ns, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
	}
	s.must(s.client, "ip", "link", "add", "lan0", "type", "veth", "peer", "name", "far0", "netns", s.server)
	s.must(s.client, "ip", "addr", "add", "192.168.77.1/24", "dev", "lan0")
	s.must(s.server, "ip", "addr", "add", "192.168.77.2/24", "dev", "far0")
	s.must(s.client, "ip", "link", "set", "lan0", "up")
	s.must(s.server, "ip", "link", "set", "far0", "up")
	return s
}

func (s *stage) in(ns, name string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", ns, name}, args...)...)
}

func (s *stage) must(ns, name string, args ...string) string {
	s.Helper()
	out, err := s.in(ns, name, args...).CombinedOutput()
	if err != nil {
		s.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
	return string(out)
}

// start runs a program until the test ends, and stops that one process only.
func (s *stage) start(cmd *exec.Cmd) *exec.Cmd {
	s.Helper()
	var log bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &log
	}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
		if s.Failed() {
			s.Logf("%v:\n%s", cmd.Args, log.String())
		}
	})
	return cmd
}

// listening waits until something listens at a port of a namespace.
func (s *stage) listening(ns, proto string, port int) {
	s.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(s.must(ns, "ss", "-Hln"+proto, fmt.Sprintf("sport = :%d", port)), fmt.Sprintf(":%d", port)) {
			return
		}
	}
	s.Fatalf("nothing listens at %s %d", proto, port)
}

func (s *stage) write(name, text string) string {
	p := filepath.Join(s.dir, name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		s.Fatal(err)
	}
	return p
}

// stream collects the lines of one client of the agent.
type stream struct {
	mu    sync.Mutex
	lines []map[string]any
	news  chan struct{}
}

func collect(r *bufio.Reader) *stream {
	st := &stream{news: make(chan struct{}, 1)}
	go func() {
		for {
			text, err := r.ReadBytes('\n')
			if err != nil {
				return
			}
			var m map[string]any
			if json.Unmarshal(text, &m) == nil && m["length"] == nil {
				st.mu.Lock()
				st.lines = append(st.lines, m)
				st.mu.Unlock()
			}
			select {
			case st.news <- struct{}{}:
			default:
			}
		}
	}()
	return st
}

// await waits until a line satisfies ok, and gives it.
func (st *stream) await(t *testing.T, what string, ok func(map[string]any) bool) map[string]any {
	t.Helper()
	limit := time.After(deadline)
	for {
		st.mu.Lock()
		for _, l := range st.lines {
			if ok(l) {
				st.mu.Unlock()
				return l
			}
		}
		st.mu.Unlock()
		select {
		case <-st.news:
		case <-limit:
			st.mu.Lock()
			defer st.mu.Unlock()
			var types []any
			for _, l := range st.lines {
				if f, _ := l["flow"].(map[string]any); f != nil && l["type"] == "flow" {
					types = append(types, fmt.Sprint(f["detected_protocol_name"], " ", f["other_port"]))
				} else {
					types = append(types, l["type"])
				}
			}
			t.Fatalf("%s: no such line in %v", what, types)
		}
	}
}

func isFlow(protocol string, port float64, more func(f map[string]any) bool) func(map[string]any) bool {
	return func(l map[string]any) bool {
		f, _ := l["flow"].(map[string]any)
		return l["type"] == "flow" && f["detected_protocol_name"] == protocol && f["other_port"] == port && (more == nil || more(f))
	}
}

func dialUnix(t *testing.T, path string) *bufio.Reader {
	t.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("unix", path)
		if err == nil {
			t.Cleanup(func() { c.Close() })
			return bufio.NewReader(c)
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func TestLive(t *testing.T) {
	needs(t, "curl", "dig", "ssh", "ssh-keygen", "nginx", "dnsmasq", "ss", "nc", "jq")
	s := newStage(t)
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
address = "127.0.0.1"
port = 7150
dialect = "3"
`, filepath.Dir(socket), socket))
	agent := s.start(s.in(s.client, binary, "-c", conf, "-I", "lan0"))
	unix := collect(dialUnix(t, socket))
	unix.await(t, "status", func(l map[string]any) bool {
		i, _ := l["interfaces"].(map[string]any)
		return l["type"] == "agent_status" && i["lan0"] != nil
	})
	s.listening(s.client, "t", 7150)
	nc := s.in(s.client, "nc", "127.0.0.1", "7150")
	pipe, err := nc.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	tcp := collect(bufio.NewReader(pipe))
	s.start(nc)
	noRoot(t, agent.Process.Pid)
	traffic(s)

	unix.await(t, "curl", isFlow("HTTP", 80, func(f map[string]any) bool {
		h, _ := f["http"].(map[string]any)
		ua, _ := h["user_agent"].(string)
		return f["host_server_name"] == "www.live.test" && strings.HasPrefix(ua, "curl/") && f["local_ip"] == "192.168.77.1" && f["local_origin"] == true
	}))
	unix.await(t, "curl's flow knows its DNS answer", isFlow("HTTP", 80, func(f map[string]any) bool { return f["dns_host_name"] == "www.live.test" && f["dhc_hit"] == true }))
	unix.await(t, "dig", isFlow("DNS", 53, func(f map[string]any) bool { return f["host_server_name"] == "name.live.test" }))
	unix.await(t, "ssh", isFlow("SSH", 22, func(f map[string]any) bool {
		h, _ := f["ssh"].(map[string]any)
		return h["client_hassh"] != nil && h["server_hassh"] != nil
	}))
	tcp.await(t, "the TCP client's tables", func(l map[string]any) bool { return l["type"] == "protocols" })
	tcp.await(t, "curl, in dialect 3", isFlow("HTTP", 80, func(f map[string]any) bool { return f["detection_guessed"] == 0.0 }))
	st := unix.await(t, "a status after the traffic", func(l map[string]any) bool {
		c, _ := l["capture"].(map[string]any)
		n, _ := c["received"].(float64)
		return l["type"] == "agent_status" && n > 20
	})
	if c := st["capture"].(map[string]any); c["dropped"] != 0.0 {
		t.Errorf("the kernel dropped packets: %v", c)
	}
	walkThrough(s, socket)

	if err := agent.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	unix.await(t, "flows end with the agent", func(l map[string]any) bool { return l["type"] == "flow_purge" && l["reason"] == "terminated" })
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(socket); os.IsNotExist(err) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the socket is still there after the agent ended")
		}
	}
}

// serveFiles runs nginx over the stage's directory.
func (s *stage) serveFiles() {
	nginx := s.write("nginx.conf", fmt.Sprintf(`daemon off; pid %[1]s/nginx.pid; error_log stderr; events {}
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen 80; root %[1]s; } }`, s.dir))
	s.start(s.in(s.server, "nginx", "-p", s.dir, "-c", nginx))
	s.listening(s.server, "t", 80)
}

// traffic lets real programs talk.
func traffic(s *stage) {
	s.write("www.html", "hello\n")
	s.serveFiles()
	s.start(s.in(s.server, "dnsmasq", "-k", "-h", "-R", "--conf-file=/dev/null", "--pid-file=", "--user=root",
		"--address=/live.test/192.168.77.2", "--listen-address=192.168.77.2", "--bind-interfaces"))
	key := filepath.Join(s.dir, "key")
	s.must(s.server, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		s.Fatal(err)
	}
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd"
	}
	s.start(s.in(s.server, sshd, "-D", "-e", "-f", "/dev/null", "-h", key, "-p", "22", "-o", "UsePAM=no"))
	s.listening(s.server, "t", 80)
	s.listening(s.server, "u", 53)
	s.listening(s.server, "t", 22)
	s.must(s.client, "dig", "+short", "@192.168.77.2", "name.live.test")
	s.must(s.client, "dig", "+short", "@192.168.77.2", "www.live.test")
	s.must(s.client, "curl", "-s", "--resolve", "www.live.test:80:192.168.77.2", "http://www.live.test/www.html")
	// It is refused for lack of a password, after the key exchange.
	_ = s.in(s.client, "ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "nobody@192.168.77.2", "true").Run()
}

// noRoot checks every thread of the agent: it is nobody, and may capture and no more.
func noRoot(t *testing.T, pid int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(tasks) == 0 {
		t.Fatalf("no threads of %d: %v", pid, err)
	}
	const rawAndAdmin = "0000000000003000" // CAP_NET_ADMIN 12, CAP_NET_RAW 13
	for _, path := range tasks {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // a thread that ended meanwhile
		}
		fields := map[string]string{}
		for l := range strings.Lines(string(text)) {
			k, v, _ := strings.Cut(l, ":")
			fields[k] = strings.Join(strings.Fields(v), " ")
		}
		if uid := fields["Uid"]; strings.Contains(" "+uid+" ", " 0 ") || fields["CapEff"] != rawAndAdmin || fields["CapPrm"] != rawAndAdmin || fields["CapBnd"] != rawAndAdmin || fields["NoNewPrivs"] != "1" {
			t.Errorf("%s: uid %s, effective %s, permitted %s, bounding %s, no_new_privs %s", path, uid, fields["CapEff"], fields["CapPrm"], fields["CapBnd"], fields["NoNewPrivs"])
		}
	}
}

// walkThrough reads the socket as the manual shows it, and with the example.
func walkThrough(s *stage, socket string) {
	s.Helper()
	for _, c := range []struct{ command, want string }{
		{"nc -U " + socket + " | jq . -c", `"type":"flow"`},
		{"sh " + root + "/examples/csv.sh " + socket, `,"HTTP"`},
	} {
		cmd := exec.Command("sh", "-c", "exec timeout 10 sh -c '"+c.command+"'")
		out, err := cmd.StdoutPipe()
		if err != nil {
			s.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			s.Fatal(err)
		}
		found := false
		scan := bufio.NewScanner(out)
		scan.Buffer(nil, 1<<20)
		for !found && scan.Scan() {
			found = strings.Contains(scan.Text(), c.want)
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if !found {
			s.Errorf("%s: nothing with %s came out", c.command, c.want)
		}
	}
}

func TestReplayThroughTheSocket(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "netifyd.sock")
	conf := filepath.Join(dir, "netifyd.toml")
	text := fmt.Sprintf("[agent]\nvolatile_dir = %q\n[[listen]]\npath = %q\n", dir, socket)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-c", conf, "-I", "lo,"+root+"/testdata/http-get.pcap", "--wait-for-client")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	st := collect(dialUnix(t, socket))
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	var order []string
	st.await(t, "the last status", func(l map[string]any) bool {
		return l["type"] == "agent_status" && len(st.lines) > 4 && l["interfaces"] != nil && l["flow_count"] == 0.0 && l["flow_count_prev"] != nil && st.lines[len(st.lines)-1]["type"] == "agent_status"
	})
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, l := range st.lines {
		order = append(order, l["type"].(string))
	}
	story := strings.Join(order, " ")
	if !strings.HasPrefix(story, "agent_hello agent_status protocols ") || !strings.Contains(story, " flow ") || !strings.Contains(story, "flow_purge agent_status") || !strings.HasSuffix(story, "agent_status") {
		t.Error(story)
	}
}
