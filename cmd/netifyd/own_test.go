package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"netifyd/core/config"
)

// Only a directory of the agent's own changes its owner.
func TestGiveDirectory(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give a directory away")
	}
	const nobody = 65534
	for _, c := range []struct {
		name string
		make func(dir string) error
		want string // in the error; "": given
	}{
		{"missing", func(string) error { return nil }, ""},
		{"empty", func(d string) error { return os.Mkdir(d, 0o755) }, ""},
		{"socket and old files", func(d string) error {
			return fill(d, 0o755, "s.sock", "status.json", "netifyd.pid")
		}, ""},
		{"of the system", func(d string) error { return fill(d, 0o755, "dnsmasq.pid") }, "dnsmasq.pid"},
		{"writable for all", func(d string) error {
			if err := os.Mkdir(d, 0o755); err != nil {
				return err
			}
			return os.Chmod(d, 0o777|os.ModeSticky)
		}, "others own it or may write there"},
		{"of somebody else", func(d string) error {
			if err := os.Mkdir(d, 0o755); err != nil {
				return err
			}
			return os.Chown(d, 1234, 1234)
		}, "others own it"},
		{"link", func(d string) error {
			if err := os.Mkdir(d+".real", 0o755); err != nil {
				return err
			}
			return os.Symlink(d+".real", d)
		}, "or a link"},
		{"file", func(d string) error { return os.WriteFile(d, nil, 0o644) }, "cannot be made"},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := c.make(dir); err != nil {
			t.Fatal(err)
		}
		cfg := config.Default()
		cfg.VolatileDir = dir
		cfg.Listeners = []config.Listener{{Path: filepath.Join(dir, "s.sock")}}
		err := giveDirectory(cfg, nobody, nobody)
		info, e := os.Stat(dir)
		if e != nil {
			t.Fatal(e)
		}
		given := info.Sys().(*syscall.Stat_t).Uid == nobody
		if given != (c.want == "") || (err == nil) != given || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: given %v, %v", c.name, given, err)
		}
	}
}

func fill(dir string, mode os.FileMode, names ...string) error {
	if err := os.Mkdir(dir, mode); err != nil {
		return err
	}
	for _, n := range names {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}
