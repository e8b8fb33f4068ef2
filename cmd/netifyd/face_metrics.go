package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"netifyd/core/query/client"
)

// metricsFace prints the counters of the agent in the text format of Prometheus
// (exposition format 0.0.4), for the textfile directory of node_exporter or a
// collector of one's own: netifyd metrics. Labels are bounded: two series for
// each device of the table, two for each of 64 applications and the others.
func metricsFace(f *face) error {
	if err := f.only(); err != nil {
		return err
	}
	if len(f.words) > 0 {
		return fmt.Errorf("netifyd metrics takes no arguments")
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer f.agent.Close()
	var s client.Status
	if err := f.agent.Ask("status", nil, &s); err != nil {
		return err
	}
	m := metrics{Writer: bufio.NewWriter(f.out)}
	s.Metrics(m.put)
	if s.Usage != nil { // usage.enabled
		if err := m.totals(f.agent, "device"); err != nil {
			return err
		}
		if err := m.totals(f.agent, "application"); err != nil {
			return err
		}
	}
	return m.Flush()
}

// metrics writes samples, before each family what it is.
type metrics struct {
	*bufio.Writer
	family string // of the newest sample
}

// put writes a sample. Those of a family come one after the other.
func (m *metrics) put(name, help string, value float64, labels ...string) {
	if name != m.family {
		kind := "gauge"
		if strings.HasSuffix(name, "_total") {
			kind = "counter"
		}
		fmt.Fprintf(m, "# HELP netifyd_%s %s\n# TYPE netifyd_%s %s\n", name, help, name, kind)
		m.family = name
	}
	m.WriteString("netifyd_" + name)
	for i := 0; i < len(labels); i += 2 {
		sign := ","
		if i == 0 {
			sign = "{"
		}
		m.WriteString(sign + labels[i] + "=" + labelText(labels[i+1]))
	}
	if labels != nil {
		m.WriteByte('}')
	}
	m.WriteString(" " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
}

// totals writes the bytes of devices or applications.
func (m *metrics) totals(agent *client.Client, by string) error {
	for offset := 0; ; {
		var list client.Rows
		if err := agent.Ask("totals", map[string]any{"by": by, "offset": offset, "limit": 200}, &list); err != nil {
			return err
		}
		for i := range list.Rows {
			labels := []string{"application", strings.TrimPrefix(list.Text(i, "name"), "netify.")}
			if by == "device" {
				labels = []string{"device", list.Text(i, "device"), "name", list.Text(i, "name")}
			}
			for _, way := range [...]string{"down", "up"} {
				m.put(by+"_bytes_total", "Bytes of the Internet by "+by+", since the agent started.", float64(list.Number(i, way)), append(labels, "direction", way)...)
			}
		}
		if offset += len(list.Rows); offset >= list.Total || len(list.Rows) == 0 {
			return nil
		}
	}
}

// labelText is the value of a label, in quotes. What strangers wrote is in it:
// the format has escapes for a quote, a backslash and a line feed, and every
// other character that is not shown goes.
func labelText(s string) string {
	s = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) || r == '\uFFFD' {
			return -1
		}
		return r
	}, s)
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
