package client

import (
	"strconv"
	"strings"
)

// Warning is something that a person should do something about: an identifier
// and arguments.
type Warning struct {
	ID   string   `json:"id"`
	Args []string `json:"args"`
}

// Words are what a warning says, and what to do, which is empty for a warning
// that is not known here. The arguments are in them as the agent gave them.
func (w *Warning) Words() (what, remedy string) {
	for i := range remedies {
		if r := &remedies[i]; r.id == w.ID {
			what, remedy = r.what, r.remedy
			for n, a := range w.Args {
				sign := "%" + strconv.Itoa(n+1)
				what, remedy = strings.ReplaceAll(what, sign, a), strings.ReplaceAll(remedy, sign, a)
			}
			return what, remedy
		}
	}
	return strings.TrimSpace(w.ID + " " + strings.Join(w.Args, " ")), ""
}

// remedies are the words of warnings, and what to do. %1 and %2 stand for the arguments.
var remedies = [...]struct{ id, what, remedy string }{
	{"interface_starting", "%1 is not captured yet", "it begins when the interface is there"},
	{"interface_offline", "%1 is not captured", "see the log for the reason; netifyd doctor looks for it"},
	{"interface_gone", "%1 is not there", "capture begins by itself when the interface comes back; else take it out of the configuration"},
	{"no_capture", "nothing is captured", "name an interface that exists: netifyd -I br-lan, or [[interface]] in the configuration"},
	{"capture_losing", "the kernel dropped %1 packets in the last interval", "raise capture.ring, or lower the load"},
	{"table_full", "the flow table of %1 places is full: %2 flows ended early in the last interval", "raise flows.max; netifyd plan shows what it costs"},
	{"offload", "%1 flow offload is on: packets of long flows are not seen", "bytes come from the connection table where it counts (net.netfilter.nf_conntrack_acct = 1)"},
	{"offload_uncounted", "%1 flow offload is on and the kernel does not count: usage is too low", "set net.netfilter.nf_conntrack_acct = 1, and the flag counter on the flow table"},
	{"clock_unset", "the clock is not set: history waits", "let NTP run, or set the clock; what is counted until then is kept"},
	{"history_in_memory", "history is kept in memory: it ends with the agent", "make a directory with 1 MiB free and name it in usage.directory; none there says that it is meant so"},
	{"history_unwritten", "history was not written: %1", "it is kept in memory and tried again: look for room and rights in usage.directory"},
	{"clients_full", "all %1 places for clients are taken", "raise clients.max"},
}
