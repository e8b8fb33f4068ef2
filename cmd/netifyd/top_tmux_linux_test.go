package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pane is a terminal that tmux keeps, with netifyd top in it.
type pane struct {
	*testing.T
	server, pid string
}

// newPane starts netifyd top in a terminal of 80 by 24. The shell around it
// says with what it left, and how it left the terminal.
func newPane(t *testing.T, conf, env string) *pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	dir := t.TempDir()
	p := &pane{t, filepath.Join(dir, "tmux"), filepath.Join(dir, "pid")}
	script := filepath.Join(dir, "run.sh")
	text := fmt.Sprintf("trap : INT; stty -echoctl; %s sh -c 'echo $$ >%s.new; mv %s.new %s; exec %s -c %s top'\necho left with $?; stty -a | tr ' ;' '\\n' | grep -x -e '-*icanon' -e '-*echo'; exec cat\n", env, p.pid, p.pid, p.pid, binary, conf)
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh "+script)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", p.server, "kill-server").Run() })
	return p
}

func (p *pane) tmux(args ...string) string {
	p.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", p.server}, args...)...).CombinedOutput()
	if err != nil {
		p.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (p *pane) keys(keys ...string) {
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
	if got := strings.TrimSpace(p.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}")); got != "0 1" {
		p.Errorf("other screen and cursor: %s, want 0 1", got)
	}
}

func agentForScreen(t *testing.T) (conf string) {
	c := answering(t, newCounting(t))
	conf = filepath.Join(t.TempDir(), "netifyd.toml")
	if err := os.WriteFile(conf, []byte(fmt.Sprintf("[agent]\nvolatile_dir = %q\n", c.VolatileDir)), 0o644); err != nil {
		t.Fatal(err)
	}
	return conf
}

// A person at a terminal: every key, a terminal of another size, and the end.
func TestTopInTerminal(t *testing.T) {
	p := newPane(t, agentForScreen(t), "LANG=C.UTF-8")
	p.await("netifyd top  br-lan, eth1", "> living-room-tv", "[1 devices]")
	p.keys("l")
	p.await("netflix")
	p.keys("3")
	p.await("[3 flows]", "www.Netflix.com", "evil")
	p.keys("/")
	p.keys("-l", "app:netflux")
	p.await("/app:netflux_")
	p.keys("BSpace", "BSpace", "i", "x", "Enter")
	p.await("filter app:netflix", "!evil")
	p.keys("Escape")
	p.await("!filter app", "evil")
	p.keys("Down", "Enter")
	p.await("flow ce", "down_rate", "Esc back")
	p.keys("Escape", "Space")
	p.await("FROZEN")
	p.keys("Space", "?")
	p.await("!FROZEN", "this page")
	p.keys("?")
	p.tmux("resize-window", "-x", "120", "-y", "40")
	p.await("AGE", "!this page") // there is room for it now
	p.keys("5")
	p.await("the kernel dropped 120 packets")
	p.keys("6")
	p.await("running since")
	p.keys("C-z") // the shell is no shell of jobs, so nothing but a signal wakes it
	pid := readPID(t, p.pid)
	awaitState(t, pid, "T")
	_ = syscall.Kill(pid, syscall.SIGCONT)
	p.await("running since", "[6 agent]")
	p.keys("q")
	p.left(0)
}

// However it ends, the terminal is as it was.
func TestTopLeavesTheTerminal(t *testing.T) {
	conf := agentForScreen(t)
	for name, signal := range map[string]syscall.Signal{"term": syscall.SIGTERM, "hup": syscall.SIGHUP, "quit": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			p := newPane(t, conf, "LANG=C.UTF-8")
			p.await("living-room-tv")
			_ = syscall.Kill(readPID(t, p.pid), signal)
			p.left(0)
		})
	}
	t.Run("ctrl-c", func(t *testing.T) {
		p := newPane(t, conf, "LANG=C.UTF-8")
		p.await("living-room-tv")
		p.keys("C-c")
		p.left(0)
	})
	t.Run("vt100", func(t *testing.T) {
		p := newPane(t, conf, "TERM=vt100 LANG= LC_ALL=")
		if screen := p.await("living-room-tv", "[1 devices]"); strings.ContainsFunc(screen, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("more than ASCII:\n%s", screen)
		}
		p.keys("q")
		p.left(0)
	})
}

func readPID(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// awaitState waits for a process to be in a state, as ps calls it.
func awaitState(t *testing.T, pid int, state string) {
	t.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		out, _ := exec.Command("ps", "-o", "state=", "-p", strconv.Itoa(pid)).Output()
		if strings.HasPrefix(string(out), state) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d is in state %q, want %s", pid, out, state)
		}
	}
}
