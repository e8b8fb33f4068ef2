package ask

import (
	"cmp"
	"fmt"
	"strings"
)

// words are the arguments of an alert.
type words struct {
	kind, device, name, label, iface, host string
	value                                  uint64
}

// sentences of alerts: %[1]s is the device, %[2]s the label, %[3]d the value,
// %[4]s the interface, %[5]s the device or, where it is none, the host.
var sentences = map[string]string{
	"device_new":        "new device: %[1]s",
	"device_resolver":   "%[1]s asks an encrypted resolver of its own for names",
	"application_first": "%[1]s uses %[2]s for the first time",
	"quota_near":        "%[1]s used 80 %% of the quota of this period: %[3]d bytes",
	"quota_reached":     "%[1]s used up the quota of this period: %[3]d bytes",
	"capture_lost":      "%[3]d packets were lost, since the agent was too slow: usage is too low",
	"table_full":        "%[3]d flows ended early, since the table of flows is full",
	"devices_full":      "the bytes of %[3]d flows are counted as others, since the table of devices is full",
	"clock_unset":       "the clock is not set: history waits until it is",
	"interface_gone":    "the interface %[4]s is gone: nothing is captured there",
	"offload_counted":   "the kernel forwards flows out of sight and counts them",
	"offload_uncounted": "the kernel forwards flows out of sight and does not count them: usage is too low",
	"history_unwritten": "history could not be written; it is kept in memory until it can",
	"risk_found":        "%[1]s has a flow at risk: %[2]s",
	"scan_ports":        "%[5]s tries one port after the other: %[3]d connections did not come about",
	"scan_hosts":        "%[5]s tries many hosts at port %[2]s: %[3]d connections did not come about",
	"syn_unanswered":    "%[3]d connections that %[5]s asked for at port %[2]s stayed without an answer",
}

// text says an alert in English; one that is not known by its name.
func (w *words) text() string {
	sentence, ok := sentences[w.kind]
	if !ok {
		return strings.TrimSpace(strings.Join([]string{strings.ReplaceAll(w.kind, "_", " "), cmp.Or(w.name, w.device, w.host), w.label}, " "))
	}
	text := fmt.Sprintf(sentence, cmp.Or(w.name, w.device, "all together"), w.label, w.value, w.iface, cmp.Or(w.name, w.device, w.host))
	text, _, _ = strings.Cut(text, "%!(EXTRA") // what a sentence does not say
	return text
}
