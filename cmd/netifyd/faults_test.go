package main

import (
	"strings"
	"testing"

	"netifyd/detect/app"
)

// What a start would refuse is told with its line, in both forms; the agent is
// asked before a page saves something.
func TestFaultsOfAConfiguration(t *testing.T) {
	for _, x := range []struct{ text, place, want string }{
		{"[flows]\nmax = 512\n", "", ""},
		{"", "", ""},
		{"[flows]\nmax = \"x\"\n", "line 2", "flows.max"},
		{"a = [[[[", "line 1", ""},
		{"[[action]]\nname = \"a\"\ncriteria = \"(\"\n", "line 3", "criteria"},
		{"\nconfig flows\n\toption max 'x'\n", "line 3", "max"},
		{"config flows\n\toption max '512'\n", "", ""},
		{"[[interface]]\nname = \"lo\"\nfilter = \"nonsense of\"\n", "line 3", "filter"},
		{"config interface\n\toption name 'lo'\n\toption filter 'nonsense of'\n", "line 3", "filter"},
	} {
		list := faults(x.text, app.Default())
		bad := 0
		for _, f := range list {
			if f.Warning {
				continue
			}
			bad++
			if !strings.HasPrefix(f.Place, x.place) || !strings.Contains(f.Text, x.want) {
				t.Errorf("%q: %+v", x.text, f)
			}
		}
		if want := x.place + x.want; (bad > 0) != (want != "") {
			t.Errorf("%q: %+v", x.text, list)
		}
	}
}
