package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bareRoot is a root directory with the agent and its configuration, and
// nothing else: no /var, /etc, /dev, /proc and /sys.
func bareRoot(t *testing.T, config string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("chroot takes root")
	}
	root := t.TempDir()
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(root+"/netifyd", program, 0o755), os.WriteFile(root+"/n.toml", []byte(config), 0o644)); err != nil {
		t.Fatal(err)
	}
	return root
}

func inRoot(root string, args ...string) *exec.Cmd {
	cmd := exec.Command("/netifyd", append([]string{"-c", "/n.toml"}, args...)...)
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: root}
	return cmd
}

// In a root directory that holds nothing else the agent starts, captures and ends well.
func TestBareRoot(t *testing.T) {
	root := bareRoot(t, "[[interface]]\nname = \"lo\"\n")
	cmd, log := inRoot(root), new(lines)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	log.wait(t, "started interfaces=1")
	if _, err := os.Stat(filepath.Join(root, "var/run/netifyd/netifyd.sock")); err != nil {
		t.Error(err)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(deadline):
		t.Fatal("does not end")
	}
}

// The doctor asks the kernel for bpf, not /proc, which may not be mounted.
func TestDoctorWithoutProc(t *testing.T) {
	here, _ := exec.Command(binary, "-c", os.DevNull, "doctor").CombinedOutput()
	if !strings.Contains(string(here), "bpf is there") {
		t.Skip("this kernel has no bpf")
	}
	root := bareRoot(t, "")
	if out, _ := inRoot(root, "doctor").CombinedOutput(); !strings.Contains(string(out), "bpf is there") {
		t.Errorf("%s", out)
	}
}

// check-config knows a file system on which the start could make no socket.
func TestCheckReadOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mount takes root")
	}
	dir := t.TempDir()
	conf := filepath.Join(t.TempDir(), "netifyd.toml")
	if err := os.WriteFile(conf, []byte("[[listen]]\npath = \""+dir+"/run/s.sock\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	needs(t, "unshare", "mount")
	script := "mount -t tmpfs -o ro none \"$1\" && shift && exec \"$@\""
	out, err := exec.Command("unshare", "-m", "sh", "-c", script, "sh", dir, binary, "check-config", conf).CombinedOutput()
	if err == nil || !strings.Contains(string(out), dir+" lies on a file system that is read only") {
		t.Errorf("%v: %s", err, out)
	}
}
