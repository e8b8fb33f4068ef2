package lines

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// program falls in a goroutine, in a method, three calls deep.
const program = `package main

type tree struct{ left *tree }

//go:noinline
func (t *tree) depth() int {
	return 1 + t.left.depth() // line 7
}

//go:noinline
func fall(f func() int) {
	println(f()) // line 12
}

func main() {
	done := make(chan int)
	go func() {
		fall(func() int { return (&tree{&tree{}}).depth() }) // line 18
		close(done)
	}()
	<-done
}
`

// build compiles the program and returns the path of what it became.
func build(t *testing.T, env ...string) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("binaries are run, and are ELF")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w -buildid=", "-o", "fall", "main.go")
	c.Dir, c.Env = dir, append(append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GO111MODULE=off"), env...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(dir, "fall")
}

// crash runs a program that must fail, and returns its trace.
func crash(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command(path).CombinedOutput()
	if err == nil {
		t.Fatalf("%s did not fail: %s", path, out)
	}
	return string(out)
}

func TestDropAndFind(t *testing.T) {
	whole := build(t)
	before := crash(t, whole)
	if !strings.Contains(before, "main.go:7 ") {
		t.Fatalf("the trace should name lines:\n%s", before)
	}
	bytesOf, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	dropped := whole + "-dropped"
	if err := os.WriteFile(dropped, bytesOf, 0o755); err != nil {
		t.Fatal(err)
	}
	n, err := Drop(dropped)
	if err != nil || n < 50_000 {
		t.Fatalf("dropped %d bytes, %v", n, err)
	}
	if !bytes.Equal(text(t, whole), text(t, dropped)) {
		t.Error("the code was changed")
	}
	after := crash(t, dropped)
	if regexp.MustCompile(`\.go:\d`).MatchString(after) || strings.Count(after, "?:0 +0x") != strings.Count(before, ".go:") {
		t.Errorf("with lines:\n%s\nwithout:\n%s", before, after)
	}
	var found strings.Builder
	if err := Find(whole, strings.NewReader(after), &found); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"main.go:7\n", "main.go:12\n", "main.go:18\n", "main.go:17\n"} {
		if !strings.Contains(found.String(), want) {
			t.Errorf("%q was not found:\n%s", want, found.String())
		}
	}
	if again, err := Drop(dropped); again != 0 || err != nil {
		t.Errorf("the second time %d bytes were dropped, %v", again, err)
	}
}

// TestDropForeign asks nothing of what it reads but that nothing is lost: big
// and little endian, 32 and 64 bits have the same tables.
func TestDropForeign(t *testing.T) {
	for _, arch := range []string{"mips", "mipsle", "mips64", "arm", "386", "riscv64"} {
		path := build(t, "GOARCH="+arch, "GOMIPS=softfloat")
		if n, err := Drop(path); err != nil || n < 50_000 {
			t.Errorf("%s: dropped %d bytes, %v", arch, n, err)
		}
	}
}

func TestDropRefuses(t *testing.T) {
	path := build(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	at := f.Section(section).Offset
	for name, spoil := range map[string]func([]byte) []byte{
		"another version":              func(b []byte) []byte { b[at]++; return b },
		"a table beyond the section":   func(b []byte) []byte { b[at+8+8*7+3] = 0x7f; return b },
		"functions beyond the section": func(b []byte) []byte { b[at+8+3] = 0x7f; return b },
		"no ELF":                       func(b []byte) []byte { return b[4:] },
	} {
		bad := spoil(bytes.Clone(good))
		if err := os.WriteFile(path, bad, 0o755); err != nil {
			t.Fatal(err)
		}
		if n, err := Drop(path); err == nil {
			t.Errorf("%s: dropped %d bytes", name, n)
		}
		if left, _ := os.ReadFile(path); !bytes.Equal(left, bad) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func text(t *testing.T, path string) []byte {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := f.Section(".text").Data()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
