package app

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"netifyd/core/proto"
	"netifyd/detect/app/internal/source"
)

// manyApps is a catalogue in TOML of n applications with as many domains each.
func manyApps(n, domains int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[[app]]\ntag = \"test.app%d\"\ncategory = \"games\"\ndomains = [\n", i)
		for d := range domains {
			fmt.Fprintf(&b, "  \"host%d.app%d.example\",\n", d, i)
		}
		fmt.Fprintf(&b, "]\nnetworks = [\"10.%d.%d.0/24\"]\n\n", i/250, i%250)
	}
	return []byte(b.String())
}

// rows are the lines of a file of testdata with n columns, without comments.
func rows(t *testing.T, path string, n int) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '#' {
			cols := strings.Split(line, "\t")
			if len(cols) != n {
				t.Fatalf("%s: %q has %d columns, not %d", path, line, len(cols), n)
			}
			out = append(out, cols)
		}
	}
	return out
}

func tagOf(a *App) string {
	if a == nil {
		return ""
	}
	return a.Tag
}

// The compiled catalogue is what its sources say: run go generate ./detect/app after a change.
func TestCompiledIsCurrent(t *testing.T) {
	files, known, err := source.ReadDir("catalogue")
	if err != nil {
		t.Fatal(err)
	}
	data, sum, err := source.Compile(files, known)
	if err != nil {
		t.Fatal(err)
	}
	if data != compiled {
		t.Errorf("catalogue.bin is not what catalogue/*.toml compile to: run go generate ./detect/app")
	}
	again, _, _ := source.Compile(files, known)
	if again != data {
		t.Error("two runs of the compiler give different bytes")
	}
	t.Logf("%+v, %d bytes embedded, %d resident", sum, len(compiled), Default().Bytes())
}

// Budgets of the built-in catalogue, in bytes a domain and in all.
func TestBudget(t *testing.T) {
	l := builtin()
	if max := 250 << 10; len(compiled) > max && float64(len(compiled)-20<<10) > float64(max)/6000*float64(l.Domains()) {
		t.Errorf("%d bytes embedded for %d domains", len(compiled), l.Domains())
	}
	if max := 1 << 20; Default().Bytes() > max {
		t.Errorf("%d bytes resident, at most %d", Default().Bytes(), max)
	}
}

// Every fact of the sources is found again.
func TestEverySourceFactIsFound(t *testing.T) {
	files, known, err := source.ReadDir("catalogue")
	if err != nil {
		t.Fatal(err)
	}
	if data, _, _ := source.Compile(files, known); data != compiled {
		t.Skip("catalogue.bin is not current")
	}
	c := Default()
	for _, f := range files {
		for _, a := range f.Apps {
			for _, d := range a.Domains {
				for _, name := range []string{d.Text, "www." + d.Text, strings.ToUpper("a-1.b." + d.Text + ".")} {
					if name != d.Text && strings.Contains(d.Text, "_") {
						continue
					}
					got := c.Host([]byte(name))
					if tagOf(got) != a.Tag && (name == d.Text || got == nil) {
						t.Errorf("%s is %q, want %s", name, tagOf(got), a.Tag)
					}
				}
				if got := c.Host([]byte("x" + d.Text)); tagOf(got) == a.Tag && !below(files, "x"+d.Text, a.Tag) {
					t.Errorf("x%s is %s as well", d.Text, a.Tag)
				}
			}
			for _, p := range a.Protocols {
				if id, _ := source.Protocol(p.Text); tagOf(c.Twin(id)) != a.Tag {
					t.Errorf("protocol %s is %q, want %s", p.Text, tagOf(c.Twin(id)), a.Tag)
				}
			}
			for _, n := range a.Networks {
				p, err := source.Network(n.Text)
				if err != nil {
					t.Fatal(err)
				}
				_, _, in := c.address(p.Addr())
				if in.Bits() < p.Bits() || !p.Contains(in.Addr()) {
					t.Errorf("%s is found by %s", p, in)
				}
			}
		}
	}
}

