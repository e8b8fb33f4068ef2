package query_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"netifyd/core/query"
)

var update = flag.Bool("update", false, "write docs/query.md anew")

const manual = "../../docs/query.md"

// The manual's list of questions is made from the table that dispatches.
func TestManual(t *testing.T) {
	const from, to = "<!-- questions: go test ./core/query -run Manual -update -->\n", "<!-- end of questions -->\n"
	var b strings.Builder
	for _, m := range query.Methods() {
		fmt.Fprintf(&b, "\n### %s\n\n%s", m.Name, m.Doc)
		if m.Change {
			b.WriteString(" Only for those who may change something.")
		}
		b.WriteString("\n")
		if len(m.Args) > 0 {
			b.WriteString("\n| argument | is | meaning |\n|---|---|---|\n")
			for _, a := range m.Args {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", a.Name, a.Kind, strings.ReplaceAll(a.Doc, "|", "\\|"))
			}
		}
		args := m.Example
		if args != "" {
			args = " '" + args + "'"
		}
		fmt.Fprintf(&b, "\n    netifyd query %s%s\n", m.Name, args)
	}
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), from)
	_, tail, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the marks %q and %q", manual, from, to)
	}
	want := head + from + b.String() + to + tail
	switch {
	case want == string(text):
	case *update:
		if err := os.WriteFile(manual, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is old: go test ./core/query -run Manual -update", manual)
	}
}
