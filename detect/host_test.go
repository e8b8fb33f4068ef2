package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
)

func TestPutHost(t *testing.T) {
	for in, want := range map[string]string{
		"Example.ORG":                     "example.org",
		"example.org.":                    "example.org",
		"example.org..":                   "example.org",
		"example.org:8080":                "example.org",
		"_sip._udp.example.org":           "_sip._udp.example.org",
		"bad name":                        "bad",
		"[2001:db8::1]":                   "",
		"...":                             "",
		"":                                "",
		"xn--bcher-kva.example\x00tail":   "xn--bcher-kva.example",
		strings.Repeat("a", 300) + ".org": strings.Repeat("a", 255),
	} {
		res := new(Result)
		putHost(res, []byte(in))
		if got := string(res.Get(attr.HostName)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestIsDomain(t *testing.T) {
	for name, want := range map[string]bool{"turn.example.org": true, "example.org": true, "a.b": true, "localhost": false, "192.0.2.1": false,
		"": false, ".": false, "a..b": false, ".a.b": false, "two words.org": false, "x.\xff": false, "****": false} {
		if isDomain([]byte(name)) != want {
			t.Errorf("%q: want %v", name, want)
		}
	}
}
