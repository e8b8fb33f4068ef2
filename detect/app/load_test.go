package app

import (
	"encoding/base64"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"netifyd/core/expr"
	"netifyd/core/proto"
)

// write makes a directory of files.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t testing.TB, apps, domains map[string]string) (*Catalogue, []string) {
	t.Helper()
	c, warnings, err := Load(write(t, apps), write(t, domains))
	if err != nil {
		t.Fatal(err)
	}
	return c, warnings
}

func hosts(t *testing.T, c *Catalogue, want map[string]string) {
	t.Helper()
	for name, tag := range want {
		if got := tagOf(c.Host([]byte(name))); got != tag {
			t.Errorf("%s is %q, want %q", name, got, tag)
		}
	}
}

func TestNothingToLoad(t *testing.T) {
	for _, dir := range []string{"", "/nonexistent/apps.d", t.TempDir()} {
		c, warnings, err := Load(dir, dir)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%q: %v %v", dir, err, warnings)
		}
		hosts(t, c, map[string]string{"www.netflix.com": "netify.netflix", "nothing.example": ""})
	}
}

func TestAddApplication(t *testing.T) {
	c, warnings := load(t, map[string]string{"home.toml": `
# mine
[[app]]
tag = "home.nas"
label = "The box in the cellar"
category = "file-sharing"
domains = ["nas.example", 'files.example.net']
networks = ["203.0.113.0/24", "2001:db8:1::/48"]
hosts = ["cam-*.example.org", "*backup.*.example.org"]
protocols = ["9P"]
`}, nil)
	if len(warnings) > 0 {
		t.Error(warnings)
	}
	hosts(t, c, map[string]string{
		"nas.example": "home.nas", "a.b.nas.example": "home.nas", "xnas.example": "", "FILES.example.net.": "home.nas",
		"cam-1.example.org": "home.nas", "x.cam-1.example.org": "home.nas", "cam.example.org": "", "example.org": "",
		"cam-1.x.example.org": "", "mybackup.site.example.org": "home.nas", "backup.example.org": "", "www.netflix.com": "netify.netflix",
	})
	a := c.Host([]byte("nas.example"))
	if a.Label != "The box in the cellar" || a.Category != 10 || a.ID < firstUser || c.Tag(a.ID) != "home.nas" {
		t.Errorf("%+v", a)
	}
	for addr, want := range map[string]string{"203.0.113.9": "home.nas", "203.0.114.0": "", "2001:db8:1::9": "home.nas", "::ffff:203.0.113.9": "home.nas"} {
		if got := tagOf(c.Address(netip.MustParseAddr(addr))); got != want {
			t.Errorf("%s is %q, want %q", addr, got, want)
		}
	}
	if id, _ := proto.Parse("9P"); tagOf(c.Twin(id)) != "home.nas" {
		t.Error("9P stands for nothing")
	}
	again, _ := load(t, map[string]string{"other.toml": "[[app]]\ntag = \"home.nas\"\n"}, nil)
	if again.Tag(a.ID) != "home.nas" {
		t.Error("the identifier of a tag changes from one load to the next")
	}
}

func TestOverride(t *testing.T) {
	c, _ := load(t, map[string]string{
		"10-first.toml": "[[app]]\ntag = \"netify.netflix\"\nlabel = \"Films\"\ncategory = \"entertainment\"\ndomains = [\"films.example\"]\n",
		"20-second.toml": `[[app]]
tag = "home.kids"
id = 500000
domains = ["films.example", "api.netflix.com"]
networks = ["142.250.1.0/24"]
`}, nil)
	hosts(t, c, map[string]string{"films.example": "home.kids", "api.netflix.com": "home.kids", "www.netflix.com": "netify.netflix"})
	if a := c.App(133); a.Label != "Films" || a.Category != 4 {
		t.Errorf("%+v", a)
	}
	if a := Default().App(133); a.Label == "Films" || a.Category != 29 {
		t.Errorf("the built-in catalogue changed: %+v", a)
	}
	if got := tagOf(c.Address(netip.MustParseAddr("142.250.1.1"))); got != "home.kids" {
		t.Errorf("the address is %q", got)
	}
}

