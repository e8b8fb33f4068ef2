package socket

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"netifyd/core/config"
)

// leave makes a socket file that nobody listens on, as a killed agent does.
func leave(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func connects(t *testing.T, l net.Listener, network, at string) {
	t.Helper()
	c, err := net.Dial(network, at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func TestUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "dir", "agent.sock")
	for _, c := range []struct{ set, want uint32 }{{0, 0o660}, {0o600, 0o600}} {
		l, err := Listen(config.Listener{Path: path, Mode: c.set})
		if err != nil {
			t.Fatal(err)
		}
		connects(t, l, "unix", path)
		info, err := os.Stat(path)
		if err != nil || uint32(info.Mode().Perm()) != c.want || info.Mode()&fs.ModeSocket == 0 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		l.Close()
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the file is left: %v", err)
		}
	}
}

func TestUnixStale(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	leave(t, path)
	l, err := Listen(config.Listener{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	connects(t, l, "unix", path)
}

func TestUnixBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	first, err := Listen(config.Listener{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := Listen(config.Listener{Path: path}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Fatalf("%v", err)
	}
	c, err := first.Accept() // the question whether somebody is there
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	connects(t, first, "unix", path)
}

// What another user left is not called served. A child without root's rights looks.
func TestUnixOfAnotherUser(t *testing.T) {
	const variable = "SOCKET_OF_ANOTHER"
	if path := os.Getenv(variable); path != "" {
		_, err := Listen(config.Listener{Path: path})
		fmt.Println(err)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("needs root to become somebody else")
	}
	dir, err := os.MkdirTemp("", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	leave(t, path)
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(path, 0o600)); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip(err)
	}
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run", "^TestUnixOfAnotherUser$")
	cmd.Dir, cmd.Env = dir, []string{variable + "=" + path}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "another user's socket is there") {
		t.Errorf("%v: %s", err, out)
	}
}

// The group is set where it is given; the default one may be missing.
func TestUnixGroup(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to give a file away")
	}
	path := filepath.Join(t.TempDir(), "s")
	l, err := Listen(config.Listener{Path: path, Group: "daemon"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if gid := info.Sys().(*syscall.Stat_t).Gid; gid == 0 {
		t.Errorf("group %d", gid)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	tcp, err := Listen(config.Listener{Address: "127.0.0.1", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	for _, c := range []struct {
		name string
		l    config.Listener
		want string
	}{
		{"no socket", config.Listener{Path: file}, "no socket is there: remove it"},
		{"path under a file", config.Listener{Path: filepath.Join(file, "s")}, "cannot be made"},
		{"long path", config.Listener{Path: filepath.Join(dir, strings.Repeat("x", 200))}, "set a shorter one"},
		{"no such group", config.Listener{Path: filepath.Join(dir, "g"), Group: "no-such-group"}, "add it"},
		{"busy port", config.Listener{Address: "127.0.0.1", Port: uint16(tcp.Addr().(*net.TCPAddr).Port)}, "set another port"},
		{"unknown name", config.Listener{Address: "no-such-name.example", Port: 7150}, "write the address"},
		{"foreign address", config.Listener{Address: "192.0.2.1", Port: 7150}, "set one that it has"},
	} {
		if checked := Check(c.l); (checked == nil) != (c.name == "busy port") {
			t.Errorf("%s: the check says %v", c.name, checked)
		} else if checked != nil && !strings.Contains(checked.Error(), c.want) {
			t.Errorf("%s: the check says %v, want %q", c.name, checked, c.want)
		}
		l, err := Listen(c.l)
		if err == nil {
			l.Close()
			t.Errorf("%s: taken", c.name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Errorf("a file was touched: %q, %v", b, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "g")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a socket is left after an error: %v", err)
	}
}

func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// Without an address both families are served, where the machine has both.
func TestTCPBothFamilies(t *testing.T) {
	port := freePort(t)
	l, err := Listen(config.Listener{Port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := l.Addr().(*net.TCPAddr)
	if at.Port != int(port) {
		t.Errorf("port %d, not %d", at.Port, port)
	}
	connects(t, l, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port)))
	if six, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		six.Close()
		connects(t, l, "tcp6", net.JoinHostPort("::1", strconv.Itoa(at.Port)))
	}
}

// Where there is no /etc/hosts, as in a small container, localhost is this machine all the
// same, and another name says what to write.
func TestWithoutHosts(t *testing.T) {
	before := hosts
	hosts = filepath.Join(t.TempDir(), "none")
	defer func() { hosts = before }()
	if a, err := address("LocalHost"); err != nil || a.String() != "127.0.0.1" {
		t.Errorf("%v, %v", a, err)
	}
	if err := Check(config.Listener{Address: "no-such-name.example", Port: 7150}); err == nil || !strings.Contains(err.Error(), "cannot be read, so the name is not known: write the address") {
		t.Error(err)
	}
}

// A name is looked up in /etc/hosts, whatever the case of its letters.
func TestTCPByName(t *testing.T) {
	if text, err := os.ReadFile(hosts); err != nil || !strings.Contains(string(text), "localhost") {
		t.Skip("no localhost in " + hosts)
	}
	l, err := Listen(config.Listener{Address: "LocalHost", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		t.Errorf("localhost is %v", ip)
	}
	connects(t, l, "tcp", l.Addr().String())
}

// A port is free again at once after a listener with connections was closed.
func TestTCPAgain(t *testing.T) {
	port := freePort(t)
	for range 2 {
		l, err := Listen(config.Listener{Address: "127.0.0.1", Port: port})
		if err != nil {
			t.Fatal(err)
		}
		connects(t, l, "tcp", l.Addr().String())
		l.Close()
	}
}

// A link to a directory that is not there yet, as /var/run before /run is
// mounted, is told by its name, and Check knows it before.
func TestDanglingDirectory(t *testing.T) {
	link := filepath.Join(t.TempDir(), "run")
	if err := os.Symlink("/nowhere/at/all", link); err != nil {
		t.Fatal(err)
	}
	l := config.Listener{Path: filepath.Join(link, "netifyd", "s.sock")}
	want := link + " is a link to /nowhere/at/all, which is not there"
	if err := Check(l); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Check: %v", err)
	}
	if _, err := Listen(l); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Listen: %v", err)
	}
}
