package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

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

// inlined are the packages that every packet passes. Functions are inlined in
// these alone: elsewhere it costs a fifth of the compressed binary and saves
// time that nobody waits for (docs/decisions/050-size.md has the figures).
var inlined = []string{"afpacket", "core/attr", "core/engine", "core/event", "core/flow", "core/hint", "core/packet", "core/sink", "core/wire"}

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
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", t.Tags, "-ldflags", strip + " -buildid= -X main.version=" + j.version}
	if t.Arch != "mips64" { // there the runtime, without inlining, stores 8 bytes at a multiple of 4 (netpollinit), which not all processors take
		args = append(args, "-gcflags=all=-l")
		for _, p := range inlined {
			args = append(args, "-gcflags=netifyd/"+p+"=")
		}
	}
	c := exec.Command("go", append(args, "-o", out, "./cmd/netifyd")...)
	c.Dir, c.Env, c.Stderr = j.root, environ(t), os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	return nil
}

func (j *job) buildAll() error {
	for i := range j.targets {
		if err := j.build(&j.targets[i]); err != nil {
			return err
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
