package deb

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/cross/internal/sample"
)

func pack() *Package {
	return &Package{
		Name: "agent", Version: "1.2.3", Release: "4", Arch: "armhf", Maintainer: "A <a@example.org>", Homepage: "https://example.org/", Description: "short\nlong text",
		Tree: sample.Tree(), Scripts: map[string]string{"postinst": "#!/bin/sh\nexit 0\n", "postrm": "#!/bin/sh\nexit 1\n"},
	}
}

func written(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pack().Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDpkg(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not here")
	}
	path := filepath.Join(t.TempDir(), pack().File())
	if err := os.WriteFile(path, written(t), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) string {
		out, err := exec.Command("dpkg-deb", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", args, out)
		}
		return string(out)
	}
	for field, want := range map[string]string{"Package": "agent", "Version": "1.2.3-4", "Architecture": "armhf", "Maintainer": "A <a@example.org>", "Section": "net",
		"Homepage": "https://example.org/", "Description": "short\n long text"} {
		if got := strings.TrimSpace(ask("-f", path, field)); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	day := pack()
	day.Version, day.Day = "2026.01.02", true
	var b bytes.Buffer
	if err := day.Write(&b); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), day.File())
	if err := os.WriteFile(other, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(ask("-f", other, "Version")); got != "2026.01.02-4" {
		t.Errorf("the version of a day is %q", got)
	}
	list := ask("-c", path)
	for _, want := range []string{"-rwxr-xr-x root/root     70000", "-rw------- root/root        33", "drwxr-x--- root/root"} {
		if !strings.Contains(list, want) {
			t.Errorf("no %q in\n%s", want, list)
		}
	}
	dir := t.TempDir()
	ask("-e", path, dir)
	conf, err := os.ReadFile(filepath.Join(dir, "conffiles"))
	if err != nil || strings.TrimSpace(string(conf)) != "/etc/agent.conf\n/etc/config/agent" {
		t.Errorf("conffiles %q, %v", conf, err)
	}
	for _, name := range []string{"postinst", "postrm"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(text) != pack().Scripts[name] {
			t.Errorf("%s is %q, %v", name, text, err)
		}
	}
}

func TestSameBytes(t *testing.T) {
	if !bytes.Equal(written(t), written(t)) {
		t.Error("two writings differ")
	}
}
