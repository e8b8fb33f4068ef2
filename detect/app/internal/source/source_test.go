package source

import (
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

const sample = `# comment
[[app]]
id = 133 # behind
tag = "netify.netflix"
label = 'Net\flix'
category = "streaming-media"
domains = ["netflix.com",
  # between
  "nflxvideo.net" , 'x.example',
]
network = true
note = """
a "long" \
   note\u00e9
"""

[[ soft ]]
when = "app == 1"
app = "a"

[[app]]
tag = "b"
domains = []
`

func TestReadTOML(t *testing.T) {
	f, err := ReadTOML("a.toml", sample)
	if err != nil {
		t.Fatal(err)
	}
	a := f.Apps[0]
	if a.ID != 133 || a.Tag != "netify.netflix" || a.Label != `Net\flix` || !a.Network || !a.SaysNetwork || a.Note != "a \"long\" noteé\n" {
		t.Errorf("%+v", a)
	}
	if want := []Fact{{"netflix.com", 7}, {"nflxvideo.net", 9}, {"x.example", 9}}; !reflect.DeepEqual(a.Domains, want) {
		t.Errorf("%v, want %v", a.Domains, want)
	}
	if a.Line != 2 || a.LineOf("category") != 6 || a.LineOf("hosts") != 2 || f.Apps[1].Line != 21 || f.Softs[0].When != (Fact{"app == 1", 18}) {
		t.Errorf("lines: %+v", f)
	}
	again, err := ReadTOML("a.toml", strings.ReplaceAll(sample, "\n", "\r\n"))
	if err != nil || len(again.Apps) != 2 || again.Apps[0].LineOf("category") != 6 {
		t.Errorf("with CR LF: %v", err)
	}
}

// What the catalogue reader accepts is TOML, and means the same there.
func FuzzTOML(f *testing.F) {
	for _, s := range []string{sample, "[[app]]\nid=1\n", "[[app]]\ntag='''\nx'''''\n", "[[rewrite]]\nmatch = \"a\\tb\\U0001F600\"\nreplace = ''", "[[app]]\ndomains = [ 'a' , \"b\"\n, ]", "\ufeff[[app]]", "[[app]]\nid=01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadTOML("f.toml", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.toml:") {
				t.Errorf("no line: %v", err)
			}
			return
		}
		var doc struct {
			App []struct {
				ID                                  uint32
				Tag, Label, Category, Note          string
				Domains, Networks, Hosts, Protocols []string
				Network, Replace                    bool
			}
			Soft    []struct{ When, App, Protocol string }
			Rewrite []struct{ Match, Replace string }
		}
		if _, err := toml.Decode(text, &doc); err != nil {
			t.Fatalf("%q is no TOML: %v", text, err)
		}
		if len(doc.App) != len(got.Apps) || len(doc.Soft) != len(got.Softs) || len(doc.Rewrite) != len(got.Rewrites) {
			t.Fatalf("%q: other tables", text)
		}
		for i, a := range got.Apps {
			d := doc.App[i]
			if a.ID != d.ID || a.Tag != d.Tag || a.Label != d.Label || a.Category != d.Category || a.Note != d.Note || a.Network != d.Network || a.Replace != d.Replace {
				t.Errorf("%q: %+v, want %+v", text, a, d)
			}
			for _, l := range []struct {
				got  []Fact
				want []string
			}{{a.Domains, d.Domains}, {a.Networks, d.Networks}, {a.Hosts, d.Hosts}, {a.Protocols, d.Protocols}} {
				if len(l.got) != len(l.want) {
					t.Fatalf("%q: %v, want %v", text, l.got, l.want)
				}
				for i, f := range l.got {
					if f.Text != l.want[i] || f.Line < a.Line {
						t.Errorf("%q: %v, want %v", text, f, l.want[i])
					}
				}
			}
		}
		for i, s := range got.Softs {
			if d := doc.Soft[i]; s.When.Text != d.When || s.App.Text != d.App || s.Protocol.Text != d.Protocol {
				t.Errorf("%q: %+v, want %+v", text, s, d)
			}
		}
	})
}

func FuzzConf(f *testing.F) {
	f.Add("app:1:a\ndom:1:example.com\nnet:1:192.0.2.0/24\nnsd:1:-1:Kg==\nxfm:a:b\n# x\n")
	f.Add("dom:1:a\napp:1:b\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadConf("n.conf", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "n.conf:") {
				t.Errorf("no line: %v", err)
			}
			return
		}
		lines := 1 + strings.Count(text, "\n")
		for _, a := range got.Apps {
			if a.ID == 0 || a.Line < 1 || a.Line > lines || a.IsNew && a.Tag == "" {
				t.Errorf("%q: %+v", text, a)
			}
		}
	})
}

