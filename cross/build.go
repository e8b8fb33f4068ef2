package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

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

// build compiles the agent. The same sources and the same Go give the same
// bytes, in whatever folder.
func (j *job) build(t *target.Target) error {
	out, err := filepath.Abs(j.binary(t))
	if err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", t.Tags, "-ldflags", "-s -w -buildid= -X main.version=" + j.version}
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
