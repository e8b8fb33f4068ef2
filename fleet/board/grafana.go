package board

import (
	"encoding/json"

	"netifyd/fleet/queries"
)

// Grafana gives a dashboard of the questions that need no argument, for the
// ClickHouse data source (grafana-clickhouse-datasource).
func Grafana() ([]byte, error) {
	type m = map[string]any
	var panels []m
	for i, p := range []struct{ name, title, kind string }{
		{"fleet-hours", "The last hours", "timeseries"},
		{"fleet-today", "Applications today", "table"},
		{"used-most", "Most yesterday", "table"},
		{"routers", "Routers", "table"},
		{"silent-routers", "Silent routers", "table"},
		{"losses", "Losses", "table"},
		{"wrong-clocks", "Wrong clocks", "table"},
		{"alerts", "Alerts", "table"},
	} {
		q, err := queries.Find(p.name)
		if err != nil {
			return nil, err
		}
		text, err := q.Text(nil)
		if err != nil {
			return nil, err
		}
		source := m{"type": "grafana-clickhouse-datasource", "uid": "${datasource}"}
		format := 1 // a table
		if p.kind == "timeseries" {
			format = 0
		}
		panels = append(panels, m{"id": i + 1, "title": p.title, "type": p.kind, "datasource": source,
			"gridPos":     m{"x": i % 2 * 12, "y": i / 2 * 8, "w": 12, "h": 8},
			"fieldConfig": m{"defaults": m{}, "overrides": []m{{"matcher": m{"id": "byRegexp", "options": "down|up"}, "properties": []m{{"id": "unit", "value": "bytes"}}}}},
			"targets":     []m{{"refId": "A", "datasource": source, "editorType": "sql", "queryType": p.kind, "format": format, "rawSql": text}}})
	}
	return json.MarshalIndent(m{"title": "netifyd fleet", "uid": "netifyd-fleet", "schemaVersion": 39, "version": 1, "editable": true, "time": m{"from": "now-24h", "to": "now"},
		"templating": m{"list": []m{{"name": "datasource", "type": "datasource", "query": "grafana-clickhouse-datasource"}}}, "panels": panels}, "", "  ")
}
