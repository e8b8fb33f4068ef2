// Package metrics shows the agent's counters to Prometheus, with bounded labels:
// two series for each device of the agent's table, two for each of its 64 largest
// applications and for the others.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"netifyd/core/query/client"
)

// Asker asks the agent.
type Asker interface {
	Ask(ctx context.Context, method string, arguments map[string]any, reply any) error
}

// Bounds.
const (
	maxPages = 16 // of 200 devices
	patience = 8 * time.Second
)

// Registry has the agent's metrics and nothing else.
func Registry(a Asker) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{a})
	return r
}

// Handler answers a scrape. Where the agent is away it says netifyd_up 0.
func Handler(a Asker) http.Handler {
	return promhttp.HandlerFor(Registry(a), promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 20 * time.Second})
}

// collector asks the agent at each scrape and keeps nothing.
type collector struct{ Asker }

// Describe says nothing, since what there is depends on the agent's settings.
func (collector) Describe(chan<- *prometheus.Desc) {}

func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m := sample{out}
	var s client.Status
	if c.Ask(ctx, "status", nil, &s) != nil {
		m.put("up", "Whether the agent answers.", 0)
		return
	}
	m.put("up", "Whether the agent answers.", 1)
	s.Metrics(m.put)
	if s.Usage != nil { // usage.enabled
		c.totals(ctx, m, "device", "device", "name")
		c.totals(ctx, m, "application", "application")
	}
}

// sample writes metrics.
type sample struct{ out chan<- prometheus.Metric }

// put writes one: a counter, if its name ends in _total.
func (m sample) put(name, help string, value float64, labels ...string) {
	kind := prometheus.GaugeValue
	if strings.HasSuffix(name, "_total") {
		kind = prometheus.CounterValue
	}
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, clean(labels[i+1]))
	}
	m.out <- prometheus.MustNewConstMetric(prometheus.NewDesc("netifyd_"+name, help, names, nil), kind, value, values...)
}

// totals writes the bytes of devices or of applications, for which the agent
// keeps counters that never fall and chooses once an hour who has one. keys are
// the labels; a row with the keys of another is added to it.
func (c collector) totals(ctx context.Context, m sample, by string, keys ...string) {
	type octets struct{ down, up uint64 }
	type key [2]string
	sums, order := map[key]*octets{}, []key{}
	for offset, page := 0, 0; page < maxPages; page++ {
		var rows client.Rows
		if c.Ask(ctx, "totals", map[string]any{"by": by, "offset": offset, "limit": 200}, &rows) != nil {
			return // half a list would look like counters that went
		}
		for i := range rows.Rows {
			k := key{clean(rows.Text(i, "name"))}
			if by == "device" {
				k = key{clean(rows.Text(i, "device")), k[0]}
			} else {
				k[0] = strings.TrimPrefix(k[0], "netify.")
			}
			if sums[k] == nil {
				sums[k], order = &octets{}, append(order, k)
			}
			sums[k].down += rows.Number(i, "down")
			sums[k].up += rows.Number(i, "up")
		}
		if offset += len(rows.Rows); offset >= rows.Total || len(rows.Rows) == 0 {
			break
		}
	}
	for _, k := range order {
		for _, way := range [...]struct {
			name  string
			value uint64
		}{{"down", sums[k].down}, {"up", sums[k].up}} {
			labels := []string{}
			for i, name := range keys {
				labels = append(labels, name, k[i])
			}
			m.put(by+"_bytes_total", "Bytes of the Internet by "+by+", since the agent started.", float64(way.value), append(labels, "direction", way.name)...)
		}
	}
}

// clean takes from the value of a label what is not shown: strangers wrote it.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) || r == '\uFFFD' {
			return -1
		}
		return r
	}, s)
}
