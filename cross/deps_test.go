package main

import (
	"strings"
	"testing"
)

func table(t *testing.T) *job {
	t.Helper()
	j := &job{root: "..", out: t.TempDir(), version: "9.8.7", release: "1"}
	if err := j.prepare(nil); err != nil {
		t.Fatal(err)
	}
	return j
}

// A dependency that is new, or gone, shows in the review of deps-*.txt.
func TestLinkedPackages(t *testing.T) {
	if err := table(t).deps(false); err != nil {
		t.Error(err)
	}
}

func TestDifferences(t *testing.T) {
	got := differences("x", []string{"a", "b"}, []string{"b", "c"})
	if strings.Join(got, ", ") != "x: + c, x: - a" {
		t.Errorf("got %v", got)
	}
	if got := differences("x", []string{"a"}, []string{"a"}); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

func TestUnknownTarget(t *testing.T) {
	j := &job{root: ".."}
	if err := j.prepare([]string{"mips", "vax"}); err == nil || !strings.Contains(err.Error(), "vax") {
		t.Errorf("got %v", err)
	}
}