// below says whether a domain of the application is name or a parent of it.
func below(files []*source.File, name, tag string) bool {
	for _, f := range files {
		for _, a := range f.Apps {
			for _, d := range a.Domains {
				if a.Tag == tag && (name == d.Text || strings.HasSuffix(name, "."+d.Text)) {
					return true
				}
			}
		}
	}
	return false
}

func TestKnownHosts(t *testing.T) {
	c := Default()
	list := rows(t, "testdata/known.tsv", 2)
	if len(list) < 300 {
		t.Errorf("%d names, want 300", len(list))
	}
	for _, r := range list {
		if got := tagOf(c.Host([]byte(r[0]))); got != r[1] {
			t.Errorf("%s is %q, want %s", r[0], got, r[1])
		}
	}
}

// Names that only look like those of well-known services.
func TestLookalikes(t *testing.T) {
	c := Default()
	list := rows(t, "testdata/lookalikes.tsv", 1)
	if len(list) < 200 {
		t.Errorf("%d names, want 200", len(list))
	}
	for _, r := range list {
		if got := c.Host([]byte(r[0])); got != nil {
			t.Errorf("%s is %s", r[0], got.Tag)
		}
	}
}

func TestHostileNames(t *testing.T) {
	c := Default()
	long := strings.Repeat("a.", 122) + "netflix.com"
	for name, want := range map[string]string{
		"": "", ".": "", "..": "", "com": "", ".com": "", "netflix.com": "netify.netflix", "NetFlix.COM.": "netify.netflix",
		"netflix.com..": "", ".netflix.com": "", "a..netflix.com": "", "a netflix.com": "", "\x00.netflix.com": "",
		"\xff.netflix.com": "", "netflix.com\n": "", "netflix.com:443": "", long: "netify.netflix", strings.Repeat("a", 250) + ".netflix.com": "",
		strings.Repeat("a", 300): "", strings.Repeat(".", 255): "", "*.netflix.com": "netify.netflix", "192.0.2.1": "",
	} {
		if got := tagOf(c.Host([]byte(name))); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	c := Default()
	name, miss := []byte("ipv4-c001.1.oca.nflxvideo.net"), []byte("WWW.example.org.")
	four, six := netip.MustParseAddr("142.250.1.1"), netip.MustParseAddr("2a00:1450::1")
	for what, fn := range map[string]func(){
		"Host": func() { c.Host(name) }, "Host, none": func() { c.Host(miss) }, "Address": func() { c.Address(four) },
		"Address, IPv6": func() { c.Address(six) }, "Twin": func() { c.Twin(proto.Steam) }, "Tag": func() { c.Tag(133) },
		"DomainCategory": func() { c.DomainCategory(name) },
	} {
		if n := testing.AllocsPerRun(100, fn); n != 0 {
			t.Errorf("%s allocates %v times", what, n)
		}
	}
}

func TestEachInOrder(t *testing.T) {
	last, n := uint32(0), 0
	Default().Each(func(id uint32, tag string) {
		if id <= last || tag == "" {
			t.Errorf("%d %q after %d", id, tag, last)
		}
		last = id
		n++
		if Default().Tag(id) != tag {
			t.Errorf("the tag of %d is %q, want %q", id, Default().Tag(id), tag)
		}
	})
	if n == 0 || Default().Tag(1) != "" {
		t.Error("no applications, or one without number")
	}
}

func FuzzHost(f *testing.F) {
	for _, n := range benchNames {
		f.Add([]byte(n))
	}
	c := Default()
	f.Fuzz(func(t *testing.T, name []byte) {
		was := string(name)
		if a := c.Host(name); a != nil && !strings.Contains(was, ".") && tagOf(c.Host([]byte(was))) != a.Tag {
			t.Error("two answers")
		}
		c.DomainCategory(name)
		c.Explain(was)
		if string(name) != was {
			t.Error("the name was written to")
		}
	})
}
