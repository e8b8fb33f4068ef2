package client

// Metrics gives the numbers of the status as Prometheus wants them, without the
// prefix netifyd_. All samples of a name come one after the other. A name that
// ends in _total is a counter, another a gauge. labels are pairs of name and
// value, in which is what strangers wrote.
func (s *Status) Metrics(put func(name, help string, value float64, labels ...string)) {
	put("build_info", "Version of the agent.", 1, "version", s.Version)
	put("start_time_seconds", "When the agent started, seconds since 1970.", float64(s.Started))
	put("cpu_seconds_total", "Processor time of the agent.", s.CPU.User, "mode", "user")
	put("cpu_seconds_total", "Processor time of the agent.", s.CPU.System, "mode", "system")
	for _, m := range []struct {
		name, help string
		value      uint64
	}{
		{"memory_resident_bytes", "Resident memory of the agent.", s.Memory.Resident << 10},
		{"memory_plan_bytes", "Memory of its tables by the configuration.", s.Memory.Plan << 10},
		{"capture_received_total", "Packets that the kernel handed over.", s.Capture.Received},
		{"capture_dropped_total", "Packets that the kernel dropped, since the agent was slow.", s.Capture.Dropped},
		{"flows", "Flows in the table.", s.Flows.Now},
		{"flows_max", "Places of the flow table.", s.Flows.Max},
		{"flows_evicted_total", "Flows that ended since the table was full.", s.Flows.Evicted},
		{"flows_unanswered_total", "Connections that nobody answered.", s.Flows.Unanswered},
		{"flows_untold_total", "Flows of which no event tells, since too many came at a time.", s.Flows.Untold},
		{"flows_shunted_total", "Flows that were left to the kernel.", s.Flows.Shunted},
		{"slots_exhausted_total", "Flows that were given up for want of room to join packets.", s.Flows.Slots},
		{"clients", "Readers of the stream.", s.Clients.Now},
		{"clients_refused_total", "Readers that found no place.", s.Clients.Refused},
		{"clients_lost_events_total", "Events that slow readers lost.", s.Clients.Lost},
		{"warnings", "Warnings of netifyd status.", uint64(len(s.Warnings))},
	} {
		put(m.name, m.help, float64(m.value))
	}
	seen := map[[2]string]bool{} // an interface may be named twice
	for i := range s.Interfaces.Rows {
		k := [2]string{s.Interfaces.Text(i, "name"), s.Interfaces.Text(i, "role")}
		if seen[k] {
			continue
		}
		seen[k] = true
		up := 0.0
		if s.Interfaces.Text(i, "state") == "online" {
			up = 1
		}
		put("interface_up", "Whether the interface is captured.", up, "interface", k[0], "role", k[1])
	}
	u := s.Usage
	if u == nil {
		return
	}
	put("devices", "Devices in the table.", float64(u.Devices))
	put("devices_refused_total", "Times that a device found no place.", float64(u.Refused))
	put("devices_gone_total", "Devices that gave up their place.", float64(u.Gone))
	put("usage_cells", "Pairs of device and application in this hour.", float64(u.Cells))
	put("usage_folded_total", "Such pairs that lost their detail for want of room.", float64(u.Folded))
	put("usage_history_bytes", "Size of the history.", float64(u.History))
}
