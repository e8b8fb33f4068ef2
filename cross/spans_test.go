package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"netifyd/cross/target"
)

// allSizes allocates objects of all kinds and says what the runtime takes for itself.
const allSizes = `package main

import "runtime"

var kept []any

func main() {
	for size := 8; size < 32<<10; size += 8 {
		kept = append(kept, make([]byte, size), make([]*int, size/8))
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	println(m.GCSys / 1024)
}
`

// What is packed takes little for its lists of spans, and its small objects
// live as they did, through collections.
func TestSmallSpans(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "main.go")
	if err := os.WriteFile(program, []byte(allSizes), 0o600); err != nil {
		t.Fatal(err)
	}
	j := &job{root: dir, out: dir}
	host := &target.Target{OS: runtime.GOOS, Arch: runtime.GOARCH}
	flags, err := j.overlay(host)
	if err != nil || len(flags) != 1 {
		t.Fatalf("%v, %v", flags, err)
	}
	// The packages are written below the module: what is written with them is none of its packages.
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example\n\ngo 1.26\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := j.gotool(host, "list", "./...")
	list.Dir = dir
	if said, err := list.Output(); err != nil || string(said) != "example\n" {
		t.Errorf("packages: %v: %s", err, said)
	}
	taken := func(flags ...string) int {
		out := filepath.Join(dir, "program")
		if err := j.gotool(host, append(append([]string{"build", "-trimpath"}, flags...), "-o", out, program)...).Run(); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(out).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		kib, err := strconv.Atoi(strings.TrimSpace(string(said)))
		if err != nil {
			t.Fatal(err)
		}
		return kib
	}
	if plain, small := taken(), taken(flags...); small > plain-1024 {
		t.Errorf("the runtime takes %d KiB for itself, %d where nothing is changed: at least 1024 less are expected", small, plain)
	}
}

// A runtime that was written otherwise is not changed by guess.
func TestSmallSpansRefuses(t *testing.T) {
	for _, text := range []string{"", "spanSetBlockEntries = 512 \n", strings.Join(spanRooms, "\n") + "\nspanSetBlockEntries = 512 \n"} {
		if got, err := smallSpans(text); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// A Go whose runtime reads otherwise, or has no such file, builds without the change.
// That this Go's reads as expected, TestSmallSpans says.
func TestSmallSpansGoOn(t *testing.T) {
	host := &target.Target{Name: "host", OS: runtime.GOOS, Arch: runtime.GOARCH}
	said, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.TrimSpace(string(said))
	for _, text := range []string{"", "package runtime\n"} {
		dir := t.TempDir()
		root := filepath.Join(dir, "goroot")
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(spanSets)), 0o755); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			if err := os.WriteFile(filepath.Join(root, spanSets), []byte(text), 0o400); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"bin", "pkg", "go.env", "VERSION"} {
			if err := os.Symlink(filepath.Join(whole, name), filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("GOROOT", root)
		j := &job{root: dir, out: filepath.Join(dir, "out")}
		if flags, err := j.overlay(host); err != nil || len(flags) != 0 {
			t.Errorf("%q: flags %v, %v", text, flags, err)
		}
		if _, err := os.Stat(j.out); err == nil {
			t.Errorf("%q: something was written for nothing", text)
		}
	}
}