func TestDomain(t *testing.T) {
	for text, want := range map[string]string{
		"Example.COM": "example.com", "example.com.": "example.com", "xn--bcher-kva.example": "xn--bcher-kva.example", "_x.example.com": "_x.example.com",
		"": "", ".": "", ".example.com": "", "a..b": "", "a b.c": "", "-a.b": "", "a-.b": "", "bücher.example": "", "http://a.b": "", "*.a.b": "",
		strings.Repeat("a", 64) + ".com": "", strings.Repeat("a.", 12) + "com": "",
	} {
		if got, err := Domain(text); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
}

func TestTooGeneral(t *testing.T) {
	for name, want := range map[string][2]bool{ // too general by itself, and for a content network
		"com": {true, true}, "co.uk": {true, true}, "com.br": {true, true}, "github.io": {true, false}, "cloudfront.net": {true, false},
		"amazonaws.com": {true, false}, "x.cloudfront.net": {false, false}, "example.com": {false, false}, "t.co": {false, false},
		"google": {false, false}, "bbc.co.uk": {false, false}, "uk.com": {true, true},
	} {
		if got := [2]bool{TooGeneral(name, false) != "", TooGeneral(name, true) != ""}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// compile compiles one file of the built-in catalogue.
func compile(t *testing.T, text string) error {
	t.Helper()
	var known Known
	if err := known.Add("applications.tsv", "id\ttag\tcategory_id\n133\tnetify.netflix\t29\n"); err != nil {
		t.Fatal(err)
	}
	if err := known.Add("identifiers.tsv", "id\ttag\n10003\tnetify.steam\n"); err != nil {
		t.Fatal(err)
	}
	f, err := ReadTOML("a.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Compile([]*File{f}, known)
	return err
}

func TestKnownRefuses(t *testing.T) {
	var known Known
	if err := known.Add("a.tsv", "id\ttag\n1\ta\n"); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"id\ttag\n2\tb\n1\tc\n": "b.tsv:3: 1 is already the identifier of a",
		"id\ttag\n3\ta\n":       "b.tsv:2: a has the identifier 1 already",
		"id\ttag\nx\td\n":       "b.tsv:2: want identifier and tag",
		"id\ttag\n4\n":          "b.tsv:2: want identifier and tag",
	} {
		if err := known.Add("b.tsv", text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	entry := func(id, tag, more string) string {
		return "[[app]]\nid = " + id + "\ntag = \"" + tag + "\"\nlabel = \"L\"\ncategory = \"games\"\nnote = \"n\"\n" + more + "\n"
	}
	good := entry("133", "netify.netflix", `domains = ["netflix.com"]`)
	if err := compile(t, good); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		entry("134", "netify.netflix", `domains = ["a.example"]`):            "a.toml:2: netify.netflix has the identifier 133",
		entry("19999", "netify.x", `domains = ["a.example"]`):                "a.toml:2: netify.x is neither in applications.tsv nor in identifiers.tsv",
		entry("20309", "netify.steam", `domains = ["a.example"]`):            "a.toml:2: netify.steam has the identifier 10003",
		entry("10003", "netify.x", `domains = ["a.example"]`):                "a.toml:2: netify.x is neither",
		good + entry("20000", "netify.netflix", `domains = ["a.example"]`):   "a.toml:10: netify.netflix is already in a.toml:3",
		good + entry("133", "netify.x", `domains = ["a.example"]`):           "a.toml:9: identifier 133 is already in a.toml:2",
		good + entry("20000", "netify.x", `domains = ["netflix.com"]`):       "a.toml:14: netflix.com is already with netify.netflix in a.toml:7",
		entry("20000", "netify.x", `domains = ["a.b.example", "b.example"]`): "a.b.example is below b.example",
		entry("20000", "netify.x", `domains = ["co.uk"]`):                    "a.toml:7: co.uk is too general",
		entry("20000", "netify.x", `domains = ["github.io"]`):                "network = true",
		entry("20000", "netify.x", `protocols = ["nope"]`):                   "a.toml:7: \"nope\" is no protocol",
		entry("20000", "netify.x", `networks = ["10.0.0.0/4"]`):              "a.toml:7: ",
		entry("20000", "netify.x", ""):                                       "known by nothing",
		strings.Replace(good, "games", "fun", 1):                             "a.toml:5: \"fun\" is no application category",
		strings.Replace(good, "note = \"n\"", "", 1):                         "has no note",
		good + "[[soft]]\nwhen = \"app\"\n":                                  "has no [[soft]] rules",
	} {
		if err := compile(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q, of\n%s", err, want, text)
		}
	}
	if err := compile(t, entry("20000", "netify.x", "domains = [\"github.io\"]\nnetwork = true")); err != nil {
		t.Error(err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	var e Errors
	for i := range 100 {
		e.Add("f", i+1, "wrong")
	}
	if s := e.Error(); strings.Count(s, "\n") != shown || !strings.HasSuffix(s, "and 80 more") {
		t.Error(s)
	}
}
