package file

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const nobody = 65534

func owner(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

func lay(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func mine(name string) bool { return name == "hours" || name == "days" || name == "devices" }

// Files go with their directory, whoever has it already; what a link leads to does not.
func TestGive(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give a directory away")
	}
	for _, given := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "usage")
		if err := os.Mkdir(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		precious := lay(t, filepath.Join(filepath.Dir(dir), "precious"))
		hours := lay(t, filepath.Join(dir, "hours"))
		for name, link := range map[string]func(string, string) error{"days": os.Link, "devices": os.Symlink} {
			if err := link(precious, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if given {
			if err := os.Chown(dir, nobody, -1); err != nil {
				t.Fatal(err)
			}
			lay(t, filepath.Join(dir, "other"))
		}
		if err := Give(dir, nobody, -1, mine); err != nil {
			t.Fatal(err)
		}
		if owner(t, dir) != nobody || owner(t, hours) != nobody || owner(t, precious) != 0 {
			t.Errorf("given before: %v: directory %d, file %d, what a link leads to %d", given, owner(t, dir), owner(t, hours), owner(t, precious))
		}
	}
}

func TestGiveLeavesTheSystemAlone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give a directory away")
	}
	dir := t.TempDir()
	hours, other := lay(t, filepath.Join(dir, "hours")), lay(t, filepath.Join(dir, "passwd"))
	err := Give(dir, nobody, -1, mine)
	if err == nil || !strings.Contains(err.Error(), "passwd") {
		t.Errorf("%v", err)
	}
	if owner(t, dir) != 0 || owner(t, hours) != 0 || owner(t, other) != 0 {
		t.Error("given all the same")
	}
}

// Append writes to a file of its own alone.
func TestAppend(t *testing.T) {
	dir := t.TempDir()
	precious := lay(t, filepath.Join(dir, "precious"))
	for name, c := range map[string]struct {
		make func(path string) error
		want string // in the error; "": written
	}{
		"none":       {func(string) error { return nil }, ""},
		"there":      {func(p string) error { return os.WriteFile(p, []byte("one"), 0o640) }, ""},
		"symbolic":   {func(p string) error { return os.Symlink(precious, p) }, "is a link"},
		"to nothing": {func(p string) error { return os.Symlink(p+".none", p) }, "is a link"},
		"hard":       {func(p string) error { return os.Link(precious, p) }, "another name"},
		"pipe":       {func(p string) error { return syscall.Mkfifo(p, 0o600) }, ""},
		"foreign": {func(p string) error {
			if err := os.WriteFile(p, nil, 0o666); err != nil || os.Geteuid() != 0 {
				return err
			}
			return os.Chown(p, nobody, -1)
		}, "somebody else"},
	} {
		if name == "foreign" && os.Geteuid() != 0 {
			continue
		}
		path := filepath.Join(dir, name)
		if err := c.make(path); err != nil {
			t.Fatal(err)
		}
		f, err := Append(path, 0o640)
		switch {
		case name == "pipe": // one without a reader cannot even be opened
			if err == nil {
				t.Error("a pipe was opened")
			}
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			if _, err := f.WriteString("two"); err != nil || f.Close() != nil {
				t.Errorf("%s: %v", name, err)
			}
			if b, _ := os.ReadFile(path); !strings.HasSuffix(string(b), "two") || name == "there" && string(b) != "onetwo" {
				t.Errorf("%s: %q", name, b)
			}
		}
	}
	if b, _ := os.ReadFile(precious); string(b) != "x" {
		t.Errorf("written through a link: %q", b)
	}
}
