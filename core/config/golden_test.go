package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const goldenDir = "../../testdata/config"

// outcome is what a file gives: warnings, errors, else what differs from the default.
func outcome(name, text string) string {
	var b strings.Builder
	c, warnings, err := Parse(name, text)
	for _, w := range warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	if err != nil {
		for line := range strings.Lines(err.Error() + "\n") {
			b.WriteString("error: " + line)
		}
		return b.String()
	}
	for _, change := range Diff(Default(), c) {
		fmt.Fprintf(&b, "%s\n", change)
	}
	for i := range c.Interfaces {
		fmt.Fprintf(&b, "%+v\n", c.Interfaces[i])
	}
	for i := range c.Listeners {
		fmt.Fprintf(&b, "%+v\n", &c.Listeners[i])
	}
	return b.String()
}

// TestFiles holds every file of testdata/config against its .want.
func TestFiles(t *testing.T) {
	written64(t)
	files, err := filepath.Glob(goldenDir + "/*.*")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".want") })
	if len(files) == 0 {
		t.Fatal("no files in " + goldenDir)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(file + ".want")
			if err != nil && !*update {
				t.Fatal(err)
			}
			compare(t, file+".want", string(want), outcome(filepath.Base(file), string(text)))
		})
	}
}

// The examples that the manual promises.
func TestMessages(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[flows]\nmax = \"many\"\n", `/etc/netifyd.toml:2: flows.max is "many": want a whole number from 64 to 1048576`},
		{"[flows]\nidle_tpc = 3\n", `/etc/netifyd.toml:2: unknown key flows.idle_tpc: did you mean flows.idle_tcp?`},
		{"[usage]\ndir = '/x'\n", `/etc/netifyd.toml:2: unknown key usage.dir: did you mean usage.directory?`},
		{"[applications]\ndirectory = '/x'\n", `/etc/netifyd.toml:2: unknown key applications.directory: did you mean applications.dir?`},
		{"[flows]\nmaximum = 3\n", `/etc/netifyd.toml:2: unknown key flows.maximum: did you mean flows.max?`},
		{"[log]\ndevice = 'x'\n", `/etc/netifyd.toml:2: unknown key log.device: [log] has level, format, output`},
		{"[[listen]]\nhost = 'x'\n", `/etc/netifyd.toml:2: unknown key listen.host: [[listen]] has path, mode, group, address, port, dialect, allow, tables, kinds`},
		{"max_flows = 3\n", `/etc/netifyd.toml:1: unknown key max_flows: did you mean flows.max?`},
		{"\n[captur]\n", `/etc/netifyd.toml:2: unknown table captur: did you mean [capture]?`},
		{"[[rule]]\n", `/etc/netifyd.toml:1: unknown table rule: a rule is written as [[action]] here`},
	} {
		_, _, err := Parse(DefaultPath, c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q\nhave %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ini := write("netifyd.conf", "[netifyd]\nmax_flows = 500\n")
	bare := write("bare", "[dns_hint_cache]\nttl = 5\n")
	dressed := write("toml.conf", "[flows]\nmax = 600\n[[interface]]\nname = \"eth0\"\n")
	marked := write("mark.toml", "\ufeff[flows]\r\nmax = 700\r\n")
	big := write("big.toml", strings.Repeat("# no end\n", MaxFile/8))

	for path, want := range map[string]int{ini: 500, bare: 8192, dressed: 600, marked: 700} {
		c, _, err := Load(path)
		if err != nil || c.MaxFlows != want || c.Path != path {
			t.Errorf("%s: %+v, %v", path, c, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "absent"): "absent: cannot read the configuration: no such file or directory",
		big:                          "big.toml: larger than 131072 bytes: this is no configuration file",
		dir:                          ": cannot read the configuration: is a directory",
	} {
		_, _, err := Load(path)
		var all Errors
		if !errors.As(err, &all) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: have %v, want %s", path, err, want)
		}
	}

	toml := write("first.toml", "flows.max = 800\n")
	absent := filepath.Join(dir, "absent")
	for _, c := range []struct {
		paths []string
		want  int
	}{{[]string{toml, ini}, 800}, {[]string{absent, ini}, 500}, {[]string{absent, absent}, 8192}} {
		got, _, err := loadFirst(c.paths...)
		if err != nil || got.MaxFlows != c.want {
			t.Errorf("%v: %+v, %v", c.paths, got, err)
		}
	}
}

// A text without quotes is the mistake that people make first.
func TestTextWithoutQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"[log]\nlevel = warn\n":                          `x.toml:2: warn is text: put it in quotes, as in level = "warn"`,
		"[agent]\nvolatile_dir = /var/run/n # here\n":    `x.toml:2: /var/run/n is text: put it in quotes, as in volatile_dir = "/var/run/n"`,
		"[flows]\nidle = 5m\nmax = 100\n":                `x.toml:2: 5m is text: put it in quotes, as in idle = "5m"`,
		"[capture]\nring = 2MiB":                         `x.toml:2: 2MiB is text: put it in quotes, as in ring = "2MiB"`,
		"[[listen]]\naddress = 127.0.0.1\n":              `x.toml:2: 127.0.0.1 is text: put it in quotes, as in address = "127.0.0.1"`,
		"[[listen]]\naddress = ::1\nport = 7150\n":       `x.toml:2: ::1 is text: put it in quotes, as in address = "::1"`,
		"[capture]\nshunt = True\n":                      "x.toml:2: True: write true",
		"[capture]\nshunt = off\n":                       "x.toml:2: off: write false",
		"[[interface]]\nname = eth0\n":                   `x.toml:2: eth0 is text: put it in quotes, as in name = "eth0"`,
		"[[interface]]\nname = \"eth0\nrole = \"lan\"\n": "x.toml:2: ",
	} {
		_, _, err := Parse("x.toml", text)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}
