package afpacket

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// insideEnv tells the tests that they run in a network namespace of their own.
const insideEnv = "AFPACKET_TEST_NAMESPACE"

// noNamespace says why there is none; empty inside one.
var noNamespace = "not in a network namespace"

// TestMain runs the tests in a fresh network namespace, so that whatever they
// make ends with them, and fails if they leave a descriptor or a mapping open.
func TestMain(m *testing.M) {
	fuzzing := slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.fuzz") })
	switch os.Getenv(insideEnv) {
	case "":
		if !fuzzing {
			os.Exit(runInside())
		}
	case "yes":
		noNamespace = ""
		// Nothing but the tests' own packets: no router solicitations, no MLD.
		_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0)
	default:
		noNamespace = os.Getenv(insideEnv)
	}
	before := open()
	code := m.Run()
	if code == 0 && !fuzzing {
		for _, left := range open() {
			if !slices.Contains(before, left) {
				fmt.Fprintln(os.Stderr, "left open:", left)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// runInside runs this test binary again in a namespace, as root of a user
// namespace if need be; where neither is allowed, without one.
func runInside() int {
	status, err := again("yes", &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET})
	if err == nil {
		return status
	}
	ids := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	status, err2 := again("yes", &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWUSER,
		UidMappings: ids(os.Getuid()), GidMappings: ids(os.Getgid())})
	if err2 == nil {
		return status
	}
	status, err = again(fmt.Sprintf("no network namespace: %v; in a user namespace: %v", err, err2), nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

func again(inside string, how *syscall.SysProcAttr) (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	c := exec.Command(self, os.Args[1:]...)
	c.Env = append(os.Environ(), insideEnv+"="+inside)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = how
	err = c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// open lists packet sockets, event descriptors and mapped rings.
func open() (found []string) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil &&
			(strings.HasPrefix(to, "socket:") || to == "anon_inode:[eventfd]") {
			found = append(found, e.Name()+" "+to)
		}
	}
	maps, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "socket:") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}
