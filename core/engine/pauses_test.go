package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"netifyd/core/config"
	"netifyd/detect/app"
)

const threeRules = `
[[action]]
name = "night"
criteria = "proto == 'HTTP'"
[[action]]
name = "the \"games\" of Ann"
criteria = "proto == 'HTTP'"
[[action]]
name = "late"
criteria = "proto == 'HTTP'"
`

// resting are the rules of an agent that rest, and for how many minutes about.
func resting(e *Engine) map[string]int {
	list := map[string]int{}
	for _, r := range e.rules.Rules(time.Now().UnixNano()) {
		if r.Paused > 0 {
			list[r.Name] = int(time.Until(time.Unix(r.Paused, 0)).Round(time.Minute) / time.Minute)
		}
	}
	return list
}

func TestPauseOutlivesRestart(t *testing.T) {
	for _, counted := range []bool{true, false} {
		dir := filepath.Join(t.TempDir(), "kept")
		start := func(text string) (*Engine, func() error) {
			return running(t, newHeap(), func(c *config.Config) {
				rules := rulesOf(t, text)
				c.Rules, c.Actions = rules.Rules, rules.Actions
				c.Usage.Enabled, c.Usage.Directory = counted, dir
			})
		}
		e, end := start(threeRules)
		face := ruleFace{&house{e: e}}
		for name, d := range map[string]time.Duration{"night": time.Hour, "the \"games\" of Ann": 2 * time.Hour, "late": time.Hour} {
			if err := face.Pause(name, d); err != nil {
				t.Fatal(err)
			}
		}
		if err := face.Pause("late", 0); err != nil {
			t.Fatal(err)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
		e, end = start(threeRules)
		if got := resting(e); len(got) != 2 || got["night"] != 60 || got["the \"games\" of Ann"] != 120 {
			t.Errorf("after a restart: %v", got)
		}
		_ = end()
		e, end = start(strings.ReplaceAll(threeRules, "night", "day"))
		if got := resting(e); len(got) != 1 {
			t.Errorf("with a rule less: %v", got)
		}
		_ = end()
		e, end = start(threeRules)
		if got := resting(e); len(got) != 1 {
			t.Errorf("a rule that was gone and is there again: %v", got)
		}
		if err := (ruleFace{&house{e: e}}).Pause("the \"games\" of Ann", 0); err != nil {
			t.Fatal(err)
		}
		_ = end()
		if b, err := os.ReadFile(filepath.Join(dir, "pauses")); err != nil || len(b) != 0 {
			t.Errorf("without a pause the file holds %q, %v", b, err)
		}
	}
}

// What a file of pauses holds beside pauses is passed over and said; rules act.
func TestPausesFile(t *testing.T) {
	for _, c := range []struct {
		name, text string
		paused     int
		said       string
	}{
		{"two", "4000000000 \"night\"\n4000000000 \"late\"\n", 2, ""},
		{"past", "1000000000 \"night\"\n", 0, ""},
		{"empty", "", 0, ""},
		{"cut", "4000000000 \"night\"\n4000000000 \"lat", 1, "line 2 is no time and name"},
		{"other", "\x00\xff\n\n-1 \"night\"\n99999999999999 \"night\"\n4000000000 \"late\"\n", 1, "line 1 is no time and name"},
		{"large", strings.Repeat("4000000000 \"night\"\n", 4000), 0, "larger than"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "pauses")
		if err := os.WriteFile(path, []byte(c.text), 0o640); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		e := &Engine{cfg: rulesOf(t, threeRules), apps: app.Default(), log: zerolog.New(&said)}
		e.keeper.dir = dir
		if err := e.startRules(); err != nil {
			t.Fatal(err)
		}
		if got := resting(e); len(got) != c.paused {
			t.Errorf("%s: %v rest", c.name, got)
		}
		if got := said.String(); !strings.Contains(got, c.said) || (c.said == "") != (got == "") {
			t.Errorf("%s: said %s", c.name, got)
		}
		if b, _ := os.ReadFile(path); strings.Count(string(b), "\n") != c.paused && c.name != "large" {
			t.Errorf("%s: the file holds %q", c.name, b)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pauses"), 0o750); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	e := &Engine{cfg: rulesOf(t, threeRules), apps: app.Default(), log: zerolog.New(&said)}
	e.keeper.dir = dir
	if err := e.startRules(); err != nil || !strings.Contains(said.String(), "no regular file") {
		t.Errorf("a directory in its place: %v, said %s", err, said.String())
	}
}
