package uci

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAgainstUCI compares with the uci program of OpenWrt, which UCI names: what
// it refuses is refused, and what it takes is understood in the same way.
func TestAgainstUCI(t *testing.T) {
	program := os.Getenv("UCI")
	if program == "" {
		t.Skip("UCI does not name the uci program of OpenWrt")
	}
	dir := t.TempDir()
	pieces := []string{"config", "option", "list", "package", "c", "o", "config", "option", "t", "a", "n", "b1", "''", "\"\"", "'x y'", "\"q\\\"z\"", ";", ";x", "x;", "'x';", "x;y", "'x';y", "#", "#c", "a#b", "x\\ y", "\\;", "-", "1", " ", "\t", "\n", "\n", "\n", "\nconfig t\n", "\noption a 1\n", "\nlist b 2\n",
		"\noption a ''\n", "\noption a\n", "\nlist a\n", "\nconfig t n\n", "\npackage y\n", "\\\n", "\r\n", "\v", "\f", "'a\nb'", "\"a\\\nb\"", "\"a\\nb\"", "'it'\\''s'", "\\'", "\\#", "@x", "a.b", "=", "ä", "\x01"}
	r := rand.New(rand.NewPCG(1, 2))
	good := 0
	for range 2000 {
		var b strings.Builder
		if r.IntN(3) > 0 {
			b.WriteString("config t\n")
		}
		for range 1 + r.IntN(9) {
			b.WriteString(pieces[r.IntN(len(pieces))])
			if r.IntN(4) > 0 {
				b.WriteByte(' ')
			}
		}
		text := b.String() + "\n"
		if err := os.WriteFile(filepath.Join(dir, "x"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, theirs := exec.Command(program, "-c", dir, "export", "x").Output()
		f, ours := Parse("x", text)
		if (theirs == nil) != (ours == nil) {
			t.Errorf("%q: uci says %v, we say %v", text, theirs, ours)
			continue
		}
		if theirs == nil {
			good++
			f.Package = "x"
			if slices.ContainsFunc(f.Sections, func(s Section) bool { return bare(s.Type) != s.Type }) {
				continue // we write such a type in quotes, so that it can be read again
			}
			if got, want := strings.TrimSpace(f.String()), strings.TrimSpace(string(out)); got != want {
				t.Errorf("%q: have\n%s\nwant\n%s", text, got, want)
			}
		}
	}
	if good < 100 {
		t.Errorf("only %d texts were taken", good)
	}
}
