package query

import "strconv"

// Warning is something that a person should do something about. Faces have the
// words: those on terminals from client.Warning, LuCI translates by ID.
type Warning struct {
	ID   string
	Args []string
}

// warningsOf says what is wrong at this moment. One rule is one line of it.
func warningsOf(a *Agent) (list []Warning) {
	add := func(when bool, id string, args ...string) {
		if when {
			list = append(list, Warning{id, args})
		}
	}
	online := 0
	for i := range a.Interfaces {
		x := &a.Interfaces[i]
		if x.State == "online" {
			online++
		}
		add(x.State != "online", "interface_"+x.State, x.Name)
	}
	add(online == 0, "no_capture")
	add(a.DroppedLately > 0, "capture_losing", strconv.FormatUint(a.DroppedLately, 10))
	add(a.EvictedLately > 0, "table_full", strconv.FormatUint(a.MaxFlows, 10), strconv.FormatUint(a.EvictedLately, 10))
	offloads := a.Offload == "software" || a.Offload == "hardware"
	add(offloads && !a.OffloadUncounted, "offload", a.Offload)
	add(offloads && a.OffloadUncounted, "offload_uncounted", a.Offload)
	add(a.ClockUnset, "clock_unset")
	add(a.HistoryLost, "history_in_memory")
	add(a.HistoryError != "", "history_unwritten", a.HistoryError)
	add(a.Clients >= a.MaxClients && a.MaxClients > 0, "clients_full", strconv.FormatUint(a.MaxClients, 10))
	return list
}

// warnings writes them: identifiers with arguments, so that a page can translate.
func (s *Server) warnings(a *Agent) {
	r := &s.reply
	r.name("warnings")
	r.b = append(r.b, '[')
	for _, w := range warningsOf(a) {
		r.comma()
		r.open()
		r.text("id", w.ID)
		r.name("args")
		r.b = append(r.b, '[')
		for _, x := range w.Args {
			r.cell(x)
		}
		r.b = append(r.b, ']')
		r.close()
	}
	r.b = append(r.b, ']')
}
