package console

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"netifyd/core/glyph"
)

// member is a value of JSON with its name, in the order of the text.
type member struct {
	name, text string // of a plain value
	in         []member
	list       bool
	number     bool
}

// fieldsOf makes the fields of a detail: groups of what belongs together, what a
// hello said first, then who, what, when and how much, then all the rest.
func fieldsOf(text []byte, s *screen) (fields []field) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	root := readMember(d, "", 0)
	groups := map[string][]field{}
	var names []string
	add := func(group string, f field) {
		if slices.Contains(groups[group], f) {
			return // the report of counters says it once more
		}
		if groups[group] == nil {
			names = append(names, group)
		}
		groups[group] = append(groups[group], f)
	}
	root.sort("", add, s.clock())
	slices.SortStableFunc(names, func(x, y string) int { return rank(x) - rank(y) })
	for _, name := range names {
		fields = append(append(fields, field{name: name, group: true}), groups[name]...)
	}
	return fields
}

// ranks are the groups that come first.
var ranks = []string{"ssl", "quic", "http", "dns", "ssh", "tunnel", "who", "what", "when", "bytes"}

func rank(group string) int {
	if at := slices.Index(ranks, group); at >= 0 {
		return at
	}
	return len(ranks)
}

// sort puts every plain value below m into a group.
func (m *member) sort(group string, add func(string, field), now time.Time) {
	for i := range m.in {
		x := &m.in[i]
		text, flat := x.flat()
		switch {
		case flat && text == "":
		case flat && group == "":
			add(groupOf(x.name), field{name: x.name, value: x.value(text, now)})
		case flat:
			add(group, field{name: x.name, value: x.value(text, now)})
		case x.isTable():
			for _, f := range x.table(now) {
				add(x.name, f)
			}
		case x.name == "event" || x.name == "flow" || x.name == "counters":
			x.in = slices.DeleteFunc(x.in, func(y member) bool { return y.name == "type" }) // of the line
			x.sort("", add, now)
		case group == "":
			x.sort(x.name, add, now)
		default:
			x.sort(group+" "+x.name, add, now)
		}
	}
}

// groupOf is where a plain value belongs.
func groupOf(name string) string {
	switch {
	case strings.HasSuffix(name, "_bytes"), strings.HasSuffix(name, "_packets"), strings.HasSuffix(name, "_rate"), strings.HasSuffix(name, "_down"), strings.HasSuffix(name, "_up"), name == "down", name == "up", name == "flows":
		return "bytes"
	case strings.HasSuffix(name, "_at"), name == "first", name == "last", name == "now", name == "from", name == "to", name == "established", name == "reason":
		return "when"
	case strings.HasPrefix(name, "local_"), strings.HasPrefix(name, "other_"), strings.HasPrefix(name, "device"), strings.HasPrefix(name, "interface"), strings.HasPrefix(name, "ip_"), strings.HasPrefix(name, "name"), strings.HasPrefix(name, "type"), name == "internal", name == "vlan_id", name == "addresses", name == "vendor", name == "known_by":
		return "who"
	}
	return "what"
}

// value writes numbers so that people can read them: times and bytes.
func (m *member) value(text string, now time.Time) string {
	if m.name == "risks" && m.list {
		names := strings.Fields(text)
		for i := range names {
			names[i] = riskName(names[i])
		}
		return clean(strings.Join(names, ", "))
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !m.number {
		return clean(text)
	}
	var at time.Time
	switch name := m.name; {
	case strings.HasSuffix(name, "_at") && n > 0:
		at = time.UnixMilli(n)
	case n > 1e9 && slices.Contains([]string{"first", "last", "now", "from", "to"}, name):
		at = time.Unix(n, 0)
	case strings.HasSuffix(name, "_bytes"), strings.HasSuffix(name, "_down"), strings.HasSuffix(name, "_up"), name == "down", name == "up":
		return bytesText(uint64(max(n, 0)))
	case name == "down_rate" || name == "up_rate":
		return glyph.Rate(uint64(max(n, 0)))
	}
	if at.IsZero() {
		return text
	}
	at = at.In(now.Location())
	out := at.Format("2006-01-02 15:04:05")
	if strings.HasSuffix(m.name, "_at") {
		out = at.Format("2006-01-02 15:04:05.000")
	}
	if past := now.Sub(at); past >= 0 {
		out += " (" + glyph.Span(seconds(past)) + " ago)"
	}
	return out
}

// isTable says that a member is {"columns": […], "rows": [[…]…]}.
func (m *member) isTable() bool {
	return !m.list && len(m.in) >= 2 && m.in[0].name == "columns" && m.in[1].name == "rows"
}

// table draws one: steps of time as a curve, all else as rows.
func (m *member) table(now time.Time) (fields []field) {
	columns, rows := m.in[0].in, m.in[1].in
	at := func(name string) int {
		return slices.IndexFunc(columns, func(c member) bool { return c.text == name })
	}
	cell := func(r *member, name string) string {
		if i := at(name); i >= 0 && i < len(r.in) {
			return r.in[i].text
		}
		return ""
	}
	if at("start") == 0 {
		for _, way := range []string{"down", "up"} {
			list, sum := make([]uint64, len(rows)), uint64(0)
			for i := range rows {
				list[i], _ = strconv.ParseUint(cell(&rows[i], way), 10, 64)
				sum += list[i]
			}
			fields = append(fields, field{name: way, value: glyph.Spark(list) + " " + glyph.Octets(sum)})
		}
		return fields
	}
	for i := range rows {
		r := &rows[i]
		name, number := first(cell(r, "name"), cell(r, "application")), func(column string) string {
			n, _ := strconv.ParseUint(cell(r, column), 10, 64)
			return glyph.Octets(n)
		}
		if at("down") >= 0 {
			fields = append(fields, field{name: clean(tag(name)), value: fit(number("down"), 8, true) + " down " + fit(number("up"), 8, true) + " up"})
			continue
		}
		var words []string
		for k := range r.in {
			if text, ok := r.in[k].flat(); ok && text != "" {
				words = append(words, clean(text))
			}
		}
		fields = append(fields, field{value: strings.Join(words, "  ")})
	}
	return fields
}

// deepest is how far objects in objects are read.
const deepest = 16

func readMember(d *json.Decoder, name string, depth int) (m member) {
	m.name = name
	tok, err := d.Token()
	if err != nil || depth > deepest {
		return m
	}
	switch v := tok.(type) {
	case json.Delim:
		m.list, m.in = v == '[', []member{}
		for d.More() {
			inner := ""
			if !m.list {
				key, err := d.Token()
				if err != nil {
					return m
				}
				inner, _ = key.(string)
			}
			before := d.InputOffset()
			m.in = append(m.in, readMember(d, inner, depth+1))
			if d.InputOffset() == before {
				return m // it is not whole
			}
		}
		_, _ = d.Token()
	case string:
		m.text = v
	case json.Number:
		m.text, m.number = v.String(), true
	case bool:
		m.text = map[bool]string{true: "yes", false: "no"}[v]
	}
	return m
}

// flat says that a member can stand on one line, and how.
func (m *member) flat() (string, bool) {
	if m.in == nil {
		return m.text, true
	}
	if !m.list {
		return "", len(m.in) == 0
	}
	words := make([]string, len(m.in))
	for i := range m.in {
		text, ok := m.in[i].flat()
		if !ok {
			return "", false
		}
		words[i] = text
	}
	return strings.Join(words, "  "), true
}
