package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// big writes a file of about so many bytes, a line at a time.
func big(t *testing.T, dir, name string, size int, line func(n int) string) {
	t.Helper()
	var b bytes.Buffer
	for n := 0; b.Len() < size; n++ {
		b.WriteString(line(n))
	}
	if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// refused holds that files are refused with a sentence, and that this takes
// little memory.
func refused(t *testing.T, r Room, apps, domains, want string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, warnings, err := builtin().LoadWithin(r, apps, domains)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	} else if n := strings.Count(err.Error(), "\n"); n > 25 {
		t.Errorf("%d lines of errors", n)
	}
	if len(warnings) > maxWarnings+1 {
		t.Errorf("%d warnings", len(warnings))
	}
	if taken := int64(after.TotalAlloc - before.TotalAlloc); taken > 100<<20 {
		t.Errorf("%d MiB for nothing", taken>>20)
	}
}

func TestBounds(t *testing.T) {
	name := func(n int) string { return fmt.Sprintf("name%d.example.org\n", n) }
	t.Run("wrong lines", func(t *testing.T) {
		dir := t.TempDir()
		big(t, dir, "a.conf", 10<<20, func(int) string { return "nothing that is known\n" })
		refused(t, Room{}, dir, "", "and 1000 more")
	})
	t.Run("text", func(t *testing.T) {
		dir := t.TempDir()
		for n := range 2 {
			big(t, dir, fmt.Sprintf("%d.conf", n), 9<<20, func(int) string { return "# a comment\n" })
		}
		refused(t, Room{}, dir, "", "more than 16 MiB together: take some away")
	})
	t.Run("memory", func(t *testing.T) {
		dir := t.TempDir()
		big(t, dir, "50-adult.txt", 8<<20, name)
		refused(t, Room{Memory: 16 << 20}, "", dir, "take 17 MiB to read, and there are 16")
		if c, _, err := builtin().LoadWithin(Room{Memory: 32 << 20}, "", dir); err != nil || c.Bytes() < 8<<20 {
			t.Errorf("%v", err)
		}
	})
	t.Run("files", func(t *testing.T) {
		dir := t.TempDir()
		for n := range maxFiles + 1 {
			big(t, dir, fmt.Sprintf("%d-adult.txt", n), 1, name)
		}
		refused(t, Room{}, "", dir, "257 files: at most 256 are read")
	})
	t.Run("time", func(t *testing.T) {
		dir := t.TempDir()
		big(t, dir, "a.toml", 100<<10, func(n int) string {
			return fmt.Sprintf("[[soft]]\nwhen = \"detected_hostname == 'rx:^(a%d|[a-z]{1,15}b){1,20}$'\"\napp = \"netify.netflix\"\n", n)
		})
		refused(t, Room{Time: time.Nanosecond}, dir, "", "reading took longer than 1ns: take files away")
		refused(t, Room{Memory: 8 << 20}, dir, "", "take too much memory, 9 MiB with the files")
		big(t, dir, "a.toml", 100<<10, func(n int) string { return "[[soft]]\nwhen = \"other_port == 1\"\napp = \"netify.netflix\"\n" })
		refused(t, Room{}, dir, "", "more than 1000 rules")
	})
	t.Run("warnings", func(t *testing.T) {
		dir := t.TempDir()
		big(t, dir, "a.conf", 20<<10, func(n int) string {
			return fmt.Sprintf("nsd:%d:-1:%s\n", 900_000+n, "b3RoZXJfcG9ydCA9PSAx")
		})
		c, warnings, err := Load(dir, "")
		if err != nil || c == nil || len(warnings) != maxWarnings+1 {
			t.Errorf("%d warnings, %v", len(warnings), err)
		}
	})
}

// Costly expressions are in the bill.
func TestExpressionsAreInTheBill(t *testing.T) {
	dir := t.TempDir()
	line := func(rx string) func(int) string {
		return func(n int) string {
			return fmt.Sprintf("[[soft]]\nwhen = \"detected_hostname == 'rx:%s'\"\napp = \"netify.netflix\"\n", rx)
		}
	}
	load := func(n int, rx string) int {
		big(t, dir, "a.toml", n, line(rx))
		c, _, err := Load(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		return c.Bytes()
	}
	// Beside what any file costs, which grows with the catalogue.
	bytesOf := func(rx string) int { return load(2000, rx) - load(1, rx) }
	if cheap, costly := bytesOf("a"), bytesOf("^([a-z]{1,15}b){1,20}$"); costly < 20*cheap {
		t.Errorf("%d bytes for cheap ones, %d for costly ones", cheap, costly)
	}
}
