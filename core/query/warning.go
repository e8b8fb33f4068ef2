package query

import "strconv"

// Warning is something that a person should do something about. Faces have the
// words: the plain ones are in Remedies, LuCI translates by ID.
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

// Remedies are what the plain faces say of each warning: what it is, and what to
// do. %1 and %2 stand for the arguments.
var Remedies = map[string][2]string{
	"interface_starting": {"%1 is not captured yet", "it begins when the interface is there"},
	"interface_offline":  {"%1 is not captured", "see the log for the reason; netifyd doctor looks for it"},
	"interface_gone":     {"%1 is not there", "capture begins by itself when the interface comes back; else take it out of the configuration"},
	"no_capture":         {"nothing is captured", "name an interface that exists: netifyd -I br-lan, or [[interface]] in the configuration"},
	"capture_losing":     {"the kernel dropped %1 packets in the last interval", "raise capture.ring, or lower the load"},
	"table_full":         {"the flow table of %1 places is full: %2 flows ended early in the last interval", "raise flows.max; netifyd plan shows what it costs"},
	"offload":            {"%1 flow offload is on: packets of long flows are not seen", "bytes come from the connection table where it counts (net.netfilter.nf_conntrack_acct = 1)"},
	"offload_uncounted":  {"%1 flow offload is on and the kernel does not count: usage is too low", "set net.netfilter.nf_conntrack_acct = 1, and the flag counter on the flow table"},
	"clock_unset":        {"the clock is not set: history waits", "let NTP run, or set the clock; what is counted until then is kept"},
	"history_in_memory":  {"history is kept in memory: it ends with the agent", "make a directory with 1 MiB free and name it in usage.directory; none there says that it is meant so"},
	"history_unwritten":  {"history was not written: %1", "it is kept in memory and tried again: look for room and rights in usage.directory"},
	"clients_full":       {"all %1 places for clients are taken", "raise clients.max"},
}