func TestReplace(t *testing.T) {
	c, _ := load(t, map[string]string{"a.toml": "[[app]]\ntag = \"netify.netflix\"\nreplace = true\ndomains = [\"films.example\"]\n"}, nil)
	hosts(t, c, map[string]string{"www.netflix.com": "", "films.example": "netify.netflix"})
	if c.Tag(133) != "netify.netflix" {
		t.Error("the application itself is gone")
	}
}

const conf = `# as netifyd reads it
app:133:netify.netflix
app:60000:acme.portal
dom:60000:portal.example
dom:60000:Intranet.Example
net:60000:198.51.100.0/25
net:60000:2001:db8:2::/48
dom:133:portal.example
xfm:^edge[0-9]+-(.+)$:$1
xfm:\.cdn\.example$:
`

func TestConf(t *testing.T) {
	soft := "nsd:60000:-1:" + base64.StdEncoding.EncodeToString([]byte("application == 'netify.netflix' && other_port == 4443;")) + "\n"
	c, _ := load(t, map[string]string{"netify-apps.conf": conf + soft + "nsd:133:64999:Kg==\n"}, nil)
	hosts(t, c, map[string]string{
		"portal.example": "acme.portal", "www.intranet.example": "acme.portal", "edge12-portal.example": "acme.portal",
		"edge1-www.netflix.com": "netify.netflix", "portal.example.cdn.example": "acme.portal", "edge-portal.example": "",
	})
	if got := tagOf(c.Address(netip.MustParseAddr("198.51.100.1"))); got != "acme.portal" {
		t.Errorf("the address is %q", got)
	}
	in := &expr.Input{App: 133, AppTag: "netify.netflix", OtherPort: 4443}
	if a, id, ok := c.Soften(in); !ok || tagOf(a) != "acme.portal" || id != proto.Unknown {
		t.Errorf("%v %v %v", a, id, ok)
	}
	in.OtherPort = 443
	if _, _, ok := c.Soften(in); ok || !c.HasSoft() {
		t.Error("the rule holds for another port")
	}
	if n := testing.AllocsPerRun(100, func() { c.Soften(in) }); n != 0 {
		t.Errorf("Soften allocates %v times", n)
	}
}

func TestSoftInTOML(t *testing.T) {
	c, _ := load(t, map[string]string{"a.toml": `
[[soft]]
when = "other_port == 8883 and detected_hostname == 'rx:\\.iot\\.example$'"
app = "netify.netflix"
protocol = "MQTT/S"

[[rewrite]]
match = '^m\.(.*)'
replace = '$1'
`}, nil)
	a, id, ok := c.Soften(&expr.Input{OtherPort: 8883, Host: []byte("x.IOT.example")})
	if !ok || a.ID != 133 || id != proto.MQTTS {
		t.Errorf("%v %v %v", a, id, ok)
	}
}

