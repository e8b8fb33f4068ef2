package console

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/query/panetest"
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

// newPane starts netifyctl top in a terminal.
func newPane(t *testing.T, env, args string) *panetest.Pane {
	t.Helper()
	return panetest.New(t, env, program(t, "netifyctl")+" top "+args)
}

// A person at a terminal: keys, the mouse, a terminal of another size, the shell
// meanwhile, an agent that goes and comes, and the end.
func TestInTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	agent := serve(t, newHouse(t), path)
	p := newPane(t, "LC_ALL=C.UTF-8", "--interval 1 --socket "+path)
	p.Await("netifyd top  br-lan, eth1", "> living-room-tv", "[1 devices]", "客厅电视")
	p.Keys("Right")
	p.Await("└ netflix")
	p.Tmux("set-option", "-s", "set-clipboard", "on")
	p.Keys("y")
	p.Await("copied as JSON")
	p.AwaitClipboard(`"name":"living-room-tv"`)
	p.Keys("3")
	p.Await("[3 flows]", "www.netflix.com", "youtube")
	p.Keys("/")
	p.Keys("-l", "app:netfl")
	p.Await("/app:netfl_", "!youtube")
	p.Keys("u")
	p.Await("/app:netflu_", "!www.netflix.com")
	p.Keys("BSpace", "Enter")
	p.Await("filter app:netfl", "www.netflix.com")
	p.Keys("Escape")
	p.Await("!filter app", "youtube")
	p.Keys("Down", "Down", "Enter")
	p.Await("SSL", "t13d1516h2", "Esc back")
	p.Keys("Escape", "e")
	p.Await("written: netifyd-flows-")
	p.Keys("Space")
	p.Await("FROZEN")
	p.Keys("Space", "?")
	p.Await("!FROZEN", "this page")
	p.Keys("?")
	p.Tmux("resize-window", "-x", "120", "-y", "40")
	p.Await("IFACE", "!this page") // there is room for it now
	p.Tmux("resize-window", "-x", "40", "-y", "10")
	p.Await("DEVICE", "!IFACE")
	p.Tmux("resize-window", "-x", "80", "-y", "24")
	p.Keys("5")
	p.Await("the kernel dropped 120 packets")
	p.Keys("-l", "\x1b[<0;3;24M\x1b[<0;3;24m") // a click on the name of a list
	p.Await("[1 devices]")
	p.Keys("C-z") // the shell is no shell of jobs, so nothing but a signal wakes it
	p.AwaitState("T")
	_ = syscall.Kill(p.Process(), syscall.SIGCONT)
	p.Keys("6")
	p.Await("running since", "[6 agent]")
	agent.Close()
	p.Await("trying again", "running since")
	serve(t, newHouse(t), path)
	p.Await("!trying again", "running since")
	p.Keys("q")
	p.Left(0)
}

// However it ends, the terminal is as it was; on a terminal without letters of
// other scripts nothing but ASCII is written, and one that cannot be drawn on is told.
func TestLeavesTheTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	serve(t, newHouse(t), path)
	for name, signal := range map[string]syscall.Signal{"term": syscall.SIGTERM, "hup": syscall.SIGHUP, "int": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			p := newPane(t, "LC_ALL=C.UTF-8", "--socket "+path)
			p.Await("living-room-tv")
			_ = syscall.Kill(p.Process(), signal)
			p.Left(0)
		})
	}
	t.Run("ascii", func(t *testing.T) {
		p := newPane(t, "LC_ALL=C TERM=vt100", "--socket "+path)
		if screen := p.Await("living-room-tv", "[1 devices]"); strings.ContainsFunc(screen, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("more than ASCII:\n%s", screen)
		}
		p.Keys("C-c")
		p.Left(0)
	})
	t.Run("dumb", func(t *testing.T) {
		p := newPane(t, "TERM=nosuchterm", "--socket "+path)
		p.Await("cannot be drawn on", "netifyd top needs")
		p.Left(1)
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
		for _, p := range []*panetest.Pane{asks, hears} {
			p.Keys("6")
			p.Await("!trying again", "lan0 as", "online")
			p.Keys("3")
			p.Await("[3 flows]")
		}
	}
	ready()
	play()
	for _, p := range []*panetest.Pane{asks, hears} {
		p.Await("server", "quic")
		p.Keys("/")
		p.Keys("-l", "quic")
		p.Keys("Enter")
		p.Await("1 of 1")
		p.Keys("Enter")
		p.Await("h3", "server.example.test")
		p.Keys("Escape")
	}
	_ = agent.Process.Signal(syscall.SIGTERM)
	_ = agent.Wait()
	for _, p := range []*panetest.Pane{asks, hears} {
		p.Await("trying again")
	}
	start()
	ready()
	play()
	for _, p := range []*panetest.Pane{asks, hears} {
		p.Await("server")
		p.Keys("q")
		p.Left(0)
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
