// Package actiontest gives tests of targets a network of their own.
package actiontest

import (
	"iter"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"netifyd/core/action"
)

// Namespace gives the test a network of its own, and skips it where there is
// none or a program is missing.
func Namespace(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
	runtime.LockOSThread() // never unlocked: the thread ends with the test, and the namespace with it
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no namespace of our own: ", err)
	}
}

// Etc gives the test a directory /etc of its own, with these files.
func Etc(t testing.TB, files map[string]string) {
	t.Helper()
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		t.Skip("no mounts of our own: ", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skip(err)
	}
	if err := unix.Mount("tmpfs", "/etc", "tmpfs", 0, ""); err != nil {
		t.Skip(err)
	}
	for name, text := range files {
		path := filepath.Join("/etc", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Run runs a program, gives it input, and gives what it says.
func Run(t testing.TB, input string, args ...string) string {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Stdin = strings.NewReader(input)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v %s %s", strings.Join(args, " "), err, out, input)
	}
	return string(out)
}

// Flow is one over TCP from a local client.
func Flow(local, other string) *action.Subject {
	l, o := netip.MustParseAddrPort(local), netip.MustParseAddrPort(other)
	s := &action.Subject{LocalPort: l.Port(), OtherPort: o.Port(), Transport: 6, LocalIsClient: true, V6: l.Addr().Is6()}
	copy(s.Local[:], l.Addr().AsSlice())
	copy(s.Other[:], o.Addr().AsSlice())
	return s
}

// All gives flows to Sync.
func All(ttl uint32, flows ...*action.Subject) iter.Seq2[*action.Subject, uint32] {
	return func(yield func(*action.Subject, uint32) bool) {
		for _, f := range flows {
			if !yield(f, ttl) {
				return
			}
		}
	}
}

// OK stops the test on an error.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Narrow gives every netfilter socket of the test room for a few answers only.
func Narrow(t testing.TB) {
	t.Helper()
	n := 0
	for fd := range 1024 {
		if p, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); err != nil || p != unix.NETLINK_NETFILTER {
			continue
		}
		if d, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err != nil || d != unix.AF_NETLINK {
			continue
		}
		OK(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1))
		n++
	}
	if n == 0 {
		t.Fatal("no socket of netfilter is open")
	}
}

// Overflow narrows the sockets, adds flows until the kernel's answers do not fit,
// and makes the target whole again. asked counts how often it wanted a Sync.
func Overflow(t testing.TB, x action.Target, asked *int, flows ...*action.Subject) {
	t.Helper()
	Narrow(t)
	var first error
	for _, f := range flows {
		if err := x.Add(f, 0); first == nil {
			first = err
		}
	}
	if first == nil || !strings.Contains(first.Error(), "did not fit") || *asked == 0 {
		t.Errorf("%v, a Sync was asked for %d times", first, *asked)
	}
	Whole(t, x, flows...)
}

// Whole syncs a target until it says that all went well: some tries must fail
// first, but not many.
func Whole(t testing.TB, x action.Target, flows ...*action.Subject) {
	t.Helper()
	for range 12 {
		if x.Sync(All(0, flows...)) == nil {
			return
		}
	}
	t.Fatal("what the kernel said did not fit the socket, however often it was asked")
}

// DropNetAdmin takes the right to change the network from the test's thread.
func DropNetAdmin(t testing.TB) {
	t.Helper()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Skip(err)
	}
	for i := range data {
		data[i].Effective &^= 1 << unix.CAP_NET_ADMIN
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		t.Skip(err)
	}
}
