package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func seeds(f *testing.F, pattern string) {
	files, err := filepath.Glob(goldenDir + "/" + pattern)
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
}

// holds is what every reading owes: a valid configuration, or errors that name
// the file and a line that is there.
func holds(t *testing.T, name, text string) {
	c, warnings, err := Parse(name, text)
	first, lines := 1, strings.Count(text, "\n")+1
	if strings.Contains(text, `\`) {
		first = 0 // the line of a key with escapes is not known
	}
	for _, w := range warnings {
		if w.Path != name || w.Line < first || w.Line > lines || w.Text == "" {
			t.Errorf("warning %+v in %d lines", w, lines)
		}
	}
	if err == nil {
		if err := c.Validate(); err != nil {
			t.Errorf("accepted, yet %v", err)
		}
		return
	}
	var all Errors
	if !errors.As(err, &all) || len(all) == 0 || c != nil {
		t.Fatalf("%T %v", err, err)
	}
	for _, e := range all {
		if e.Path != name || e.Line < first || e.Line > lines || e.Text == "" {
			t.Errorf("error %+v in %d lines", e, lines)
		}
	}
}

func FuzzTOML(f *testing.F) {
	seeds(f, "*.toml")
	for _, found := range []string{"\x01", "[\"\"]", "[f.000]#", `"\u0061" = 1`} {
		f.Add(found)
	}
	f.Fuzz(func(t *testing.T, text string) { holds(t, "x.toml", text) })
}

func FuzzINI(f *testing.F) {
	seeds(f, "*.conf")
	f.Fuzz(func(t *testing.T, text string) { holds(t, "x.conf", text) })
}

// FuzzLocate reads what the parser would have refused.
func FuzzLocate(f *testing.F) {
	seeds(f, "*.toml")
	f.Fuzz(func(t *testing.T, text string) {
		for key, line := range locate(text) {
			if line < 1 || line > strings.Count(text, "\n")+1 {
				t.Errorf("%q in line %d", key, line)
			}
		}
	})
}

func FuzzFlags(f *testing.F) {
	f.Add("-dvI lo,a.pcap -A 192.0.2.1 --config=x replay -q -- -")
	f.Fuzz(func(t *testing.T, line string) {
		flags, err := ParseFlags(strings.Split(line, " "))
		if (flags == nil) == (err == nil) {
			t.Errorf("%v, %v", flags, err)
		}
	})
}

// Every prefix of a good file is read or refused, never more.
func TestEveryPrefix(t *testing.T) {
	for _, name := range []string{"everything.toml", "everything.conf", "inline.toml"} {
		text, err := os.ReadFile(filepath.Join(goldenDir, name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range text {
			holds(t, name, string(text[:n]))
		}
	}
}
