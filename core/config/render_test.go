package config

import (
	"flag"
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the generated parts of docs/configuration.md, init.d/netifyd.toml and the golden files")

const (
	manualFile  = "../../docs/configuration.md"
	shippedFile = "../../init.d/netifyd.toml"
)

// tomlValue is the value of an option as TOML.
func tomlValue(o *Option, c *Config, i int) string {
	switch o.Type {
	case Bool, Number:
		return o.Get(c, i)
	case List:
		list := *o.field(c, i).(*[]string)
		quoted := make([]string, len(list))
		for k, s := range list {
			quoted[k] = strconv.Quote(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return strconv.Quote(o.Get(c, i))
}

// accepts is what an option takes, for people.
func accepts(o *Option) string {
	switch o.Type {
	case Number:
		return strings.TrimSpace(fmt.Sprintf("%d to %d %s", o.Min, o.Max, o.Unit))
	case Size:
		return fmt.Sprintf("%s to %s; a bare number is %s", sizeText(int(o.Min)), sizeText(int(o.Max)), o.Unit)
	case Duration:
		return fmt.Sprintf("%s to %s; a bare number is seconds", durationText(time.Duration(o.Min)), durationText(time.Duration(o.Max)))
	case Choice:
		var words []string
		for _, w := range o.Choices {
			if w != "" {
				words = append(words, w)
			}
		}
		return strings.Join(words, ", ")
	}
	return o.Type.String()
}

func manualTable(table string, c *Config) string {
	var b strings.Builder
	b.WriteString("| key | takes | default | takes effect | meaning |\n|---|---|---|---|---|\n")
	for k := range Options {
		o := &Options[k]
		if o.Table != table {
			continue
		}
		effect := "on reload"
		if o.Restart {
			effect = "on restart"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", o.Name, accepts(o), tomlValue(o, c, Count(c, table)-1), effect, o.Doc)
	}
	return b.String()
}

// fresh is the default with a fresh element in each repeated table.
func fresh() *Config {
	c := Default()
	Add(c, "interface")
	Add(c, "listen")
	Add(c, "group")
	Add(c, "action")
	Add(c, "target")
	return c
}

// withTables replaces what stands between the marks of each table.
func withTables(t *testing.T, manual string) string {
	for _, table := range tableNames() {
		begin, end := fmt.Sprintf("<!-- keys of %s -->\n", table), "<!-- end -->\n"
		before, rest, ok := strings.Cut(manual, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s lacks the marks %q and %q", manualFile, begin, end)
		}
		manual = before + begin + manualTable(table, fresh()) + end + after
	}
	return manual
}

// written64 skips a test of what is written with the defaults of 64-bit systems.
func written64(t *testing.T) {
	t.Helper()
	if bits.UintSize == 32 {
		t.Skip("the texts hold the defaults of 64-bit systems")
	}
}

func TestManualHoldsEveryOption(t *testing.T) {
	written64(t)
	text, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, manualFile, string(text), withTables(t, string(text)))
}

func TestShippedFileIsTheDefault(t *testing.T) {
	written64(t)
	text, err := os.ReadFile(shippedFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	compare(t, shippedFile, string(text), shipped())
	mustBeDefault(t, string(text))

	var all strings.Builder // the same with every default spelled out
	for line := range strings.Lines(string(text)) {
		if len(line) > 1 && line[0] == '#' && strings.IndexByte("# \n", line[1]) < 0 {
			line = line[1:]
		}
		all.WriteString(line)
	}
	if strings.Contains(all.String(), "\n#max") {
		t.Fatal("values are still commented out")
	}
	mustBeDefault(t, all.String())
}

func mustBeDefault(t *testing.T, text string) {
	t.Helper()
	c, warnings, err := Parse(shippedFile, text)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("error %v, warnings %v", err, warnings)
	}
	if changes := Diff(Default(), c); len(changes) > 0 {
		t.Fatalf("not the default: %v", changes)
	}
}

func compare(t *testing.T, path, have, want string) {
	t.Helper()
	switch {
	case have == want:
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not up to date; go test ./core/config -update writes it\nhave:\n%s\nwant:\n%s", path, have, want)
	}
}

var tableDocs = map[string]string{
	"agent":     "The agent itself.",
	"log":       "Messages, which go to standard error.",
	"capture":   "How packets are read from the interfaces.",
	"interface": "Interfaces, one table for each. Without any, the agent finds them by itself: the device of the default route is wan; bridges and other devices with private addresses are lan.",
	"listen":    "Where clients find the events, one table for each place. The first table of your own replaces the default, which is the one here.",
	"clients":   "Those who read the events.", "flows": "Flows, and the memory that they take.",
	"detection": "How protocols are found.", "hints": "Names that DNS answers give to later flows.", "usage": "Who used what.", "control": "Those who ask the agent.",
	"actions":      "Rules that tell firewalls and shapers of flows: tables [[action]], [[target]] and [[group]]. docs/actions.md has examples. These are the settings that all rules share.",
	"applications": "Files of your own that name applications and classes of domains.",
}

var examples = map[string]string{
	"interface.name": `"br-lan"`, "interface.role": `"lan"`, "interface.file": `"/tmp/capture.pcap"`,
	"interface.addresses": `["192.0.2.0/24", "2001:db8::/32"]`, "interface.filter": `"not port 22"`, "interface.exclude": `["192.0.2.9"]`,
	"interface.peer": `"pppoe-wan"`, "interface.group": `"lan"`, "interface.capture": `"ring"`,
	"listen.group": `"netifyd"`, "listen.address": `"127.0.0.1"`, "listen.port": "7150",
}

// shipped is the file that packages install: all defaults, commented out.
func shipped() string {
	var b strings.Builder
	comment(&b, "Configuration of netifyd. Every key shows its default; take away the # before a key to change it. "+
		"Times are seconds or texts such as \"1m30s\", sizes are KiB or texts such as \"2MiB\". "+
		"netifyd check-config says what is wrong with this file. The manual is docs/configuration.md.")
	c, table := Default(), ""
	for k := range Options {
		o := &Options[k]
		if renewed(o.Table) { // docs/actions.md has whole ones
			continue
		}
		if o.Table != table {
			table = o.Table
			b.WriteString("\n")
			comment(&b, tableDocs[table])
			b.WriteString(map[string]string{"interface": "# ", "listen": "#"}[table] + brackets(table) + "\n")
		}
		doc := o.Doc
		if o.Type != Text && o.Type != List && o.Type != Bool {
			doc += " (" + accepts(o) + ")"
		}
		comment(&b, doc)
		if example, ok := examples[o.Key()]; ok {
			fmt.Fprintf(&b, "# %s = %s\n", o.Name, example)
		} else {
			fmt.Fprintf(&b, "#%s = %s\n", o.Name, tomlValue(o, c, 0))
		}
	}
	return b.String()
}

// comment writes text in lines of at most 100 bytes.
func comment(b *strings.Builder, text string) {
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > 100 {
			b.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
