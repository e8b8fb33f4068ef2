package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"netifyd/cross/lines"
	"netifyd/cross/target"
)

// binary is where the agent of a target is written.
func (j *job) binary(t *target.Target) string { return filepath.Join(j.out, "netifyd-"+t.Name) }

// environ is the environment of the Go tool for a target: no cgo, so that the
// binary is static; nothing from the user's settings.
func environ(t *target.Target) []string {
	env := append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.OS, "GOARCH="+t.Arch, "GOFLAGS=", "GOWORK=off")
	if t.Level != "" {
		env = append(env, t.Level)
	}
	return env
}

// gotool is the Go tool, to be run in the project for a target.
func (j *job) gotool(t *target.Target, args ...string) *exec.Cmd {
	c := exec.Command("go", args...)
	c.Dir, c.Env, c.Stderr = j.root, environ(t), os.Stderr
	return c
}

// inlined are the packages that packets pass and what these call all the time.
// Functions are inlined in these and the runtime alone: elsewhere it costs a
// tenth of the compressed binary and saves time that nobody waits for. Without
// it the digests leave garbage (docs/decisions/050-size.md has the figures).
var inlined = []string{
	"netifyd/afpacket", "netifyd/core", "netifyd/core/attr", "netifyd/core/capture/pcapfile", "netifyd/core/engine",
	"netifyd/core/device", "netifyd/core/event", "netifyd/core/evidence", "netifyd/core/flow", "netifyd/core/hint", "netifyd/core/packet", "netifyd/core/proto",
	"netifyd/core/risk", "netifyd/core/sink", "netifyd/core/usage", "netifyd/core/wire", "netifyd/detect/internal/...",
	"bytes", "encoding/binary", "hash/maphash",
	"crypto/md5", "crypto/sha1", "crypto/sha256", "crypto/internal/boring", "crypto/internal/fips140",
	"crypto/internal/fips140/sha256", "crypto/internal/fips140deps/byteorder", "crypto/internal/fips140only",
}

// gcflags are the compiler's flags for a target. The runtime and all that it
// is made of keep their inlining: the collector's write barriers rest on it,
// without it programs crash.
func (j *job) gcflags(t *target.Target) ([]string, error) {
	runtime, err := j.gotool(t, "list", "-deps", "runtime").Output()
	if err != nil {
		return nil, fmt.Errorf("%s: go list: %w", t.Name, err)
	}
	flags := []string{"-gcflags=all=-l"}
	for _, p := range append(strings.Fields(string(runtime)), inlined...) {
		flags = append(flags, "-gcflags="+p+"=")
	}
	return flags, nil
}

// build compiles the agent as it is packed, without symbols and lines. The
// same sources and the same Go give the same bytes, in whatever folder.
func (j *job) build(t *target.Target) error {
	out, err := filepath.Abs(j.binary(t))
	if err != nil {
		return err
	}
	if err := j.compile(t, out, "-s -w"); err != nil {
		return err
	}
	_, err = lines.Drop(out)
	return err
}

// compile runs the Go tool for a target. strip are flags of the linker: what
// it leaves out.
func (j *job) compile(t *target.Target, out, strip string) error {
	flags, err := j.gcflags(t)
	if err != nil {
		return err
	}
	small, err := j.overlay(t)
	if err != nil {
		return err
	}
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-tags", t.Build(), "-ldflags", strip + " -buildid= -X netifyd/core/version.Number=" + j.version}, append(small, flags...)...)
	if err := j.gotool(t, append(args, "-o", out, "./cmd/netifyd")...).Run(); err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	return nil
}

func (j *job) buildAll() error {
	for i := range j.targets {
		if err := j.build(&j.targets[i]); err != nil {
			return err
		}
		if err := j.buildCompanion(&j.targets[i]); err != nil {
			return err
		}
	}
	return nil
}

// steady runs the tests that count allocations, and those of the catalogue,
// which keep the collector busy, compiled as the packages are. Its targets run
// on this machine; where the kernel takes no 32-bit programs, amd64 stands in
// for 386 (the emulator of Debian 12 crashes in Go's threads).
func (j *job) steady() error {
	for i := range j.targets {
		t := &j.targets[i]
		if t.Qemu != "" || t.OS != "linux" {
			return fmt.Errorf("%s does not run here: steady wants targets without an emulator", t.Name)
		}
		if t.Arch == "386" && !runs386() {
			fmt.Printf("this kernel runs no 32-bit programs: amd64 is tested in place of %s\n", t.Name)
			t = &target.Target{Name: "amd64", OS: "linux", Arch: "amd64", Level: "GOAMD64=v1", Tags: t.Tags}
		}
		flags, err := j.gcflags(t)
		if err != nil {
			return err
		}
		small, err := j.overlay(t)
		if err != nil {
			return err
		}
		c := j.gotool(t, append(append([]string{"test", "-tags", t.Tags}, append(small, flags...)...), "./core/...", "./detect/...", "./afpacket")...)
		c.Stdout = os.Stdout
		if err := c.Run(); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return nil
}

// where prints the trace of a crash that is read from standard input, with the
// lines that the packed binary does not know: those of the same sources,
// compiled again.
func (j *job) where() error {
	if len(j.targets) != 1 {
		return errors.New("where wants one target: that of the binary that the trace is of")
	}
	dir, err := os.MkdirTemp("", "netifyd-where")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	whole := filepath.Join(dir, "netifyd")
	if err := j.compile(&j.targets[0], whole, "-w"); err != nil {
		return err
	}
	return lines.Find(whole, os.Stdin, os.Stdout)
}
