package console

import (
	"strconv"
	"strings"

	"netifyd/core/alert"
	"netifyd/core/risk"
)

// ownAlerts are those that the console raises where it has no answers but the
// stream. $v stands for the value.
var ownAlerts = map[string]string{
	"stream_lost": "the agent had no room for $v events that this console was too slow for: totals are too low",
	"stream_gone": "the agent went away",
}

// alertText says what an alert is about. One that is not known keeps its identifier.
func alertText(r *row) string {
	c := r.cell
	text, known := alert.Say(c["alert"], r.number("value"), alert.Words{Device: first(c["name"], c["device"]), Label: tag(c["label"]), Iface: c["interface"], Host: c["host"]})
	if own := ownAlerts[c["alert"]]; own != "" {
		text = strings.Replace(own, "$v", c["value"], 1)
	} else if !known {
		text = strings.Join([]string{c["alert"], first(c["name"], c["device"]), tag(c["label"]), c["value"], c["interface"]}, " ")
	}
	return clean(text)
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

// riskName names a risk by its number in an event or an answer.
func riskName(number string) string {
	if n, err := strconv.ParseUint(number, 10, 8); err == nil && risk.ID(n).Name() != "" {
		return risk.ID(n).Name()
	}
	return number
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
