package app

import "testing"

func TestClues(t *testing.T) {
	c := Default()
	for _, s := range services {
		if c.App(s.owner) == nil || c.App(s.app) == nil {
			t.Errorf("port %d: there is no application %d or %d", s.port, s.owner, s.app)
		}
	}
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
	for _, row := range []struct {
		owner uint32
		port  uint16
		want  string
	}{
		{140, 5223, "netify.apple-push"},
		{140, 443, "netify.apple"},
		{126, 5228, "netify.firebase-cloud-messaging"},
		{133, 5223, "netify.netflix"},
	} {
		if got := tagOf(c.Service(c.App(row.owner), row.port)); got != row.want {
			t.Errorf("%d at port %d is %q, want %q", row.owner, row.port, got, row.want)
		}
	}
	if c.Service(nil, 5223) != nil {
		t.Error("nobody's address offers a service")
	}
	for _, row := range []struct {
		owner, network uint32
		want           bool
	}{
		{10121, 20570, true}, // Yandex, Yandex Cloud
		{126, 10733, true},   // Google, Google Cloud
		{126, 20570, false},  // Google, Yandex Cloud
		{126, 10041, false},  // Google Ads are no network
		{10121, 10121, false},
	} {
		if got := c.App(row.owner).Owns(c.App(row.network)); got != row.want {
			t.Errorf("%d owns %d: %v", row.owner, row.network, got)
		}
	}
	if a := testing.AllocsPerRun(10, func() { c.Organisation([]byte("C=DE, O=Example, CN=a")); c.Agent([]byte("x/1")) }); a != 0 {
		t.Errorf("%v allocations", a)
	}
}
