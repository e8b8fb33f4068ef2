package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
)

func TestPutHost(t *testing.T) {
	for in, want := range map[string]string{
		"Example.ORG":           "example.org",
		"example.org.":          "example.org",
		"example.org..":         "example.org",
		"_sip._udp.example.org": "_sip._udp.example.org",
		"...":                   "",
		"":                      "",
		// What stands before a forbidden byte is not the name that was asked for.
		"www.netflix.com\x00.evil.example": "",
		"www.netflix.com\n":                "",
		"www.netflix.com/x.example.org":    "",
		"www.netflix.com,evil":             "",
		"netflix.com evil.example.org":     "",
		"b\u00fccher.example.org":          "",
		"b\xfccher.example.org":            "",
		"www\\.netflix.com":                "",
		"example.org:8080":                 "",
		"[2001:db8::1]":                    "",
		// Nor is what is no name.
		".netflix.com":                      "",
		"www..netflix.com":                  "",
		strings.Repeat("a.", 125) + "org":   strings.Repeat("a.", 125) + "org",
		strings.Repeat("a.", 126) + "b.org": "",
	} {
		res := new(Result)
		putHost(res, []byte(in))
		if got := string(res.Get(attr.HostName)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPutAuthority(t *testing.T) {
	for in, want := range map[string]string{
		"Example.ORG:8080": "example.org", "192.0.2.1:80": "192.0.2.1", "[FF02::C]:1900": "[ff02::c]", "[2001:db8::1]": "[2001:db8::1]",
		"[::ffff:192.0.2.1]:80": "[::ffff:192.0.2.1]", "[2001:db8::1": "", "[example.org]": "", "[fe80::1%25eth0]": "", "[]": "", "[:]": "",
		"[" + strings.Repeat("0:", 40) + "0]": "", "[1:2:3:4:5:6:7:8:9]": "", "": "",
	} {
		res := new(Result)
		putAuthority(res, []byte(in))
		if got := string(res.Get(attr.HostName)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWithoutPort(t *testing.T) {
	for in, want := range map[string]string{"a.example:8080": "a.example", "a.example:": "a.example", "a.example": "a.example", "a.example:x": "a.example:x",
		"[2001:db8::1]:80": "[2001:db8::1]", "": ""} {
		if got := string(withoutPort([]byte(in))); got != want {
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
