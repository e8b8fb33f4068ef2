package config_test

import (
	"strings"
	"testing"

	"netifyd/core"
	"netifyd/core/capture/filter"
	"netifyd/core/config"
)

func TestFilterOf(t *testing.T) {
	all := []string{"192.0.2.1", "192.0.2.77/24", "2001:db8::1", "2001:db8::5/32", "02:00:5E:00:53:01", "::ffff:192.0.2.9"}
	for _, c := range []struct {
		filter         string
		everywhere, at []string
		ethernet       bool
		want           string
	}{
		{"", nil, nil, true, ""},
		{"port 53", nil, nil, true, "port 53"},
		{"", []string{"192.0.2.1"}, nil, true, "not (host 192.0.2.1)"},
		{"tcp or udp", []string{"192.0.2.1"}, []string{"192.0.2.77/24"}, true, "(tcp or udp) and not (host 192.0.2.1 or net 192.0.2.0/24)"},
		{"", all, nil, true, "not (host 192.0.2.1 or net 192.0.2.0/24 or host 2001:db8::1 or net 2001:db8::/32 or ether host 02:00:5e:00:53:01 or host 192.0.2.9)"},
		{"", all[4:5], nil, false, ""},
		{"", all[3:5], nil, false, "not (net 2001:db8::/32)"},
	} {
		have := (&config.Capture{Exclude: c.everywhere}).FilterOf(&config.Interface{Filter: c.filter, Exclude: c.at}, c.ethernet)
		if have != c.want {
			t.Errorf("have %q, want %q", have, c.want)
		}
		link := core.LinkEthernet
		if !c.ethernet {
			link = core.LinkRaw
		}
		if _, err := filter.Compile(have, filter.Options{Link: link, Metadata: true}); err != nil {
			t.Errorf("%q: %v", have, err)
		}
	}
}

func TestExcludeIsChecked(t *testing.T) {
	for _, bad := range []string{"host", "192.0.2.1 or port 22", "fe80::1%eth0", "02:00:5e:00:53", "192.0.2.1/33", "02-00-5e-10-00-00-00-01"} {
		c := config.Default()
		c.Interfaces = []config.Interface{{Name: "eth0", Exclude: []string{bad}}}
		c.Capture.Exclude = []string{bad}
		err := c.Validate()
		if err == nil || strings.Count(err.Error(), "exclude holds") != 2 {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
