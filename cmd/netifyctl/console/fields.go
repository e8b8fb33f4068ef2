package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// fieldsOf makes the fields of a detail: groups of what belongs together, what a
// hello said first, then who, what, when and how much, then all the rest.
func fieldsOf(text []byte, s *screen) (fields []field) {
	root := client.ReadTree(text)
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
	gather(&root, "", add, s.clock())
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

// gather puts every plain value below m into a group.
func gather(m *client.Member, of string, add func(string, field), now time.Time) {
	for i := range m.In {
		x := &m.In[i]
		text, flat := x.Flat()
		switch {
		case flat && text == "":
		case flat && of == "":
			add(groupOf(x.Name), field{name: x.Name, value: valueText(x, text, now)})
		case flat:
			add(of, field{name: x.Name, value: valueText(x, text, now)})
		case isTable(x):
			for _, f := range tableFields(x, now) {
				add(x.Name, f)
			}
		case x.Name == "event" || x.Name == "flow" || x.Name == "counters":
			x.In = slices.DeleteFunc(x.In, func(y client.Member) bool { return y.Name == "type" }) // of the line
			gather(x, "", add, now)
		case of == "":
			gather(x, x.Name, add, now)
		default:
			gather(x, of+" "+x.Name, add, now)
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

// valueText writes numbers so that people can read them: times and bytes.
func valueText(m *client.Member, text string, now time.Time) string {
	if m.Name == "risks" && m.List {
		names := strings.Fields(text)
		for i := range names {
			names[i] = riskName(names[i])
		}
		return clean(strings.Join(names, ", "))
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !m.Number {
		return clean(text)
	}
	var at time.Time
	switch name := m.Name; {
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
	if strings.HasSuffix(m.Name, "_at") {
		out = at.Format("2006-01-02 15:04:05.000")
	}
	if past := now.Sub(at); past >= 0 {
		out += " (" + glyph.Span(seconds(past)) + " ago)"
	}
	return out
}

// isTable says that a member is {"columns": […], "rows": [[…]…]}.
func isTable(m *client.Member) bool {
	return !m.List && len(m.In) >= 2 && m.In[0].Name == "columns" && m.In[1].Name == "rows"
}

// tableFields draws one: steps of time as a curve, all else as rows.
func tableFields(m *client.Member, now time.Time) (fields []field) {
	columns, rows := m.In[0].In, m.In[1].In
	at := func(name string) int {
		return slices.IndexFunc(columns, func(c client.Member) bool { return c.Text == name })
	}
	cell := func(r *client.Member, name string) string {
		if i := at(name); i >= 0 && i < len(r.In) {
			return r.In[i].Text
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
		for k := range r.In {
			if text, ok := r.In[k].Flat(); ok && text != "" {
				words = append(words, clean(text))
			}
		}
		fields = append(fields, field{value: strings.Join(words, "  ")})
	}
	return fields
}
