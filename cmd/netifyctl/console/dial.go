package console

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"netifyd/core/query/client"
)

// place of the agent's control socket, where nothing else is said.
const usualSocket = "/var/run/netifyd/control.sock"

// target is the agent that is asked.
type target struct {
	socket string // control socket of this machine
	stream string // address of a stream: host:port, or the path of a UNIX socket
	ssh    string // machine that all of it is on
}

// name is what the screen calls it.
func (t *target) name() string {
	switch {
	case t.ssh != "" && t.stream != "":
		return t.ssh + " " + t.stream
	case t.ssh != "":
		return t.ssh
	}
	return t.stream
}

// dialer gives what connects to the agent, the first time and again. The first
// time ssh may ask for a password; later there is nobody to answer.
func (t *target) dialer(clock func() time.Time) func() (source, error) {
	first := true
	m := newModel(clock)
	return func() (source, error) {
		again := !first
		first = false
		switch {
		case t.stream == "" && t.ssh == "":
			return dialControl(t.socket)
		case t.stream == "":
			return dialQuery(t.ssh, again)
		case t.ssh != "":
			p, err := startSSH(t.ssh, again, "-W", t.stream)
			if err != nil {
				return nil, err
			}
			return follow(m, p), nil
		}
		network := "tcp"
		if strings.HasPrefix(t.stream, "/") {
			network = "unix"
		}
		conn, err := (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 10 * time.Second}).Dial(network, t.stream)
		if err != nil {
			return nil, fmt.Errorf("%w: does an agent listen there, and does its listen.allow name this machine?", err)
		}
		return follow(m, conn), nil
	}
}

func dialControl(path string) (source, error) {
	c, err := client.Dial(path)
	switch {
	case errors.Is(err, client.ErrNotRunning):
		return nil, fmt.Errorf("%w (an agent elsewhere: netifyctl top --ssh HOST, or -n HOST -s PORT)", err)
	case err != nil:
		return nil, err
	}
	return c, nil
}

// dialQuery asks the control socket of another machine, through ssh. It waits
// for the first answer, without hurry: somebody may be typing a password.
func dialQuery(host string, again bool) (source, error) {
	p, err := startSSH(host, again, "netifyd", "query", "-")
	if err != nil {
		return nil, err
	}
	if _, err = io.WriteString(p, `{"method":"methods"}`+"\n"); err == nil {
		err = readLine(p)
	}
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("ssh %s netifyd query -: %w", host, p.why(err))
	}
	return client.New(p), nil
}

func readLine(r io.Reader) error {
	for b := []byte{0}; b[0] != '\n'; {
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
	}
	return nil
}

// startSSH runs ssh: with -W it carries a connection, with words a command.
func startSSH(host string, again bool, words ...string) (*process, error) {
	args := []string{"-T", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=2", "-o", "ConnectTimeout=10"}
	if again {
		args = append(args, "-o", "BatchMode=yes")
	}
	if words[0] == "-W" {
		args = append(args, words[0], words[1], host)
	} else {
		args = append(append(args, host), words...)
	}
	return start(exec.Command("ssh", args...))
}

// process is a program that is talked with: a connection over its input and output.
type process struct {
	cmd     *exec.Cmd
	in, out *os.File
	said    tail
	end     sync.Once
}

func start(cmd *exec.Cmd) (*process, error) {
	in, toProcess, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fromProcess, out, err := os.Pipe()
	if err != nil {
		in.Close()
		toProcess.Close()
		return nil, err
	}
	p := &process{cmd: cmd, in: toProcess, out: fromProcess}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &p.said
	cmd.WaitDelay = time.Second
	err = cmd.Start()
	in.Close()
	out.Close()
	if err != nil {
		toProcess.Close()
		fromProcess.Close()
		return nil, err
	}
	return p, nil
}

// tail keeps the last of what a program says about its failure.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(len(t.text)-1024, 0):]
	return len(b), nil
}

func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return clean(strings.TrimSpace(lines[len(lines)-1]))
}

// why says what the program said, where it said something.
func (p *process) why(err error) error {
	p.Close()
	if text := p.said.last(); text != "" {
		return errors.New(text)
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		return errors.New("ssh has ended")
	}
	return err
}

func (p *process) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		err = p.why(err)
	}
	return n, err
}

func (p *process) Write(b []byte) (int, error) {
	n, err := p.in.Write(b)
	if err != nil {
		err = p.why(err)
	}
	return n, err
}

// Close ends the program.
func (p *process) Close() error {
	p.end.Do(func() {
		p.in.Close()
		p.out.Close()
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return nil
}

func (p *process) LocalAddr() net.Addr                { return address{} }
func (p *process) RemoteAddr() net.Addr               { return address{} }
func (p *process) SetReadDeadline(at time.Time) error { return p.out.SetReadDeadline(at) }
func (p *process) SetWriteDeadline(at time.Time) error {
	return p.in.SetWriteDeadline(at)
}
func (p *process) SetDeadline(at time.Time) error {
	return errors.Join(p.SetReadDeadline(at), p.SetWriteDeadline(at))
}

type address struct{}

func (address) Network() string { return "pipe" }
func (address) String() string  { return "ssh" }

// feeder is a model that a stream feeds until it ends.
type feeder struct {
	*model
	from io.Closer
	mu   sync.Mutex
	err  error
}

// follow feeds a model from a stream.
func follow(m *model, from io.ReadCloser) *feeder {
	f := &feeder{model: m, from: from}
	go func() {
		r := newEventReader(from)
		for {
			line, err := r.next()
			if err != nil {
				m.lost()
				f.mu.Lock()
				f.err = err
				f.mu.Unlock()
				return
			}
			m.feed(line)
		}
	}()
	return f
}

func (f *feeder) Raw(method string, args any) ([]byte, error) {
	f.mu.Lock()
	err := f.err
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return f.model.Raw(method, args)
}

func (f *feeder) Close() error { return f.from.Close() }
