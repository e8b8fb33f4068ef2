package app

import (
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"netifyd/detect/app/internal/source"
)

// entries calls fn for every entry of the sources of the built-in catalogue.
func entries(t *testing.T, fn func(path string, a *source.App)) {
	t.Helper()
	files, _, err := source.ReadDir("catalogue")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for _, a := range f.Apps {
			fn(f.Path, a)
		}
	}
}

// Names that once stood with the wrong application, by the kind of error.
func TestMendedNames(t *testing.T) {
	c := Default()
	for _, r := range rows(t, "testdata/mended.tsv", 3) {
		want := r[1]
		if want == "-" {
			want = ""
		}
		if got := tagOf(c.Host([]byte(r[0]))); got != want {
			t.Errorf("%s is %q, want %q (%s)", r[0], got, want, r[2])
		}
	}
}

// A lawful service is not called malware, and a person finds adult sites under that word.
func TestMendedCategories(t *testing.T) {
	c := Default()
	for name, want := range map[string]string{
		"nicehash.com": "technology", "supportxmr.com": "technology", "sovrn.com": "advertiser", "viglink.com": "advertiser",
		"adultfriendfinder.com": "adult", "fetlife.com": "adult", "www.dmm.co.jp": "adult", "vivastreet.com": "shopping",
		"safaricom.co.ke": "telco", "booth.pm": "shopping", "oxxo.com": "shopping", "boostmobile.com": "telco",
		"channelnewsasia.com": "news", "kugou.com": "streaming-media", "he.net": "telco", "abv.bg": "mail",
		"redcross.org": "reference", "change.org": "reference", "www.gofundme.com": "financial", "kickstarter.com": "shopping", "irs.gov": "government",
		"navy.mil": "government", "health.gov.au": "government", "cdu.de": "reference",
		"lloyds.com": "financial", "bodis.com": "hosting", "schema.org": "reference", "heathrow.com": "recreation", "octopusenergy.com": "business",
	} {
		a := c.Host([]byte(name))
		if a == nil || source.CategoryTag(a.Category) != want {
			t.Errorf("%s is %v, want %s", name, a, want)
		}
	}
}

// A content network or hosting company is the last resort: its name says
// nothing of whose site it is. So is what it is known by as an address.
func TestHostsAreNetworks(t *testing.T) {
	entries(t, func(path string, a *source.App) {
		if (a.Category == "hosting" || a.Category == "cdn") && !a.Network {
			t.Errorf("%s:%d: %s is %s without network = true", path, a.Line, a.Tag, a.Category)
		}
	})
	c := Default()
	for _, addr := range []string{"52.95.110.1", "104.16.1.1", "23.32.1.1", "151.101.1.1", "20.33.0.1", "95.216.1.1", "51.68.1.1", "64.23.1.1"} {
		if a := c.Address(netip.MustParseAddr(addr)); a != nil && !a.Network {
			t.Errorf("%s alone is %s", addr, a.Tag)
		}
	}
}

// own are names of the private part of the public suffix list below which the
// owner alone publishes, or where the platform is what a person would name.
var own = set(`googleapis.com withgoogle.com googlecode.com githubusercontent.com oaiusercontent.com
	brave.io freedesktop.org debian.net fedorainfracloud.org torproject.net gov.ru freebox-os.fr fbxos.fr
	dattolocal.net dattoweb.com myshopify.com ts.net ruhr-uni-bochum.de rub.de gov.scot`)

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

// Names below which anybody publishes stand in entries of networks only.
func TestPublicSuffixes(t *testing.T) {
	entries(t, func(path string, a *source.App) {
		for _, d := range a.Domains {
			suffix, icann := publicsuffix.PublicSuffix(d.Text)
			below, belowICANN := publicsuffix.PublicSuffix("x." + d.Text)
			private := suffix == d.Text && !icann && strings.Contains(suffix, ".") || below == "x."+d.Text && !belowICANN
			if private && !a.Network && !own[d.Text] {
				t.Errorf("%s:%d: other people publish below %s: only an entry with network = true may have it, not %s", path, d.Line, d.Text, a.Tag)
			}
			if suffix == d.Text && icann && a.Category != "government" && a.Tag != "netify.reverse-dns" {
				t.Errorf("%s:%d: a registry sells names below %s", path, d.Line, d.Text)
			}
		}
	})
}

// Whoever looks at a network of today meets these names: each has an application.
func TestMuchLinkedNames(t *testing.T) {
	c := Default()
	for _, r := range rows(t, "testdata/linked.txt", 1) {
		if c.Host([]byte(r[0])) == nil {
			t.Errorf("%s has no application", r[0])
		}
	}
}
