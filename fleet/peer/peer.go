// Package peer starts the servers that a fleet needs, for tests and for the
// example: as the user who calls, on loopback, in one folder, until they are
// killed or the caller ends.
package peer

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNone says that a server is not installed.
var ErrNone = errors.New("is not here: apt-get install clickhouse-server mosquitto nats-server haproxy")

// Ports gives n ports of loopback that are free at this moment.
func Ports(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// process is a server that runs, or ran.
type process struct {
	cmd    *exec.Cmd
	gone   chan struct{}
	before time.Duration // CPU of the lives that were killed
}

// start runs a program, whose words go to a file "log" of dir, and waits until
// it is ready.
func (p *process) start(dir, program string, arguments []string, ready func() error, env ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		if path = "/usr/sbin/" + program; !exists(path) {
			return fmt.Errorf("%s %w", program, ErrNone)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	c := exec.Command(path, arguments...)
	c.Dir, c.Stdout, c.Stderr, c.Env = dir, log, log, slices.Concat(os.Environ(), []string{"TZ=UTC"}, env)
	Tied(c)
	if err := c.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	p.cmd, p.gone = c, gone
	go func() { _ = c.Wait(); close(gone) }()
	for end := time.Now().Add(time.Minute); ; {
		if err = ready(); err == nil {
			return nil
		}
		select {
		case <-gone:
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("%s ended: %s", program, text[max(0, len(text)-600):])
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			p.Kill()
			return fmt.Errorf("%s is not ready within a minute: %w", program, err)
		}
	}
}

// Kill ends the server at once, as a power failure does, and waits for its end.
func (p *process) Kill() {
	if p.cmd != nil {
		p.before += CPUOf(p.cmd.Process.Pid)
		_ = p.cmd.Process.Kill()
		<-p.gone
	}
}

// Stop asks the server to end, and waits for it.
func (p *process) Stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(20 * time.Second):
		p.Kill()
	}
}

// ResidentOf is how much memory a process has, in bytes.
func ResidentOf(pid int) (n uint64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if f := strings.Fields(string(text)); len(f) > 1 {
		n, _ = strconv.ParseUint(f[1], 10, 64)
	}
	return n * uint64(os.Getpagesize())
}

// CPU is how much time of processors the server has used, with its lives before.
func (p *process) CPU() time.Duration { return p.before + CPUOf(p.cmd.Process.Pid) }

// Resident is how much memory the server has, in bytes.
func (p *process) Resident() uint64 { return ResidentOf(p.cmd.Process.Pid) }

// CPUOf is how much time of processors a process has used.
func CPUOf(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseUint(f[11], 10, 64)
	system, _ := strconv.ParseUint(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func connects(port int) func() error {
	return func() error {
		c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			_ = c.Close()
		}
		return err
	}
}
