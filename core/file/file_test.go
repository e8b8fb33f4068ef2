package file

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "status.json")
	for _, text := range []string{"one", "two, longer", ""} {
		if err := Replace(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		info, _ := os.Stat(path)
		if err != nil || string(b) != text || info.Mode().Perm() != 0o640 {
			t.Errorf("%q, %v, %v", b, info.Mode(), err)
		}
	}
}

// A link at the file or beside it, hard or symbolic, is never written through,
// whether what it leads to is there or not.
func TestLinksAreNotFollowed(t *testing.T) {
	for _, name := range []string{"f", "f.new"} {
		for kind, link := range map[string]func(string, string) error{"symbolic": os.Symlink, "hard": os.Link} {
			dir := t.TempDir()
			precious, missing := filepath.Join(dir, "precious"), filepath.Join(dir, "missing")
			if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := link(precious, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if err := Replace(filepath.Join(dir, "f"), []byte("new"), 0o644); err != nil {
				t.Errorf("%s %s: %v", kind, name, err)
			}
			if b, err := os.ReadFile(precious); err != nil || string(b) != "precious" {
				t.Errorf("%s %s: %q, %v", kind, name, b, err)
			}
			if info, _ := os.Stat(precious); info.Mode().Perm() != 0o600 {
				t.Errorf("%s %s: mode %v", kind, name, info.Mode())
			}
			if b, err := os.ReadFile(filepath.Join(dir, "f")); err != nil || string(b) != "new" {
				t.Errorf("%s %s: %q, %v", kind, name, b, err)
			}
			if kind == "symbolic" {
				if err := os.Symlink(missing, filepath.Join(dir, "f.new")); err != nil {
					t.Fatal(err)
				}
				if err := Replace(filepath.Join(dir, "f"), []byte("again"), 0o644); err != nil {
					t.Error(err)
				}
				if _, err := os.Lstat(missing); err == nil {
					t.Error("a file was made through a link")
				}
			}
		}
	}
}

// What cannot be written leaves the old file, and nothing beside it.
func TestFailedReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.Mkdir(path, 0o755); err != nil { // a file cannot take its place
		t.Fatal(err)
	}
	if err := Replace(path, []byte("x"), 0o644); err == nil {
		t.Error("no error")
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("%v is left", list)
	}
	if err := Replace(filepath.Join(dir, "none", "f"), nil, 0o644); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
}

// What is no regular file, or is too large, is refused at once.
func TestReadIsBounded(t *testing.T) {
	dir := t.TempDir()
	small, large, pipe := filepath.Join(dir, "small"), filepath.Join(dir, "large"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(small, []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if b, err := Read(small, 4); err != nil || string(b) != "1234" {
		t.Errorf("%q, %v", b, err)
	}
	for path, want := range map[string]string{large: "larger than 4 bytes", pipe: "no regular file", "/dev/zero": "no regular file", dir: "no regular file", filepath.Join(dir, "none"): "no such file"} {
		if _, err := Read(path, 4); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
