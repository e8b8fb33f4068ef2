package app

import "testing"

func TestClues(t *testing.T) {
	c := Default()
	for _, o := range append(organisations[:], agents[:]...) {
		if c.App(o.app) == nil {
			t.Errorf("%s: there is no application %d", o.text, o.app)
		}
	}
	for _, row := range []struct{ dn, want string }{
		{"C=DE, O=philandro Software GmbH, CN=AnyNet Relay", "netify.anydesk"},
		{"CN=347E5C, DC=prod, OU=Sonos Devices, O=Sonos, Inc, L=Santa Barbara", "netify.sonos"},
		{"O=ntop.org", "netify.ntop"},
		{"O=Windscribe", "netify.windscribe"},
		{"OU=Windscribe, CN=x", ""},
		{"C=US, O=Windscribe Fans, CN=x", ""},
		{"C=US, XO=Windscribe", ""},
		{"", ""},
		{"O=", ""},
	} {
		if got := tagOf(c.Organisation([]byte(row.dn))); got != row.want {
			t.Errorf("%q is %q, want %q", row.dn, got, row.want)
		}
	}
	for _, row := range []struct{ agent, want string }{
		{"Microsoft-Delivery-Optimization/10.0", "netify.windows-update"},
		{"Valve/Steam HTTP Client 1.0 (4)", "netify.steam"},
		{"Mozilla/5.0 (Spotify/8)", ""},
		{"Spotify", ""},
		{"", ""},
	} {
		if got := tagOf(c.Agent([]byte(row.agent))); got != row.want {
			t.Errorf("%q is %q, want %q", row.agent, got, row.want)
		}
	}
	if a := testing.AllocsPerRun(10, func() { c.Organisation([]byte("C=DE, O=Example, CN=a")); c.Agent([]byte("x/1")) }); a != 0 {
		t.Errorf("%v allocations", a)
	}
}
