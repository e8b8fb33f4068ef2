package ask

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/core/query/client"
)

// AlertColumns are those of kind alert. started, the start of the agent, and
// number name an alert; a row replaces one of the same. time is when it was raised
// last, severity notice or warning, host an address that is no device's.
var AlertColumns = []string{"time", "started", "number", "kind", "severity", "first", "device", "name", "label", "value", "interface", "host", "text"}

// Alerts tells what a person should know.
type Alerts struct {
	Agent  Agent
	Filter *privacy.Filter
	Rows   *lane.Rows
	File   string // remembers what was told; empty: only memory does

	loaded  bool
	started uint64            // of the agent; its numbers begin anew with it
	told    map[uint64]uint64 // when the alerts that the agent still has were raised last, as it was told
}

// Ask asks for all alerts, and tells those that are new or were raised again.
func (a *Alerts) Ask(ctx context.Context, _ time.Time) error {
	if !a.loaded {
		a.load()
	}
	return a.Agent.With(ctx, func(c *client.Client) error {
		var status struct{ Started uint64 }
		if err := c.Ask("status", nil, &status); err != nil {
			return err
		}
		if status.Started != a.started {
			a.started, a.told = status.Started, nil
		}
		told := map[uint64]uint64{}
		for since := uint64(0); ; {
			var l list
			if err := c.Ask("alerts", arguments{"since": since, "limit": page}, &l); err != nil {
				return err
			}
			before := since
			for i := range l.Rows.Rows {
				if n := l.Number(i, "number"); n > before {
					since = max(since, n)
					a.tell(&l.Rows, i, told)
				}
			}
			if since == before {
				break // no more, or no agent
			}
		}
		changed := !maps.Equal(a.told, told)
		a.told = told
		if changed && a.File != "" {
			return a.save()
		}
		return nil
	})
}

func (a *Alerts) tell(r *client.Rows, i int, told map[uint64]uint64) {
	number, last := r.Number(i, "number"), r.Number(i, "last")
	if told[number] = last; a.told[number] == last && last > 0 {
		return
	}
	device := r.Text(i, "device")
	if a.Filter.Excluded(device) {
		return
	}
	severity := "notice"
	if truth(r, i, "serious") {
		severity = "warning"
	}
	w := words{kind: r.Text(i, "alert"), device: a.Filter.MAC(device), name: a.Filter.Name(r.Text(i, "name")), label: r.Text(i, "label"), value: r.Number(i, "value"), iface: r.Text(i, "interface"), host: a.Filter.IP(r.Text(i, "host"))}
	a.Rows.Row(last, a.started, number, w.kind, severity, r.Number(i, "first"), w.device, w.name, w.label, w.value, w.iface, w.host, w.text())
}

// toldAlerts is what the file has.
type toldAlerts struct {
	Started uint64            `json:"started"`
	Told    map[uint64]uint64 `json:"told"`
}

func (a *Alerts) load() {
	a.loaded = true
	var f toldAlerts
	if text, err := os.ReadFile(a.File); err == nil && json.Unmarshal(text, &f) == nil {
		a.started, a.told = f.Started, f.Told
	}
}

func (a *Alerts) save() error {
	text, err := json.Marshal(toldAlerts{a.started, a.told})
	if err != nil {
		return err
	}
	return replace(a.File, text)
}
