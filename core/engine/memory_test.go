package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"netifyd/core/config"
	"netifyd/detect/app"
)

// A reload with usage.size = 0 writes nothing any more, and forgets nothing.
func TestReloadToMemory(t *testing.T) {
	dir, src, next := t.TempDir(), newHeap(), new(config.Config)
	e, _ := running(t, src, func(c *config.Config) {
		c.Usage.Directory, c.Usage.Interval = dir, time.Second
		*next = *c
	})
	grown := func(what string, from int) (size int) {
		t.Helper()
		n := 0
		eventually(t, what, func() bool {
			n++
			src.put(get(n))
			if err := e.CommitUsage(); err != nil {
				t.Fatal(err)
			}
			size = e.History().Stats().Bytes
			return size > from
		})
		return size
	}
	written := grown("the history is on the disk", 0)
	files := func() map[string]string {
		all := map[string]string{}
		paths, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.Base(p)] = string(b)
		}
		return all
	}
	before := files()
	if len(before["hours"]) == 0 {
		t.Fatalf("no hours are on the disk: %d files", len(before))
	}
	next.Usage.SizeKB = 0
	if err := e.Reload(next); err != nil {
		t.Fatal(err)
	}
	grown("more hours are kept", written)
	if after := files(); !reflect.DeepEqual(after, before) {
		t.Error("the disk was written to")
	}
}

// Memory is given back when it is time, and not before.
func TestGiveBack(t *testing.T) {
	n := 0
	e := &Engine{opts: Options{GiveBack: func() { n++ }}}
	start := time.Now()
	last := start
	for at := start; at.Before(start.Add(5 * giveBackEvery)); at = at.Add(keepEvery) {
		last = e.giveBack(last, at)
	}
	if n != 4 {
		t.Errorf("memory was given back %d times in less than five turns", n)
	}
}

// The plan has what a reload of long lists takes beside the lists that are in
// use, and to read them takes no more.
func TestPlanOfReload(t *testing.T) {
	const names = 300_000
	var b strings.Builder
	for i := range names {
		fmt.Fprintf(&b, "www.name-%06d.example\n", i)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "50-adult.txt"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	base := app.Builtin()
	bare, _, err := base.LoadWithin(app.Room{}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	apps, _, err := base.LoadWithin(app.Room{}, "", dir)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	plan := Total(Plan(c, 1, apps)) - Total(Plan(c, 1, bare))
	took := int(after.TotalAlloc - before.TotalAlloc) // all of it, at the worst, beside the lists of before
	if has := apps.Bytes() - bare.Bytes(); has < b.Len() || plan+64<<10 < has+took {
		t.Errorf("lists of %d bytes: reading takes %d, the plan grows by %d", has, took, plan)
	}
}
