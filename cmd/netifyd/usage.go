package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strconv"

	"netifyd/core/glyph"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// usageRow is a line of what replay --usage prints.
type usageRow struct {
	Device      string `json:"device"`
	Name        string `json:"name"`
	Application string `json:"application"`
	Scope       string `json:"scope"`
	Down        uint64 `json:"down"`
	Up          uint64 `json:"up"`
	Flows       uint64 `json:"flows"`
}

var usageColumns = []string{"device", "name", "application", "scope", "down", "up", "flows"}

// usageRows are those of a capture file, the largest first. What no flow event
// tells of is left out, so that the sum is that of all flow_purge events.
func usageRows(t *usage.Table, apps *app.Catalogue) []usageRow {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	cells, _ := t.Rows(nil, 0, t.Steps())
	rows := []usageRow{}
	for _, c := range cells {
		if c.Label == usage.Peer || c.Label == usage.Stray {
			continue
		}
		rows = append(rows, usageRow{t.Devices.Text(c.Device), t.Devices.At(c.Device).Name(), c.Label.Name(apps.Tag), c.Label.Sum().String(), c.Down, c.Up, uint64(c.Flows)})
	}
	sort.Slice(rows, func(i, j int) bool {
		a, b := &rows[i], &rows[j]
		return cmp.Or(cmp.Compare(b.Down+b.Up, a.Down+a.Up), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Application, b.Application), cmp.Compare(a.Scope, b.Scope)) < 0
	})
	return rows
}

// writeUsage prints who used what in a capture file.
func writeUsage(w io.Writer, format string, t *usage.Table, apps *app.Catalogue) error {
	rows := usageRows(t, apps)
	switch format {
	case "json":
		return json.NewEncoder(w).Encode(struct {
			Columns []string   `json:"columns"`
			Rows    []usageRow `json:"rows"`
		}{usageColumns, rows})
	case "csv":
		out := csv.NewWriter(w)
		out.Write(usageColumns)
		for _, r := range rows {
			out.Write([]string{r.Device, glyph.Clean(r.Name), glyph.Clean(r.Application), r.Scope, strconv.FormatUint(r.Down, 10), strconv.FormatUint(r.Up, 10), strconv.FormatUint(r.Flows, 10)})
		}
		out.Flush()
		return out.Error()
	}
	out := bufio.NewWriter(w)
	sum := uint64(0)
	for _, r := range rows {
		sum += r.Down + r.Up
	}
	fmt.Fprintf(out, "%-24s %-28s %10s %10s %6s %6s\n", "DEVICE", "APPLICATION", "DOWN", "UP", "FLOWS", "SHARE")
	for _, r := range rows {
		name := r.Application
		if r.Scope != usage.Internet.String() {
			name += " (" + r.Scope + ")"
		}
		who := cmp.Or(r.Name, r.Device)
		fmt.Fprintf(out, "%-24s %-28s %10s %10s %6d %5.1f%%\n", glyph.Clean(who), glyph.Clean(name), glyph.Octets(r.Down), glyph.Octets(r.Up), r.Flows, 100*float64(r.Down+r.Up)/float64(max(sum, 1)))
	}
	return out.Flush()
}
