package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"netifyd/core/query/client"
)

// status is what of the answer "status" becomes a metric.
type status struct {
	Version string
	Started float64
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
	Capture    struct{ Received, Dropped uint64 }
	Clients    struct{ Now, Refused, Lost uint64 }
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

func (s *status) write(m sample) {
	m.put(prometheus.GaugeValue, "build_info", "Version of the agent.", 1, "version", clean(s.Version))
	m.put(prometheus.GaugeValue, "start_time_seconds", "When the agent started, seconds since 1970.", s.Started)
	m.put(prometheus.CounterValue, "cpu_seconds_total", "Processor time of the agent.", s.CPU.User, "mode", "user")
	m.put(prometheus.CounterValue, "cpu_seconds_total", "Processor time of the agent.", s.CPU.System, "mode", "system")
	m.gauge("memory_resident_bytes", "Resident memory of the agent.", s.Memory.Resident<<10)
	m.gauge("memory_plan_bytes", "Memory of its tables by the configuration.", s.Memory.Plan<<10)
	m.counter("capture_received_total", "Packets that the kernel handed over.", s.Capture.Received)
	m.counter("capture_dropped_total", "Packets that the kernel dropped, since the agent was slow.", s.Capture.Dropped)
	m.gauge("flows", "Flows in the table.", s.Flows.Now)
	m.gauge("flows_max", "Places of the flow table.", s.Flows.Max)
	m.counter("flows_evicted_total", "Flows that ended since the table was full.", s.Flows.Evicted)
	m.counter("flows_unanswered_total", "Connections that nobody answered.", s.Flows.Unanswered)
	m.counter("flows_untold_total", "Flows of which no event tells, since too many came at a time.", s.Flows.Untold)
	m.counter("flows_shunted_total", "Flows that were left to the kernel.", s.Flows.Shunted)
	m.counter("slots_exhausted_total", "Flows that were given up for want of room to join packets.", s.Flows.Slots)
	m.gauge("clients", "Readers of the stream.", s.Clients.Now)
	m.counter("clients_refused_total", "Readers that found no place.", s.Clients.Refused)
	m.counter("clients_lost_events_total", "Events that slow readers lost.", s.Clients.Lost)
	m.gauge("warnings", "Warnings of netifyd status.", uint64(len(s.Warnings)))
	seen := map[[2]string]bool{}
	for i := range s.Interfaces.Rows {
		k := [2]string{clean(s.Interfaces.Text(i, "name")), clean(s.Interfaces.Text(i, "role"))}
		if seen[k] {
			continue
		}
		seen[k] = true
		up := 0.0
		if s.Interfaces.Text(i, "state") == "online" {
			up = 1
		}
		m.put(prometheus.GaugeValue, "interface_up", "Whether the interface is captured.", up, "interface", k[0], "role", k[1])
	}
	if u := s.Usage; u != nil {
		m.gauge("devices", "Devices in the table.", u.Devices)
		m.counter("devices_refused_total", "Times that a device found no place.", u.Refused)
		m.counter("devices_gone_total", "Devices that gave up their place.", u.Gone)
		m.gauge("usage_cells", "Pairs of device and application in this hour.", u.Cells)
		m.counter("usage_folded_total", "Such pairs that lost their detail for want of room.", u.Folded)
		m.gauge("usage_history_bytes", "Size of the history.", u.History)
	}
}
