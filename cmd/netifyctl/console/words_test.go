package console

import (
	"testing"

	"netifyd/core/risk"
	"netifyd/detect/app"
)

func TestAlertText(t *testing.T) {
	for want, cell := range map[string]map[string]string{
		"tv has 42 flows at risk: Possible Exploit":                                                 {"alert": "risk_found", "name": "tv", "device": "02:00", "label": "Possible Exploit", "value": "42"},
		"tv uses netflix for the first time":                                                        {"alert": "application_first", "name": "tv", "label": "netify.netflix"},
		"all devices together have used up the quota of this period: 1.0 KiB":                       {"alert": "quota_reached", "value": "1024"},
		"198.51.100.9 tries many hosts at port 22: 7 connections did not come about":                {"alert": "scan_hosts", "host": "198.51.100.9", "label": "22", "value": "7"},
		"the agent had no room for 3 events that this console was too slow for: totals are too low": {"alert": "stream_lost", "value": "3"},
		"of_tomorrow tv netflix 3 eth0":                                                             {"alert": "of_tomorrow", "name": "tv", "label": "netify.netflix", "value": "3", "interface": "eth0"},
		"the interface evil\ufffd[2J is gone: nothing is captured there":                            {"alert": "interface_gone", "interface": "evil\x1b[2J"},
	} {
		if got := alertText(&row{cell: cell}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The console has names of categories of its own, since an agent that is known
// by its stream tells their numbers alone. They are those of the agent.
func TestCategoriesAreTheAgents(t *testing.T) {
	app.Default().Categories(func(id uint8, tag string) {
		if id > 0 && category(int(id)) != tag {
			t.Errorf("category %d is %q, want %q", id, category(int(id)), tag)
		}
	})
}

func TestRiskName(t *testing.T) {
	for number, want := range map[string]string{"46": risk.Unidirectional.Name(), "34": "34", "200": "200", "300": "300", "-1": "-1", "x": "x"} {
		if got := riskName(number); got != want {
			t.Errorf("%s: %q, want %q", number, got, want)
		}
	}
}
