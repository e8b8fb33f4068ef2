package console

import (
	"fmt"
	"strconv"
	"strings"
)

// alertWords are what alerts say. $d stands for the device, $l for the label,
// $v for the value, $b for it in bytes, $i for the interface, $h for the host, $w for whose quota it is, $f for so many flows.
var alertWords = map[string]string{
	"device_new":        "new device: $d",
	"device_resolver":   "$d asks an encrypted resolver of its own for names",
	"application_first": "$d uses $l for the first time",
	"quota_near":        "$w used 80 % of the quota of this period: $b",
	"quota_reached":     "$w used up the quota of this period: $b",
	"capture_lost":      "the kernel dropped $v packets that the agent was too slow for: usage is too low; raise capture.ring",
	"table_full":        "$v flows ended early since the flow table is full: raise flows.max",
	"devices_full":      "the bytes of $v flows were counted as others since the table of devices is full: raise usage.devices",
	"clock_unset":       "the clock is not set: history waits until it is; look at the time service",
	"interface_gone":    "the interface $i is gone: nothing is captured there",
	"offload_counted":   "the kernel offloads flows and counts them: totals are right, the split by direction is near",
	"offload_uncounted": "the kernel offloads flows and does not count them: usage is too low; set net.netfilter.nf_conntrack_acct=1",
	"history_unwritten": "history could not be written; it is kept in memory until it can",
	"risk_found":        "$d has $f at risk: $l",
	"scan_ports":        "$h tries one port after the other: $v connections did not come about",
	"scan_hosts":        "$h tries many hosts at port $l: $v connections did not come about",
	"syn_unanswered":    "$v connections that $h asked for at port $l stayed without an answer",
	"stream_lost":       "the agent had no room for $v events that this console was too slow for: totals are too low",
	"stream_gone":       "the agent went away",
}

// alertText says what an alert is about. One that is not known keeps its identifier.
func alertText(r *row) string {
	text := alertWords[r.cell["alert"]]
	if text == "" {
		text = r.cell["alert"] + " $d $l $v $i"
	}
	device := first(r.cell["name"], r.cell["device"])
	whose := "all devices together have"
	if device != "" {
		whose = device + " has"
	}
	flows := "a flow"
	if r.number("value") > 1 {
		flows = r.cell["value"] + " flows"
	}
	return clean(strings.NewReplacer("$f", flows, "$d", device, "$l", tag(r.cell["label"]), "$v", r.cell["value"], "$b", octets(r.number("value")), "$i", r.cell["interface"], "$w", whose, "$h", first(device, r.cell["host"])).Replace(text))
}

// warning is something that a person should do something about: an identifier and arguments.
type warning struct {
	ID   string   `json:"id"`
	Args []string `json:"args"`
}

// remedies are what warnings say, and what to do. %1 and %2 stand for the arguments.
var remedies = map[string][2]string{
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

// words are what a warning says, and its remedy.
func (w *warning) words() [2]string {
	text, ok := remedies[w.ID]
	if !ok {
		return [2]string{clean(strings.TrimSpace(w.ID + " " + strings.Join(w.Args, " "))), ""}
	}
	for i := range text {
		for n, a := range w.Args {
			text[i] = strings.ReplaceAll(text[i], fmt.Sprintf("%%%d", n+1), clean(a))
		}
	}
	return text
}

// categories are those of applications, by their numbers in the stream.
var categories = [...]string{1: "unclassified", 2: "adult", 3: "advertiser", 4: "entertainment", 5: "business", 6: "education", 9: "financial", 10: "file-sharing", 12: "games", 13: "government",
	15: "mail", 16: "malware", 17: "messaging", 18: "news", 19: "portal", 20: "recreation", 21: "reference", 23: "shopping", 24: "social-media", 26: "sports", 27: "technology",
	28: "vpn-and-proxy", 29: "streaming-media", 30: "cybersecurity", 31: "os-software-updates", 32: "voip", 33: "device-iot", 34: "remote-desktop", 35: "cdn", 36: "hosting", 37: "telco"}

// category names one of them.
func category(n int) string {
	if n > 0 && n < len(categories) && categories[n] != "" {
		return categories[n]
	}
	if n <= 0 {
		return categories[1]
	}
	return strconv.Itoa(n)
}

// first is the first text that is not empty.
func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
