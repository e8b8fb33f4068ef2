package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"netifyd/cross/target"
)

// capture is the file that every binary reads.
const capture = "testdata/http-get.pcap"

// smoke runs every binary for Linux: it says its version, finds the default
// configuration good, and tells of a capture, to the byte, what the one for
// amd64 tells. The emulated processor knows no more than the real one.
func (j *job) smoke() error {
	host := &target.Target{Name: "amd64"}
	want, err := j.run(host, "replay", capture)
	if err != nil {
		return fmt.Errorf("amd64 must be built and run first: %w", err)
	}
	if !bytes.Contains(want, []byte(`"HTTP"`)) {
		return fmt.Errorf("amd64: the replay of %s tells of no HTTP", capture)
	}
	failed := 0
	for i := range j.targets {
		t := &j.targets[i]
		if t.OS != "linux" {
			continue
		}
		if t.Arch == "386" && !runs386() {
			fmt.Printf("%-16s not run: this kernel runs no 32-bit programs\n", t.Name)
			continue
		}
		if err := j.smokeOne(t, want); err != nil {
			failed++
			fmt.Printf("%-16s FAILED: %v\n", t.Name, err)
			continue
		}
		fmt.Printf("%-16s good, on %s %s\n", t.Name, or(t.Qemu, "this machine"), t.CPU)
	}
	if failed > 0 {
		return fmt.Errorf("%d of the binaries failed", failed)
	}
	return nil
}

func (j *job) smokeOne(t *target.Target, want []byte) error {
	version, err := j.run(t, "version")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(version), "netifyd "+j.version+" linux/"+t.Arch) {
		return fmt.Errorf("version is %q", version)
	}
	for _, conf := range []string{"--uci=uci/netifyd.config", "--config=init.d/netifyd.toml"} {
		if good, err := j.run(t, conf, "check-config"); t.Tiny() && strings.HasSuffix(conf, ".toml") {
			if err == nil || !strings.Contains(err.Error(), "reads no TOML") {
				return fmt.Errorf("%s: without TOML it says %q, %w", conf, good, err)
			}
		} else if err != nil || !bytes.Contains(good, []byte("good")) {
			return fmt.Errorf("%s: %q, %w", conf, good, err)
		}
	}
	got, err := j.run(t, "replay", capture)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errors.New("its replay differs from that of amd64")
	}
	return nil
}

// run runs a binary and returns what it printed.
func (j *job) run(t *target.Target, args ...string) ([]byte, error) {
	path, err := filepath.Abs(j.binary(t))
	if err != nil {
		return nil, err
	}
	argv := append([]string{path}, args...)
	if t.Qemu != "" {
		argv = append([]string{t.Qemu, "-cpu", t.CPU}, argv...)
	}
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir = j.root
	c.Env = append(os.Environ(), "TZ=UTC")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, said.String())
	}
	return out, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
