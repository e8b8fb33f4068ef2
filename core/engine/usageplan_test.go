package engine

import (
	"testing"

	"netifyd/core/config"
	"netifyd/detect/app"
)

// What everything about devices and usage takes, by the plan: at the defaults
// with what each flow's record has for it (16 bytes to book exactly, measured
// 319.7 KiB on 2026-12-01), and in a small house without the flows (59.8).
func TestMemoryOfUsage(t *testing.T) {
	small := config.Default()
	small.Usage.Devices, small.Usage.Cells, small.Usage.Hosts = 64, 512, 0
	for _, x := range []struct {
		what   string
		c      *config.Config
		flows  int
		budget int
	}{{"defaults", config.Default(), 16 * config.Default().MaxFlows, 320 << 10}, {"small", small, 0, 60 << 10}} {
		n := x.flows
		for _, i := range Plan(x.c, 1, app.Default()) {
			switch i.What {
			case "devices", "usage by application", "names of servers", "alerts":
				n += i.Bytes
			}
		}
		if n > x.budget {
			t.Errorf("%s: %d bytes, the budget is %d", x.what, n, x.budget)
		}
	}
}
