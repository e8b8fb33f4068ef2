package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"netifyd/core/query/panetest"
)

// newPane starts netifyd top in a terminal.
func newPane(t *testing.T, conf, env string) *panetest.Pane {
	t.Helper()
	return panetest.New(t, env, binary+" -c "+conf+" top")
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
	p.Await("netifyd top  br-lan, eth1", "> living-room-tv", "[1 devices]")
	p.Keys("l")
	p.Await("netflix")
	p.Keys("3")
	p.Await("[3 flows]", "www.Netflix.com", "evil")
	p.Keys("/")
	p.Keys("-l", "app:netflux")
	p.Await("/app:netflux_")
	p.Keys("BSpace", "BSpace", "i", "x", "Enter")
	p.Await("filter app:netflix", "!evil")
	p.Keys("Escape")
	p.Await("!filter app", "evil")
	p.Keys("Down", "Enter")
	p.Await("flow ce", "down_rate", "Esc back")
	p.Keys("Escape", "Space")
	p.Await("FROZEN")
	p.Keys("Space", "?")
	p.Await("!FROZEN", "this page")
	p.Keys("?")
	p.Tmux("resize-window", "-x", "120", "-y", "40")
	p.Await("AGE", "!this page") // there is room for it now
	p.Keys("5")
	p.Await("the kernel dropped 120 packets")
	p.Keys("6")
	p.Await("running since")
	p.Keys("C-z") // the shell is no shell of jobs, so nothing but a signal wakes it
	p.AwaitState("T")
	_ = syscall.Kill(p.Process(), syscall.SIGCONT)
	p.Await("running since", "[6 agent]")
	p.Keys("q")
	p.Left(0)
}

// However it ends, the terminal is as it was.
func TestTopLeavesTheTerminal(t *testing.T) {
	conf := agentForScreen(t)
	for name, signal := range map[string]syscall.Signal{"term": syscall.SIGTERM, "hup": syscall.SIGHUP, "quit": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			p := newPane(t, conf, "LANG=C.UTF-8")
			p.Await("living-room-tv")
			_ = syscall.Kill(p.Process(), signal)
			p.Left(0)
		})
	}
	t.Run("ctrl-c", func(t *testing.T) {
		p := newPane(t, conf, "LANG=C.UTF-8")
		p.Await("living-room-tv")
		p.Keys("C-c")
		p.Left(0)
	})
	t.Run("vt100", func(t *testing.T) {
		p := newPane(t, conf, "TERM=vt100 LANG= LC_ALL=")
		if screen := p.Await("living-room-tv", "[1 devices]"); strings.ContainsFunc(screen, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("more than ASCII:\n%s", screen)
		}
		p.Keys("q")
		p.Left(0)
	})
}
