package ask

import (
	"context"
	"encoding/json"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/core/query/client"
)

// DeviceColumns are those of kind device: how a device is at a time. A
// row with a higher version replaces one of the same device. Rates are bytes a
// second.
var DeviceColumns = []string{"time", "device", "name", "name_from", "type", "vendor", "online", "randomised", "first", "last", "flows",
	"down_rate", "up_rate", "today_down", "today_up", "period_down", "period_up", "addresses", "version"}

// all is how often each device is told, also if nothing about it changed.
const all = time.Hour

// Devices tells of each device that has changed.
type Devices struct {
	Agent  Agent
	Filter *privacy.Filter
	Rows   *lane.Rows

	told map[string]string // the newest row of each device, without the time
	full time.Time
}

// Ask asks, and tells.
func (d *Devices) Ask(ctx context.Context, at time.Time) error {
	if d.Filter.MAC("02:00:00:00:00:00") == "" {
		return nil // devices may not be told apart
	}
	if at.Sub(d.full) >= all {
		d.told, d.full = map[string]string{}, at
	}
	return d.Agent.With(ctx, func(c *client.Client) error {
		told := map[string]string{}
		err := pagesOf(c, "devices", arguments{"sort": "id"}, func(l *list) {
			for i := range l.Rows.Rows {
				d.tell(l, i, told)
			}
		})
		if err == nil {
			d.told = told
		}
		return err
	})
}

func (d *Devices) tell(l *list, i int, told map[string]string) {
	r := &l.Rows
	device := r.Text(i, "device")
	if d.Filter.Excluded(device) {
		return
	}
	values := []any{l.Now, d.Filter.MAC(device), d.Filter.Name(r.Text(i, "name")), r.Text(i, "name_from"), r.Text(i, "type"), r.Text(i, "vendor"),
		truth(r, i, "online"), truth(r, i, "randomised")}
	for _, column := range DeviceColumns[8 : len(DeviceColumns)-2] {
		values = append(values, r.Number(i, column))
	}
	values = append(values, d.addresses(r, i))
	now := string(lane.AppendArray(nil, values[1:]))
	values = append(values, l.Now*1000)
	if told[device] = now; d.told[device] != now {
		d.Rows.Row(values...)
	}
}

func (d *Devices) addresses(r *client.Rows, i int) []string {
	list := []string{}
	if at := r.Column("addresses"); at >= 0 && at < len(r.Rows[i]) {
		_ = json.Unmarshal(r.Rows[i][at], &list)
	}
	for n := range list {
		list[n] = d.Filter.IP(list[n])
	}
	return list
}
