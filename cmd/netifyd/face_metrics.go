package main

import (
	"bufio"
	"encoding/json"
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
	text, err := f.agent.Raw("status", nil)
	if err != nil {
		return err
	}
	var s metricsStatus
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	m := metrics{bufio.NewWriter(f.out)}
	s.write(&m)
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

// metricsStatus is what of the answer "status" becomes a metric.
type metricsStatus struct {
	Version string
	Started int64
	CPU     struct{ User, System float64 }
	Memory  struct {
		Plan     uint64 `json:"plan_kb"`
		Resident uint64 `json:"resident_kb"`
	}
	Flows struct {
		Now, Max, Evicted, Unanswered, Untold uint64
		Slots                                 uint64 `json:"slots_exhausted"`
		Shunted                               uint64
	}
	Capture    struct{ Received, Dropped, Freezes uint64 }
	Clients    struct{ Now, Max, Refused, Closed, Lost uint64 }
	Interfaces client.Rows
	Warnings   []any
	Usage      *struct {
		Devices, Cells uint64
		Refused        uint64 `json:"devices_refused"`
		Gone           uint64 `json:"devices_folded"`
		Folded         uint64 `json:"cells_folded"`
		History        uint64 `json:"history_bytes"`
	}
}

// metrics writes families of metrics.
type metrics struct{ *bufio.Writer }

// family begins one.
func (m *metrics) family(name, kind, help string) {
	fmt.Fprintf(m, "# HELP netifyd_%s %s\n# TYPE netifyd_%s %s\n", name, help, name, kind)
}

// one writes a family of one sample without labels.
func (m *metrics) one(name, kind, help string, value uint64) {
	m.family(name, kind, help)
	fmt.Fprintf(m, "netifyd_%s %d\n", name, value)
}

func (s *metricsStatus) write(m *metrics) {
	m.family("build_info", "gauge", "Version of the agent.")
	fmt.Fprintf(m, "netifyd_build_info{version=%s} 1\n", labelText(s.Version))
	m.one("start_time_seconds", "gauge", "When the agent started, seconds since 1970.", uint64(s.Started))
	m.family("cpu_seconds_total", "counter", "Processor time of the agent.")
	fmt.Fprintf(m, "netifyd_cpu_seconds_total{mode=\"user\"} %g\nnetifyd_cpu_seconds_total{mode=\"system\"} %g\n", s.CPU.User, s.CPU.System)
	m.one("memory_resident_bytes", "gauge", "Resident memory of the agent.", s.Memory.Resident<<10)
	m.one("memory_plan_bytes", "gauge", "Memory of its tables by the configuration.", s.Memory.Plan<<10)
	m.one("capture_received_total", "counter", "Packets that the kernel handed over.", s.Capture.Received)
	m.one("capture_dropped_total", "counter", "Packets that the kernel dropped, since the agent was slow.", s.Capture.Dropped)
	m.one("flows", "gauge", "Flows in the table.", s.Flows.Now)
	m.one("flows_max", "gauge", "Places of the flow table.", s.Flows.Max)
	m.one("flows_evicted_total", "counter", "Flows that ended since the table was full.", s.Flows.Evicted)
	m.one("flows_unanswered_total", "counter", "Connections that nobody answered.", s.Flows.Unanswered)
	m.one("flows_untold_total", "counter", "Flows of which no event tells, since too many came at a time.", s.Flows.Untold)
	m.one("flows_shunted_total", "counter", "Flows that were left to the kernel.", s.Flows.Shunted)
	m.one("slots_exhausted_total", "counter", "Flows that were given up for want of room to join packets.", s.Flows.Slots)
	m.one("clients", "gauge", "Readers of the stream.", s.Clients.Now)
	m.one("clients_refused_total", "counter", "Readers that found no place.", s.Clients.Refused)
	m.one("clients_lost_events_total", "counter", "Events that slow readers lost.", s.Clients.Lost)
	m.one("warnings", "gauge", "Warnings of netifyd status.", uint64(len(s.Warnings)))
	m.family("interface_up", "gauge", "Whether the interface is captured.")
	for i := range s.Interfaces.Rows {
		up := 0
		if s.Interfaces.Text(i, "state") == "online" {
			up = 1
		}
		fmt.Fprintf(m, "netifyd_interface_up{interface=%s,role=%s} %d\n", labelText(s.Interfaces.Text(i, "name")), labelText(s.Interfaces.Text(i, "role")), up)
	}
	if u := s.Usage; u != nil {
		m.one("devices", "gauge", "Devices in the table.", u.Devices)
		m.one("devices_refused_total", "counter", "Times that a device found no place.", u.Refused)
		m.one("devices_gone_total", "counter", "Devices that gave up their place.", u.Gone)
		m.one("usage_cells", "gauge", "Pairs of device and application in this hour.", u.Cells)
		m.one("usage_folded_total", "counter", "Such pairs that lost their detail for want of room.", u.Folded)
		m.one("usage_history_bytes", "gauge", "Size of the history.", u.History)
	}
}

// totals writes the bytes of devices or applications.
func (m *metrics) totals(agent *client.Client, by string) error {
	m.family(by+"_bytes_total", "counter", "Bytes of the Internet by "+by+", since the agent started.")
	for offset := 0; ; {
		var list client.Rows
		if err := agent.Ask("totals", map[string]any{"by": by, "offset": offset, "limit": 200}, &list); err != nil {
			return err
		}
		for i := range list.Rows {
			labels := "application=" + labelText(strings.TrimPrefix(list.Text(i, "name"), "netify."))
			if by == "device" {
				labels = "device=" + labelText(list.Text(i, "device")) + ",name=" + labelText(list.Text(i, "name"))
			}
			for _, way := range [...]string{"down", "up"} {
				fmt.Fprintf(m, "netifyd_%s_bytes_total{%s,direction=\"%s\"} %d\n", by, labels, way, list.Number(i, way))
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
