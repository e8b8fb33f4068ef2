// Package panetest runs a program in a terminal that tmux keeps, for tests of
// what a person sees there.
package panetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// deadline is how long anything may take that a test waits for.
const deadline = 60 * time.Second

// Pane is a terminal with a program in it.
type Pane struct {
	*testing.T
	dir string // in which the program runs
}

// New starts a command of the shell in a terminal of 80 by 24, with variables of
// the environment before it (LANG=C.UTF-8). The shell around it says with what
// the program left, and how it left the terminal. Without tmux the test is skipped.
func New(t *testing.T, env, command string) *Pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	p := &Pane{t, t.TempDir()}
	script := filepath.Join(p.dir, "run.sh")
	text := fmt.Sprintf("cd %s; trap : INT; stty -echoctl; %s sh -c 'echo $$ >pid.new; mv pid.new pid; exec %s'\necho left with $?; stty -a | tr ' ;' '\\n' | grep -x -e '-*icanon' -e '-*echo'; exec cat\n", p.dir, env, command)
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p.Tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh "+script)
	t.Cleanup(func() { _, _ = p.tmux("kill-server") })
	return p
}

func (p *Pane) tmux(args ...string) (string, error) {
	out, err := exec.Command("tmux", append([]string{"-u", "-S", filepath.Join(p.dir, "tmux")}, args...)...).CombinedOutput()
	return string(out), err
}

// Tmux runs a command of tmux and gives what it wrote.
func (p *Pane) Tmux(args ...string) string {
	p.Helper()
	out, err := p.tmux(args...)
	if err != nil {
		p.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return out
}

// Keys presses keys, by the names that tmux has for them; behind -l, letters.
func (p *Pane) Keys(keys ...string) {
	p.Helper()
	p.Tmux(append([]string{"send-keys"}, keys...)...)
}

// await waits until ask, which may fail for a while, gives what is wanted. lacks
// says what is missing; empty: nothing.
func (p *Pane) await(what string, ask func() string, lacks func(got string) string) string {
	p.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		got := ask()
		missing := lacks(got)
		if missing == "" {
			return got
		}
		if time.Now().After(end) {
			p.Fatalf("%s lacks %q:\n%s", what, missing, got)
		}
	}
}

// Await waits until the screen has all of the texts, and none that begins with
// !. It gives the screen.
func (p *Pane) Await(texts ...string) string {
	p.Helper()
	return p.await("the screen", func() string { return p.Tmux("capture-pane", "-p") }, func(screen string) string {
		for _, x := range texts {
			if name, not := strings.CutPrefix(x, "!"); strings.Contains(screen, name) == not {
				return x
			}
		}
		return ""
	})
}

// AwaitClipboard waits until the clipboard that tmux keeps has a text.
func (p *Pane) AwaitClipboard(text string) {
	p.Helper()
	p.await("the clipboard", func() string { out, _ := p.tmux("show-buffer"); return out }, func(got string) string {
		if strings.Contains(got, text) {
			return ""
		}
		return text
	})
}

// Process is the number of the program's process.
func (p *Pane) Process() int {
	p.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "pid"))
	if err != nil {
		p.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		p.Fatal(err)
	}
	return pid
}

// AwaitState waits until the process is in a state, as ps calls it.
func (p *Pane) AwaitState(state string) {
	p.Helper()
	ask := func() string {
		out, _ := exec.Command("ps", "-o", "state=", "-p", strconv.Itoa(p.Process())).Output()
		return string(out)
	}
	p.await("the state", ask, func(got string) string {
		if strings.HasPrefix(got, state) {
			return ""
		}
		return state
	})
}

// Left waits until the program has left with a code, and checks that the
// terminal is as it was.
func (p *Pane) Left(code int) {
	p.Helper()
	screen := p.Await("left with "+strconv.Itoa(code), "icanon", "echo")
	if strings.Contains(screen, "-icanon") || strings.Contains(screen, "-echo") {
		p.Errorf("the terminal was left raw:\n%s", screen)
	}
	if got := strings.TrimSpace(p.Tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")); got != "0 1 0" {
		p.Errorf("other screen, cursor and mouse: %s, want 0 1 0", got)
	}
}