// A broken file is refused as a whole, with the file and the line.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"[[app]]\ntag = \"a\"\ndomains = [\n\"x.example\",\n\"y..example\"]\n": "a.toml:5: ",
		"[[app]]\n\ntag = \"A b\"\n":                                 "a.toml:1: ",
		"[[app]]\ntag = \"a\"\ntag = \"b\"\n":                        "a.toml:3: tag is already in line 2",
		"[[app]]\ntag = \"a\"\ncolour = 1\n":                         "a.toml:3: unknown key \"colour\"",
		"[[apps]]\n":                                                 "a.toml:1: unknown table",
		"tag = \"a\"\n":                                              "a.toml:1: tag stands before the first table",
		"[[app]]\ntag = \"a\"\nid = 133\n":                           "a.toml:1: the identifier 133 is that of netify.netflix",
		"[[app]]\ntag = \"a\"\ncategory = \"fun\"\n":                 "a.toml:3: \"fun\" is no application category",
		"[[app]]\nid = 77777\n":                                      "a.toml:1: there is no application 77777",
		"[[app]]\ntag = \"a\"\nnetworks = [\"10.0.0.1/8\"]\n":        "write 10.0.0.0/8",
		"[[app]]\ntag = \"a\"\nhosts = [\"*.example\"]\n":            "the last two labels",
		"[[app]]\ntag = \"a\"\nprotocols = [\"NoSuch\"]\n":           "NoSuch",
		"[[app]]\ntag = \"a\"\ndomains = [\"https://x.example/\"]\n": "leave out the scheme",
		"[[app]]\ntag = \"a\"\ndomains = [\"*.x.example\"]\n":        "sub-domains are always meant",
		"[[app]]\ntag = \"a\"\ndomains = [\"münchen.example\"]\n":    "xn--",
		"[[app]]\ntag = \"a\"\ndomains = [\"x.example\"]\n[[app]]\ntag = \"b\"\ndomains = [\"x.example\"]\n": "a.toml:6: x.example is already",
		"[[soft]]\nwhen = \"other_port = 1\"\napp = \"netify.netflix\"\n":                                    "a.toml:2: column 12: write == to compare",
		"[[soft]]\nwhen = \"other_port == 1\"\napp = \"nobody\"\n":                                           "there is no application",
		"[[soft]]\nwhen = \"other_port == 1\"\n":                                                             "sets nothing",
		"[[rewrite]]\nmatch = \"(\"\n":                                                                       "a.toml:2: the regular expression",
		"[[rewrite]]\nmatch = \"((a{90}){90}){9}\"\n":                                                        "a.toml:2: the regular expression",
		"[[app]]\ntag = \"a\n":                                                                               "closing quote",
		"[[app]]\ntag = \"\xff\"\n":                                                                          "a.toml:2: a byte that is no UTF-8",
	} {
		c, _, err := Load(write(t, map[string]string{"a.toml": text, "good.toml": "[[app]]\ntag = \"good\"\n"}), "")
		if err == nil || c != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestConfRefused(t *testing.T) {
	for text, want := range map[string]string{
		"app:1\n": "n.conf:1: want app:ID:TAG", "# x\n\nfoo:1:b\n": "n.conf:3: unknown kind", "dom:x:a.example\n": "n.conf:1: \"x\" is no identifier",
		"app:60000:a\ndom:60000:..\n": "n.conf:2: ", "dom:77777:a.example\n": "there is no application 77777", "nsd:1:-1:%%\n": "no base64",
		"app:60000:a\nnsd:60000:-1:" + base64.StdEncoding.EncodeToString([]byte("foo == 1")) + "\n": "n.conf:2: column 1: unknown field foo",
	} {
		if _, _, err := Load(write(t, map[string]string{"n.conf": text}), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestDomainLists(t *testing.T) {
	c, warnings := load(t, nil, map[string]string{
		"90-adult.txt":   "# list\nbad.example\nwww.Good.example.\r\n\n  spaced.example  \nnot a name\n..\n",
		"9-malware.txt":  "bad.example\n",
		"readme.md":      "no list",
		"50-games.txt":   "deep.bad.example",
		"70-news.txt":    "",
		".9-hidden.txt~": "",
	})
	for name, want := range map[string]uint8{
		"bad.example": 16, "x.bad.example": 16, "deep.bad.example": 12, "x.deep.bad.example": 12, "good.example": 0, "WWW.good.example.": 2,
		"spaced.example": 2, "notbad.example": 0, "": 0, "..": 0,
	} {
		if got := c.DomainCategory([]byte(name)); got != want {
			t.Errorf("%q is in %d, want %d", name, got, want)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "90-adult.txt:6: not a domain name (2 such lines") {
		t.Errorf("%q", warnings)
	}
	for _, name := range []string{"90-nonsense.txt", "adult.txt"} {
		if _, _, err := Load("", write(t, map[string]string{name: "a.example\n"})); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestCategoriesJSON(t *testing.T) {
	json := `{"last_update": 1, "application_tag_index": {"streaming-media": 29, "house": 200}, "application_index": [[200, [133, 4242]]],
		"protocol_tag_index": {}, "protocol_index": [[9, [5]]]}`
	c, _ := load(t, map[string]string{"netify-categories.json": json, "a.toml": "[[app]]\ntag = \"a\"\ncategory = \"house\"\ndomains = [\"a.example\"]\n" +
		"[[soft]]\nwhen = \"ac:house\"\napp = \"a\"\n"}, nil)
	if a := c.App(133); a.Category != 200 || c.Host([]byte("a.example")).Category != 200 || c.CategoryTag(200) != "house" {
		t.Errorf("%+v", a)
	}
	if c.ProtocolCategory(proto.DNS) != 9 || c.ProtocolCategory(proto.HTTP) != uint8(proto.Web) {
		t.Error("categories of protocols")
	}
	for _, bad := range []string{`[]`, `{"application_index": [[1]]}`, `{"application_tag_index": {"games": 13}}`, `{"protocol_index": [[0, [1]]]}`} {
		if _, _, err := Load(write(t, map[string]string{"netify-categories.json": bad}), ""); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestExplain(t *testing.T) {
	c, _ := load(t, map[string]string{"home.toml": "\n[[app]]\ntag = \"home.nas\"\ndomains = [\"nas.example\"]\nhosts = [\"cam-*.example.org\"]\nnetworks = [\"203.0.113.0/24\"]\n"},
		map[string]string{"10-games.txt": "nas.example\n"})
	for what, want := range map[string][]string{
		"WWW.nas.example.":  {"home.nas", "by the domain nas.example", "home.toml:2", "domain category games"},
		"cam-2.example.org": {"by the host rule cam-*.example.org", "home.toml:2"},
		"203.0.113.7":       {"home.nas", "by the network 203.0.113.0/24", "home.toml:2"},
		"www.netflix.com":   {"netify.netflix: Netflix, number 133, category streaming-media", "by the domain netflix.com, built in"},
		"nothing.example":   {"no application"},
		"192.0.2.1":         {"no application"},
		"Steam":             {"protocol Steam", "netify.steam"},
		"TikTok":            {"application TikTok", "netify.tiktok: TikTok, number 10302"},
		"netify.tiktok":     {"application netify.tiktok", "netify.tiktok: TikTok"},
		"home.nas":          {"application home.nas", "home.nas: "},
		"a\x1b[0m.example":  {"a?[0m.example"},
	} {
		got := c.Explain(what)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s:\n%swant %q", what, got, w)
			}
		}
	}
}

// A thousand reloads leave no more memory in use than the first one did.
func TestReloadsLeakNothing(t *testing.T) {
	apps := write(t, map[string]string{"many.toml": string(manyApps(50, 10)), "netify-apps.conf": conf, "bad.toml~": ""})
	domains := write(t, map[string]string{"10-games.txt": strings.Repeat("a.example\nb.example\n", 500)})
	inUse := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var c *Catalogue
	again := func() {
		next, _, err := Load(apps, domains)
		if err != nil {
			t.Fatal(err)
		}
		c = next
	}
	for range 10 {
		again()
	}
	before := inUse()
	for range 1000 {
		again()
	}
	after := inUse()
	t.Logf("%d bytes in use before, %d after; a catalogue says %d, of which %d are its own", before, after, c.Bytes(), c.added)
	if after > before+64<<10 {
		t.Errorf("%d bytes in use before 1000 reloads, %d after", before, after)
	}
	if c.layers[len(c.layers)-1].Table != builtin().Table {
		t.Error("the built-in table was copied")
	}
	runtime.KeepAlive(c)
}

// A directory that cannot be read is said once.
func TestNoDirectory(t *testing.T) {
	file := filepath.Join(write(t, map[string]string{"f": ""}), "f")
	if _, _, err := Load(file, ""); err == nil || err.Error() != file+": no directory that can be read: not a directory" {
		t.Error(err)
	}
}
