package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/core/config"
)

// The doctor looks at the disk and at the sockets, with the remedy of what lacks.
func TestDoctorLooksAtDiskAndSockets(t *testing.T) {
	c := config.Default()
	dir := t.TempDir()
	c.Usage.Directory, c.Listeners[0].Path = filepath.Join(dir, "no"), filepath.Join(dir, "s")
	for what, check := range map[string]func(*config.Config) []finding{"history": checkHistory, "socket": checkSockets} {
		if list := check(c); len(list) != 1 || list[0].good || list[0].what != what || list[0].remedy == "" || !strings.Contains(list[0].text, dir) {
			t.Errorf("%s: %+v", what, list)
		}
	}
	c.Usage.Directory = dir
	l, err := net.Listen("unix", c.Listeners[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for what, check := range map[string]func(*config.Config) []finding{"history": checkHistory, "socket": checkSockets} {
		if list := check(c); len(list) != 1 || !list[0].good {
			t.Errorf("%s: %+v", what, list)
		}
	}
	for _, set := range []func(){func() { c.Usage.Directory = "none" }, func() { c.Usage.Enabled = false }} {
		if set(); !checkHistory(c)[0].good {
			t.Errorf("%+v", checkHistory(c))
		}
	}
}
