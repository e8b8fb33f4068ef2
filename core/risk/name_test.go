package risk

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestGeneratedNames asks the model about every name of the catalogue, of which
// it may take one in a thousand for generated, and about names that are.
func TestGeneratedNames(t *testing.T) {
	files, err := filepath.Glob("../../detect/app/catalogue/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal("no catalogue", err)
	}
	lists, name := regexp.MustCompile(`(?s)domains\s*=\s*\[(.*?)\]`), regexp.MustCompile(`"([^"]+)"`)
	names, wrong := 0, 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lists.FindAllSubmatch(text, -1) {
			for _, n := range name.FindAllSubmatch(l[1], -1) {
				if names++; Generated(n[1]) {
					wrong++
					t.Logf("%s", n[1])
				}
			}
		}
	}
	if names < 10000 || wrong*1000 > names {
		t.Errorf("%d of %d names are taken for generated", wrong, names)
	}
	for _, c := range []struct {
		letters string
		length  int
		least   int // in per cent
	}{
		{"abcdefghijklmnopqrstuvwxyz", 10, 75}, {"abcdefghijklmnopqrstuvwxyz", 12, 85}, {"abcdefghijklmnopqrstuvwxyz", 16, 95},
		{"abcdefghijklmnopqrstuvwxyz0123456789", 16, 90},
	} {
		rng, found := rand.New(rand.NewPCG(1, 2)), 0
		for range 1000 {
			b := make([]byte, c.length, 32)
			for i := range b {
				b[i] = c.letters[rng.IntN(len(c.letters))]
			}
			if Generated(append(b, ".com"...)) {
				found++
			}
		}
		t.Logf("%d of %d letters: %d of 1000", c.length, len(c.letters), found)
		if found < c.least*10 {
			t.Errorf("%d of 1000 names of %d letters are found, want %d %%", found, c.length, c.least)
		}
	}
}

// TestForeignNames asks about words of languages of which the catalogue has few
// names: that their pairs of letters are rare there is no sign of anything.
func TestForeignNames(t *testing.T) {
	for _, name := range []string{"advokatfuldmaegtig.dk", "hjortekaersvej.dk", "aankoopbewijzen.nl", "aanmaakhoutje.nl",
		"przychodnia-krzywoustego.pl", "rechtsanwaltskammer.de", "schornsteinfegermeister.de", "zeitgeschehen.de", "fuldstaendighed.dk",
		"ayuntamientodezaragoza.es", "pysavyhajuvesi.fi", "gyogyszerkonyv.hu"} {
		if Generated([]byte(name)) {
			t.Errorf("%s is taken for generated", name)
		}
	}
}

func TestOwnLabel(t *testing.T) {
	for name, want := range map[string]string{
		"www.example.org": "example", "example.org.": "example", "a.b.bbc.co.uk": "bbc", "co.uk": "co", "printer": "", "1.2.0.192.in-addr.arpa": "",
		"tv.local": "", "": "", ".": "", "org": "", "x.com.br": "x", "com.de": "com",
	} {
		if got := string(OwnLabel([]byte(name))); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"www.example.org", "xn--80ak6aa92e.com", "xn--pypal-4ve.com.", "xn--.com", "xn--9999999999999999.com", "..", "xn--a-.b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		Generated(b)
		LooksAlike(b)
		OwnLabel(b)
		isOldSSH(b)
		isAddress(b)
		urlSigns(b)
		agentSigns(b)
	})
}
