package console

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
)

// built is where programs are, each built once, when a test wants it.
var built string

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// program builds netifyctl or netifyd, and says where it is.
func program(t *testing.T, name string) string {
	t.Helper()
	if built == "" {
		dir, err := os.MkdirTemp("", "netifyctl")
		if err != nil {
			t.Fatal(err)
		}
		built = dir
	}
	path := filepath.Join(built, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "../../"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// pane is a terminal that tmux keeps, with netifyctl top in it.
type pane struct {
	*testing.T
	server, dir, pid string
}

// newPane starts netifyctl top in a terminal of 80 by 24. The shell around it
// says with what it left, and how it left the terminal.
func newPane(t *testing.T, env, args string) *pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	dir := t.TempDir()
	p := &pane{t, filepath.Join(dir, "tmux"), dir, filepath.Join(dir, "pid")}
	script := filepath.Join(dir, "run.sh")
	text := fmt.Sprintf("cd %s; trap : INT; stty -echoctl; %s sh -c 'echo $$ >pid.new; mv pid.new pid; exec %s top %s'\necho left with $?; stty -a | tr ' ;' '\\n' | grep -x -e '-*icanon' -e '-*echo'; exec cat\n", dir, env, program(t, "netifyctl"), args)
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh "+script)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", p.server, "kill-server").Run() })
	return p
}

func (p *pane) tmux(args ...string) string {
	p.Helper()
	out, err := exec.Command("tmux", append([]string{"-u", "-S", p.server}, args...)...).CombinedOutput()
	if err != nil {
		p.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (p *pane) send(keys ...string) {
	p.Helper()
	p.tmux(append([]string{"send-keys"}, keys...)...)
}

// await waits until the screen has all of the texts, and none that begins with !.
func (p *pane) await(texts ...string) string {
	p.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		screen, lacks := p.tmux("capture-pane", "-p"), ""
		for _, x := range texts {
			if name, not := strings.CutPrefix(x, "!"); strings.Contains(screen, name) == not {
				lacks = x
			}
		}
		if lacks == "" {
			return screen
		}
		if time.Now().After(end) {
			p.Fatalf("the screen lacks %q:\n%s", lacks, screen)
		}
	}
}

// left checks that the terminal is as it was.
func (p *pane) left(code int) {
	p.Helper()
	screen := p.await("left with "+strconv.Itoa(code), "icanon", "echo")
	if strings.Contains(screen, "-icanon") || strings.Contains(screen, "-echo") {
		p.Errorf("the terminal was left raw:\n%s", screen)
	}
	if got := strings.TrimSpace(p.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")); got != "0 1 0" {
		p.Errorf("other screen, cursor and mouse: %s, want 0 1 0", got)
	}
}

func (p *pane) process() int {
	p.Helper()
	text, err := os.ReadFile(p.pid)
	if err != nil {
		p.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		p.Fatal(err)
	}
	return pid
}

// A person at a terminal: keys, the mouse, a terminal of another size, the shell
// meanwhile, an agent that goes and comes, and the end.
func TestInTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	agent := serve(t, newHouse(t), path)
	p := newPane(t, "LC_ALL=C.UTF-8", "--interval 1 --socket "+path)
	p.await("netifyd top  br-lan, eth1", "> living-room-tv", "[1 devices]", "客厅电视")
	p.send("Right")
	p.await("└ netflix")
	p.tmux("set-option", "-s", "set-clipboard", "on")
	p.send("y")
	p.await("copied as JSON")
	p.awaitBuffer(`"name":"living-room-tv"`)
	p.send("3")
	p.await("[3 flows]", "www.netflix.com", "youtube")
	p.send("/")
	p.send("-l", "app:netfl")
	p.await("/app:netfl_", "!youtube")
	p.send("u")
	p.await("/app:netflu_", "!www.netflix.com")
	p.send("BSpace", "Enter")
	p.await("filter app:netfl", "www.netflix.com")
	p.send("Escape")
	p.await("!filter app", "youtube")
	p.send("Down", "Down", "Enter")
	p.await("SSL", "t13d1516h2", "Esc back")
	p.send("Escape", "e")
	p.await("written: netifyd-flows-")
	p.send("Space")
	p.await("FROZEN")
	p.send("Space", "?")
	p.await("!FROZEN", "this page")
	p.send("?")
	p.tmux("resize-window", "-x", "120", "-y", "40")
	p.await("IFACE", "!this page") // there is room for it now
	p.tmux("resize-window", "-x", "40", "-y", "10")
	p.await("DEVICE", "!IFACE")
	p.tmux("resize-window", "-x", "80", "-y", "24")
	p.send("5")
	p.await("the kernel dropped 120 packets")
	p.send("-l", "\x1b[<0;3;24M\x1b[<0;3;24m") // a click on the name of a list
	p.await("[1 devices]")
	p.send("C-z") // the shell is no shell of jobs, so nothing but a signal wakes it
	p.awaitState("T")
	_ = syscall.Kill(p.process(), syscall.SIGCONT)
	p.send("6")
	p.await("running since", "[6 agent]")
	agent.Close()
	p.await("trying again", "running since")
	serve(t, newHouse(t), path)
	p.await("!trying again", "running since")
	p.send("q")
	p.left(0)
}

