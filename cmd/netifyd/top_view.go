package main

import (
	"cmp"
	"net/netip"
	"strings"
	"time"

	"netifyd/core/alert"
	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// view is one list of the screen: a question, and columns. Each is one entry of views.
type view struct {
	key1     byte // that shows it
	title    string
	method   string // "": it draws the status
	key      string // column that tells rows apart
	sorts    []string
	filtered bool
	ends     bool // rows stay for a while after they ended
	rated    bool // totals without rates: these are counted here
	args     func(*top, map[string]any)
	columns  func(*top) []column
}

// column is one of a list. The screen decides by its width which are shown.
type column struct {
	head  string
	width int
	grow  int // columns that it may take more, where there is room
	need  int // the higher, the sooner it is left out
	right bool
	text  func(t *top, i int) string
}

// gap stands between two columns.
const gap = "  "

func (c *column) room() glyph.Room {
	return glyph.Room{Gap: len(gap), Width: &c.width, Grow: c.grow, Need: c.need}
}

// views are filled in by init, since their functions read the list.
var views []view

func init() {
	views = []view{
		{key1: '1', title: "devices", method: "devices", key: "device", sorts: []string{"rate", "today_down", "period_down", "flows", "name", "last"}, filtered: true, args: filterArgs, columns: deviceColumns},
		{key1: '2', title: "apps", method: "usage", key: "application", rated: true, args: usageArgs, columns: usageColumns2},
		{key1: '3', title: "flows", method: "flows", key: "digest", filtered: true, ends: true, sorts: []string{"rate", "bytes", "age", "-age", "device", "application", "host", "idle"}, args: flowArgs, columns: flowColumns},
		{key1: '4', title: "hosts", method: "hosts", key: "host", rated: true, args: hostArgs, columns: hostColumns},
		{key1: '5', title: "alerts", method: "alerts", key: "number", args: func(_ *top, args map[string]any) { args["limit"] = mostRows }, columns: alertColumns},
		{key1: '6', title: "agent"},
	}
}

func findView(title string) *view {
	for i := range views {
		if views[i].title == title || title == "applications" && views[i].title == "apps" {
			return &views[i]
		}
	}
	return nil
}

func filterArgs(t *top, args map[string]any) { args["filter"] = t.filter() }

func flowArgs(t *top, args map[string]any) {
	args["filter"] = t.filter()
	if t.iface != "" {
		args["filter"] = strings.TrimSpace(t.filter() + ` iface:"` + t.iface + `"`)
	}
}

func usageArgs(t *top, args map[string]any) {
	args["by"], args["period"] = "application", t.period()
	if t.category {
		args["by"] = "category"
	}
	if t.span == 0 {
		args["limit"] = mostRows // the fastest need not be the largest
	}
}

func hostArgs(t *top, args map[string]any) {
	if t.span == 0 {
		args["limit"] = mostRows
	}
}

// cell gives a column's text as it came.
func cell(name string) func(*top, int) string {
	return func(t *top, i int) string { return t.rows.Text(i, name) }
}

func deviceColumns(t *top) []column {
	name := column{"DEVICE", 14, 18, 0, false, func(t *top, i int) string {
		if t.numbers {
			return t.rows.Text(i, "device")
		}
		return cmp.Or(t.rows.Text(i, "name"), t.rows.Text(i, "device"))
	}}
	flows := column{"FLOWS", 5, 0, 3, true, cell("flows")}
	kind := column{"TYPE", 9, 0, 4, false, cell("type")}
	address := column{"ADDRESS", 15, 30, 5, false, func(t *top, i int) string { return firstAddress(t.rows.Text(i, "addresses")) }}
	sum := func(from string) func(*top, int) string {
		return func(t *top, i int) string {
			down, up := t.since(i, from+"_down", from+"_up")
			return glyph.Octets(down + up)
		}
	}
	part := func(from string, up bool) func(*top, int) string {
		return func(t *top, i int) string {
			d, u := t.since(i, from+"_down", from+"_up")
			if up {
				d = u
			}
			return glyph.Octets(d)
		}
	}
	if t.span == 0 {
		return []column{name, kind, {"RATE", 8, 0, 0, true, func(t *top, i int) string { return glyph.ShortRate(t.rows.Number(i, "rate")) }},
			{t.totals("TODAY"), 8, 0, 1, true, sum("today")}, {"MONTH", 8, 0, 2, true, sum("period")}, flows, address}
	}
	from := "today"
	if t.span == 2 {
		from = "period"
	}
	return []column{name, kind, {"DOWN", 8, 0, 1, true, part(from, false)}, {"UP", 8, 0, 2, true, part(from, true)}, {t.totals(spans[t.span]), 8, 0, 0, true, sum(from)}, flows, address}
}

// addressOf is the address of an endpoint, without its port.
func addressOf(endpoint string) string {
	if at, err := netip.ParseAddrPort(endpoint); err == nil {
		return at.Addr().String()
	}
	return endpoint
}

// firstAddress is the first of a list in JSON.
func firstAddress(list string) string {
	first, _, _ := strings.Cut(strings.Trim(list, "[]"), ",")
	return strings.Trim(first, `"`)
}

// totals is the head of a column of totals.
func (t *top) totals(of string) string {
	if !t.reset.IsZero() {
		return t.reset.Format("+15:04")
	}
	return strings.ToUpper(of)
}

// since is how much the totals of a row have grown since they were reset.
func (t *top) since(i int, down, up string) (uint64, uint64) {
	d, u := t.rows.Number(i, down), t.rows.Number(i, up)
	if was, ok := t.base[t.keys[i]+down]; ok {
		return d - min(d, was[0]), u - min(u, was[1])
	}
	return d, u
}

func usageColumns2(t *top) []column {
	head := "APPLICATION"
	if t.category {
		head = "CATEGORY"
	}
	return totalColumns(head, func(t *top, i int) string { return strings.TrimPrefix(t.rows.Text(i, "application"), "netify.") })
}

// totalColumns are those of rows that have no rates but totals.
func totalColumns(head string, name func(*top, int) string) []column {
	return []column{{head, 18, 60, 0, false, name},
		{"RATE", 8, 0, 1, true, func(t *top, i int) string {
			if r := t.rates[t.keys[i]]; r != nil {
				return glyph.ShortRate(r.Bytes)
			}
			return ""
		}},
		{"DOWN", 8, 0, 0, true, func(t *top, i int) string { d, _ := t.since(i, "down", "up"); return glyph.Octets(d) }},
		{"UP", 8, 0, 2, true, func(t *top, i int) string { _, u := t.since(i, "down", "up"); return glyph.Octets(u) }},
		{"FLOWS", 7, 0, 3, true, cell("flows")}}
}

func flowColumns(*top) []column {
	return []column{
		{"DEVICE", 15, 8, 0, false, func(t *top, i int) string {
			if t.numbers {
				return t.rows.Text(i, "local")
			}
			return flowDevice(&t.rows, i, t.devices)
		}},
		{"APPLICATION", 10, 10, 2, false, (*top).app},
		{"DOWN", 8, 0, 0, true, func(t *top, i int) string { return glyph.ShortRate(t.rows.Number(i, "down_rate")) }},
		{"UP", 8, 0, 3, true, func(t *top, i int) string { return glyph.ShortRate(t.rows.Number(i, "up_rate")) }},
		{"BYTES", 8, 0, 1, true, func(t *top, i int) string { return glyph.Octets(t.rows.Number(i, "bytes")) }},
		{"AGE", 7, 0, 5, true, func(t *top, i int) string { return glyph.Span(t.rows.Number(i, "age")) }},
		{"NAME", 18, 60, 4, false, func(t *top, i int) string {
			if t.numbers {
				return t.rows.Text(i, "other")
			}
			return cmp.Or(t.rows.Text(i, "host"), t.rows.Text(i, "other"))
		}},
	}
}

func hostColumns(*top) []column { return totalColumns("NAME", cell("host")) }

func alertColumns(*top) []column {
	return []column{{"WHEN", 12, 4, 0, false, func(t *top, i int) string {
		return time.Unix(int64(t.rows.Number(i, "last")), 0).In(t.clock().Location()).Format("02 Jan 15:04")
	}}, {"WHAT", 20, 200, 0, false, func(t *top, i int) string { return alertText(&t.rows, i) }}}
}

// alertText says what an alert is about.
func alertText(list *client.Rows, i int) string {
	text, _ := alert.Say(list.Text(i, "alert"), list.Number(i, "value"), alert.Words{Device: cmp.Or(list.Text(i, "name"), list.Text(i, "device")),
		Label: strings.TrimPrefix(list.Text(i, "label"), "netify."), Iface: list.Text(i, "interface"), Host: list.Text(i, "host")})
	return text
}
