package filter

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	words, err := Parse(`!App:"Net Flix" HOST:*.example port:443 net:10.1.2.3/8 a:b:c 2001:db8`, false)
	if err != nil || len(words) != 6 {
		t.Fatal(words, err)
	}
	for i, want := range []struct {
		key, text string
	}{{"app", "net flix"}, {"host", "*.example"}, {"port", "443"}, {"net", "10.1.2.3/8"}, {"", "a:b:c"}, {"", "2001:db8"}} {
		if w := &words[i]; w.Key != want.key || w.Text != want.text || w.Not != (i == 0) {
			t.Errorf("%d: %+v, want %v", i, w, want)
		}
	}
	if words[2].Port != 443 || words[3].Net.String() != "10.0.0.0/8" {
		t.Error(words[2].Port, words[3].Net)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"prot:quic": `no key "prot": use one of device, app`, "port:http": "no port", "net:x": "no address or prefix", "state:tired": "want active, guessed", "state:hidden": "want active, guessed",
		"app:": "asks for nothing", "!": "asks for nothing", strings.Repeat("a ", 20): "more than 16 words",
	} {
		if _, err := Parse(text, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Parse("state:hidden state:twin", true); err != nil {
		t.Error(err)
	}
	if _, err := Parse("state:tired", true); err == nil || !strings.HasSuffix(err.Error(), "want active, guessed, idle, internet, local, new, offloaded, twin, unknown, hidden, randomised, resolver") {
		t.Error(err)
	}
}

func TestGlob(t *testing.T) {
	for _, x := range []struct {
		pattern, text string
		want          bool
	}{{"*", "", true}, {"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "ac", true}, {"a*a", "a", false}, {"*b*", "abc", true}, {"a*b*c", "axbxc", true}, {"*.net", "net", false}, {"a**c", "abc", true}} {
		if got := Glob(x.pattern, x.text); got != x.want {
			t.Errorf("%s of %s: %v", x.pattern, x.text, got)
		}
	}
}