// awaitBuffer waits for the clipboard that tmux keeps.
func (p *pane) awaitBuffer(text string) {
	p.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		out, _ := exec.Command("tmux", "-S", p.server, "show-buffer").CombinedOutput()
		if strings.Contains(string(out), text) {
			return
		}
		if time.Now().After(end) {
			p.Fatalf("the clipboard has %q, want %s", out, text)
		}
	}
}

// awaitState waits for the process to be in a state, as ps calls it.
func (p *pane) awaitState(state string) {
	p.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		out, _ := exec.Command("ps", "-o", "state=", "-p", strconv.Itoa(p.process())).Output()
		if strings.HasPrefix(string(out), state) {
			return
		}
		if time.Now().After(end) {
			p.Fatalf("the process is in state %q, want %s", out, state)
		}
	}
}

// However it ends, the terminal is as it was; on a terminal without letters of
// other scripts nothing but ASCII is written, and one that cannot be drawn on is told.
func TestLeavesTheTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	serve(t, newHouse(t), path)
	for name, signal := range map[string]syscall.Signal{"term": syscall.SIGTERM, "hup": syscall.SIGHUP, "int": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			p := newPane(t, "LC_ALL=C.UTF-8", "--socket "+path)
			p.await("living-room-tv")
			_ = syscall.Kill(p.process(), signal)
			p.left(0)
		})
	}
	t.Run("ascii", func(t *testing.T) {
		p := newPane(t, "LC_ALL=C TERM=vt100", "--socket "+path)
		if screen := p.await("living-room-tv", "[1 devices]"); strings.ContainsFunc(screen, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("more than ASCII:\n%s", screen)
		}
		p.send("C-c")
		p.left(0)
	})
	t.Run("dumb", func(t *testing.T) {
		p := newPane(t, "TERM=nosuchterm", "--socket "+path)
		p.await("cannot be drawn on", "netifyd top needs")
		p.left(1)
	})
}

// The real agent, on a line with traffic: its control socket and its stream, its
// end and its return.
func TestWithAgent(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	binary, dir := program(t, "netifyd"), t.TempDir()
	play := veth(t)
	conf := filepath.Join(dir, "netifyd.toml")
	text := fmt.Sprintf("[agent]\nvolatile_dir = %q\nupdate_interval = 1\n[usage]\ndirectory = \"\"\n[[listen]]\npath = %q\ndialect = \"4\"\n", dir+"/run", dir+"/run/netifyd.sock")
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	start := func() *exec.Cmd {
		agent := exec.Command("ip", "netns", "exec", space, binary, "-c", conf, "-I", "lan0")
		if err := agent.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = agent.Process.Kill(); _ = agent.Wait() })
		for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
			if conn, err := net.Dial("unix", dir+"/run/control.sock"); err == nil {
				conn.Close()
				return agent
			} else if time.Now().After(end) {
				t.Fatal(err)
			}
		}
	}
	agent := start()
	asks := newPane(t, "LC_ALL=C.UTF-8", "--interval 1 --view flows --socket "+dir+"/run/control.sock")
	hears := newPane(t, "LC_ALL=C.UTF-8", "--interval 1 --view flows --stream "+dir+"/run/netifyd.sock")
	ready := func() {
		t.Helper()
		for _, p := range []*pane{asks, hears} {
			p.send("6")
			p.await("!trying again", "lan0 as", "online")
			p.send("3")
			p.await("[3 flows]")
		}
	}
	ready()
	play()
	for _, p := range []*pane{asks, hears} {
		p.await("server", "quic")
		p.send("/")
		p.send("-l", "quic")
		p.send("Enter")
		p.await("1 of 1")
		p.send("Enter")
		p.await("h3", "server.example.test")
		p.send("Escape")
	}
	_ = agent.Process.Signal(syscall.SIGTERM)
	_ = agent.Wait()
	for _, p := range []*pane{asks, hears} {
		p.await("trying again")
	}
	start()
	ready()
	play()
	for _, p := range []*pane{asks, hears} {
		p.await("server")
		p.send("q")
		p.left(0)
	}
}

// space is the namespace in which the agent runs.
var space = fmt.Sprintf("ndt%d", os.Getpid())

// veth makes a namespace with an interface lan0. What it gives plays a capture
// into that interface, as if it came over the line.
func veth(t *testing.T) (play func()) {
	t.Helper()
	for _, words := range []string{"netns add " + space, "-n " + space + " link add lan0 type veth peer name far0", "-n " + space + " addr add 10.9.0.254/24 dev lan0", "-n " + space + " link set lan0 up", "-n " + space + " link set far0 up"} {
		if out, err := exec.Command("ip", strings.Fields(words)...).CombinedOutput(); err != nil {
			t.Skipf("no network namespaces here: %s", out)
		}
		if strings.HasPrefix(words, "netns") {
			t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", space).Run() })
		}
	}
	return func() {
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // the thread ends with the goroutine
			done <- playInto("far0", "../../../testdata/quic-chromium.pcap")
		}()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func playInto(device, path string) error {
	at, err := unix.Open("/run/netns/"+space, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	if err := unix.Setns(at, unix.CLONE_NEWNET); err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	dev, err := net.InterfaceByName(device)
	if err != nil {
		return err
	}
	f, err := pcapfile.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var batch core.Batch
	for f.Next(&batch) == nil {
		for _, frame := range batch.Frames {
			if err := unix.Sendto(fd, frame.Data, 0, &unix.SockaddrLinklayer{Ifindex: dev.Index}); err != nil {
				return err
			}
		}
	}
	return nil
}
