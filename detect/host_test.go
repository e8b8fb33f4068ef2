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
