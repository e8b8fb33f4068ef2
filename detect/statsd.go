package detect

import "netifyd/core/proto"

// StatsD (github.com/statsd/statsd, "docs/metric_types.md"; DataDog's
// extension "Datagram format"): lines of name, value, kind, and optionally a
// rate and tags. A datagram must be made of such lines alone.
var statsdCard = Protocol{ID: proto.StatsD, Over: UDP, Ports: []uint16{8125}, First: bytesBetween('A', 'Z') + bytesBetween('a', 'z') + bytesBetween('-', '9') + "_", Inspect: inspectStatsD}

func inspectStatsD(in *Input, _ *Result) Verdict {
	b := in.Newest()
	const least = 8
	if len(b) < least {
		return No
	}
	for len(b) > 0 {
		line, rest, found := cutLine(b)
		if !isStatsDLine(line) {
			return No
		}
		if b = rest; !found {
			break
		}
	}
	return Match
}

func isStatsDLine(line []byte) bool {
	const leastName = 2
	at := 0
	for at < len(line) && isMetricLetter(line[at]) {
		at++
	}
	if at < leastName || at >= len(line) || line[at] != ':' {
		return false
	}
	line = line[at+1:]
	// The value: a number, which a set may replace by a word.
	at = 0
	for at < len(line) && (isMetricLetter(line[at]) || line[at] == '+' || line[at] == ':') {
		at++
	}
	if at == 0 || at >= len(line) || line[at] != '|' {
		return false
	}
	number := line[0] == '+' || line[0] == '-' || line[0] >= '0' && line[0] <= '9'
	line = line[at+1:]
	n := 1
	switch {
	case begins(line, "ms") == Match:
		n = 2
	case len(line) > 0 && line[0] == 's':
		number = true
	case len(line) == 0 || line[0] != 'c' && line[0] != 'g' && line[0] != 'h' && line[0] != 'd':
		return false
	}
	line = line[n:]
	return number && (len(line) == 0 || line[0] == '|' && len(line) > 2 && (line[1] == '@' || line[1] == '#' || line[1] == 'c' || line[1] == 'T') && isText(line))
}

func isMetricLetter(c byte) bool {
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		return true
	}
	return c == '.' || c == '_' || c == '-' || c == '/'
}
