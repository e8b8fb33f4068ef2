package config

import (
	"strconv"
	"strings"
)

// iniSections are those by which a file in netifyd's INI form is known.
var iniSections = map[string]bool{
	"netifyd": true, "threads": true, "flow_hash_cache": true, "dns_hint_cache": true, "socket": true, "privacy_filter": true,
	"netify_api": true, "protocols": true, "watches": true, "plugin_services": true, "plugin_tasks": true,
	"plugin_detections": true, "plugin_stats": true, "sink_headers": true,
}

// pair is one key of an INI file.
type pair struct {
	section, name string // lower case; name without the number in brackets
	index         int    // number in brackets; -1: none
	value         string
	line          int
}

func (p *pair) key() string { return p.section + "." + p.name }

// said is how the key stands in the file.
func (p *pair) said() string {
	s := "[" + plain(p.section) + "] " + plain(p.name)
	if p.index >= 0 {
		s += "[" + strconv.Itoa(p.index) + "]"
	}
	return s
}

// ini reads netifyd's INI form: what has a meaning here is taken, what has none
// is warned of, and a value that cannot be read is an error.
func (r *reader) ini(text string) {
	l := legacy{r: r, listeners: map[string]*Listener{}}
	for _, p := range r.pairs(text) {
		l.pair(p)
	}
	l.finish()
}

// pairs are the keys in the order of lines. Comments begin with ; or #, in the
// middle of a line after a blank. A later value of the same key wins, as there.
func (r *reader) pairs(text string) []pair {
	var all []pair
	section, n := "", 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(withoutComment(line))
		if line == "" {
			continue
		}
		if name, ok := sectionName(line); ok {
			section = name
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" || line[0] == '[' {
			r.fail("", n, "%q is neither [section] nor key = value", line)
			continue
		}
		if section == "" {
			r.fail("", n, "%q stands before the first [section]", line)
			continue
		}
		p := pair{section: section, index: -1, value: unquoted(strings.TrimSpace(value)), line: n}
		p.name, p.index = numbered(name)
		all = append(all, p)
	}
	return all
}

func withoutComment(line string) string {
	for i := range len(line) {
		if (line[i] == ';' || line[i] == '#') && strings.TrimSpace(line[:i]) == "" ||
			line[i] == ';' && (line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}

func sectionName(line string) (string, bool) {
	if len(line) < 2 || line[0] != '[' {
		return "", false
	}
	name, rest, ok := strings.Cut(line[1:], "]")
	if !ok || strings.TrimSpace(rest) != "" && !strings.ContainsAny(strings.TrimSpace(rest)[:1], ";#") {
		return "", false
	}
	return strings.ToLower(strings.TrimSpace(name)), true
}

// numbered splits listen_path[2] into name and number; -1 without one.
func numbered(name string) (string, int) {
	base, rest, ok := strings.Cut(name, "[")
	if n, err := strconv.ParseUint(strings.TrimSuffix(rest, "]"), 10, 16); ok && err == nil && strings.HasSuffix(rest, "]") {
		return base, int(n)
	}
	return name, -1
}

func unquoted(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
