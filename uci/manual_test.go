package uci

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"netifyd/core/config"
)

var update = flag.Bool("update", false, "write the generated parts of docs/uci.md")

const manualFile = "../docs/uci.md"

// The file that is installed gives the default, and what it has commented out
// is right.
func TestInstalledFile(t *testing.T) {
	text, err := os.ReadFile("netifyd.config")
	if err != nil {
		t.Fatal(err)
	}
	s := settings(t, string(text))
	if changes := config.Diff(config.Default(), s.Config); len(changes) > 0 || len(s.Warnings) > 0 {
		t.Errorf("not the default: %v %v", changes, s.Warnings)
	}
	f, err := Parse("f", string(text))
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{"@netifyd[0].enabled": "1", "@netifyd[0].autoconfig": "1"} {
		if have, _ := f.Get(ref); have != want {
			t.Errorf("%s is %q", ref, have)
		}
	}
	var all strings.Builder
	examples := 0
	for line := range strings.Lines(string(text)) {
		for _, begin := range []string{"#config ", "#\toption ", "#\tlist "} {
			if strings.HasPrefix(line, begin) {
				line = line[1:]
				examples++
			}
		}
		all.WriteString(line)
	}
	s = settings(t, all.String()+"config network\n\toption name guest\n\toption device br-guest\n")
	if examples < 15 || len(s.Warnings) > 0 || len(s.Config.Listeners) != 2 || len(s.Config.Interfaces) != 1 || len(s.Config.Capture.Exclude) != 1 {
		t.Errorf("%d lines, %v, %+v", examples, s.Warnings, s.Config)
	}
}

func namesTable() string {
	var b strings.Builder
	b.WriteString("| section | option | | takes | default | meaning |\n|---|---|---|---|---|---|\n")
	for _, n := range Names {
		kind := "option"
		if n.List {
			kind = "list"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s | %s |\n", n.Section, n.Option, kind, n.Takes, n.Default, n.Doc)
	}
	return b.String()
}

func keysTable() string {
	var b strings.Builder
	b.WriteString("| section | options |\n|---|---|\n")
	table, row := "", ""
	for i := range config.Options {
		o := &config.Options[i]
		if o.Table != table {
			table = o.Table
			b.WriteString(row)
			if row != "" {
				b.WriteString(" |\n")
			}
			row = fmt.Sprintf("| `%s` |", sectionOf(table))
		}
		name := "`" + o.Name + "`"
		if o.Type == config.List {
			name += " (list)"
		}
		if !strings.HasSuffix(row, "|") {
			row += ","
		}
		row += " " + name
	}
	return b.String() + row + " |\n"
}

func TestManual(t *testing.T) {
	have, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	want := string(have)
	for mark, table := range map[string]string{"<!-- names -->\n": namesTable(), "<!-- keys -->\n": keysTable()} {
		before, rest, ok := strings.Cut(want, mark)
		_, after, ok2 := strings.Cut(rest, "<!-- end -->\n")
		if !ok || !ok2 {
			t.Fatalf("%s lacks the mark %q", manualFile, mark)
		}
		want = before + mark + table + "<!-- end -->\n" + after
	}
	if want == string(have) {
		return
	}
	if !*update {
		t.Fatalf("%s is not up to date: go test ./uci -update writes it", manualFile)
	}
	if err := os.WriteFile(manualFile, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
