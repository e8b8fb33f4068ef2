package main

import (
	"fmt"
	"strings"

	"netifyd/core/glyph"
)

// line is one of the screen.
type line struct {
	text string
	look look
}

// look is how a line is drawn. Where colours are not wanted, the codes of the
// VT100 are enough.
type look uint8

const (
	normal look = iota
	heading
	under // the cursor
	faint
	alarm
)

// frameLines are those around the rows: two of the head, the heading, what is
// going on, and the keys.
const frameLines = 5

// render draws the screen: exactly as many lines as it has, none too long.
func (t *top) render() []line {
	lines := append(make([]line, 0, t.height), t.head()...)
	body := t.body()
	lines = append(lines, body...)
	if room := max(t.height-2, 1); len(lines) > room {
		lines = lines[:room]
	}
	for len(lines) < t.height-2 {
		lines = append(lines, line{})
	}
	lines = append(lines, t.state(), line{t.keyLine(), heading})
	if len(lines) > t.height {
		lines = lines[len(lines)-t.height:]
	}
	for i := range lines {
		text := strings.TrimRight(glyph.Cut(glyph.Clean(lines[i].text), t.width), " ")
		if t.plain {
			text = glyph.ASCII(text)
		}
		lines[i].text = text
	}
	return lines
}

// head says what is captured and how much is going on.
func (t *top) head() []line {
	var names []string
	for i := range t.status.Interfaces.Rows {
		names = append(names, t.status.Interfaces.Text(i, "name"))
	}
	clock := t.clock().Format("15:04:05")
	left := "netifyd top  " + strings.Join(names, ", ")
	o := &t.overview
	second := fmt.Sprintf("%d flows", t.status.Flows.Now)
	if o.Newest > 0 {
		down := o.Wan.Down[max(len(o.Wan.Down)-curve, 0):]
		devices := "devices"
		if o.Words.Devices == 1 {
			devices = "device"
		}
		second = fmt.Sprintf("%d %s  %s  down %s %s  up %s", o.Words.Devices, devices, second, glyph.Rate(o.Words.Down), glyph.Spark(down), glyph.Rate(o.Words.Up))
	}
	lost := line{fmt.Sprintf("%s  lost %d", second, t.status.Capture.Dropped), normal}
	if w := t.status.Warnings; len(w) > 0 {
		what, _ := w[0].Words()
		lost = line{lost.text + "  " + what, alarm}
	}
	return []line{{glyph.Fit(left, max(t.width-len(clock)-1, 0), false) + " " + clock, heading}, lost}
}

func (t *top) body() []line {
	switch {
	case t.help:
		return helpLines()
	case t.detail != nil:
		return t.detail.body(t)
	case t.wrong != "":
		list := []line{{}}
		for _, text := range wrap(t.wrong, t.width) {
			list = append(list, line{text, alarm})
		}
		return list
	case t.view.method == "":
		return t.agentLines()
	}
	return t.listLines()
}

func (t *top) listLines() []line {
	columns := glyph.Layout(t.view.columns(t), t.width-2, (*column).room)
	lines := []line{{"  " + rowText(columns, func(c *column) string { return c.head }), heading}}
	for i := t.scroll; i < len(t.keys); i++ {
		mark, how := "  ", normal
		if _, ok := t.ended[t.keys[i]]; ok {
			how = faint
		}
		if t.view.title == "alerts" && t.rows.Text(i, "serious") == "true" {
			how = alarm
		}
		if i == t.cursor {
			mark = "> "
			if t.chosen != "" {
				how = under
			}
		}
		lines = append(lines, line{mark + rowText(columns, func(c *column) string { return glyph.Clean(c.text(t, i)) }), how})
		if t.keys[i] == t.opened {
			lines = append(lines, t.insideLines()...)
		}
	}
	if len(t.keys) == 0 {
		lines = append(lines, line{"  " + nothing(t.view.title, t.filter()+t.iface != ""), faint})
	}
	return lines
}

// nothing says why a list is empty.
func nothing(title string, filtered bool) string {
	switch {
	case filtered:
		return "nothing fits the filter: Esc takes it away"
	case title == "alerts":
		return "nothing that you should know"
	}
	return "nothing yet: the list fills as traffic passes"
}

// insideLines are the applications of the device above.
func (t *top) insideLines() []line {
	var lines []line
	for i := range t.inside.Rows {
		name := glyph.Fit(glyph.Clean(strings.TrimPrefix(t.inside.Text(i, "application"), "netify.")), 24, false)
		lines = append(lines, line{fmt.Sprintf("    └ %s %8s down %8s up", name, glyph.Octets(t.inside.Number(i, "down")), glyph.Octets(t.inside.Number(i, "up"))), normal})
	}
	if lines == nil {
		lines = []line{{"    └ nothing " + t.period(), faint}}
	}
	return lines
}

func rowText(columns []column, text func(*column) string) string {
	var b strings.Builder
	for i := range columns {
		if i > 0 {
			b.WriteString(gap)
		}
		c := &columns[i]
		cell := text(c)
		if c.head == "NAME" { // of a host: its end says most
			cell = glyph.Middle(cell, c.width)
		}
		b.WriteString(glyph.Fit(cell, c.width, c.right))
	}
	return b.String()
}

// state says what the list shows, and what the last key led to.
func (t *top) state() line {
	switch {
	case t.typing:
		return line{"/" + t.typed + "_", normal}
	case t.message != "":
		return line{t.message, normal}
	}
	var list []string
	if t.detail != nil || t.view.method == "" {
		list = append(list, "every "+t.interval.String())
	} else {
		list = append(list, fmt.Sprintf("%d of %d", len(t.keys), max(t.rows.Total, len(t.keys))))
		if n := len(t.view.sorts); n > 0 {
			list = append(list, "by "+strings.NewReplacer("_down", "", "period", "month").Replace(t.view.sorts[t.sorts[t.view]%n]))
		}
	}
	for _, x := range []struct {
		on   bool
		text string
	}{{t.view.rated, "totals of " + t.period()}, {t.filter() != "", "filter " + t.filter()}, {t.iface != "" && t.view.ends, "only " + t.iface}, {t.follow, "follows the row"}, {t.numbers, "addresses"}, {t.frozen, "FROZEN: space goes on"}} {
		if x.on {
			list = append(list, x.text)
		}
	}
	return line{strings.Join(list, " · "), faint}
}

func (t *top) keyLine() string {
	if t.detail != nil {
		return "Esc back  j k move  y copy  e write a file  space freeze  q back"
	}
	var b strings.Builder
	for i := range views {
		if text := string(views[i].key1) + " " + views[i].title; &views[i] == t.view {
			fmt.Fprintf(&b, "[%s] ", text)
		} else {
			b.WriteString(text + " ")
		}
	}
	return b.String() + "/ filter  ? help  q quit"
}

func helpLines() (lines []line) {
	for _, text := range []string{
		"1-6     the lists: devices, applications (2 again: categories), flows,",
		"        server names, alerts, the agent",
		"arrows  move; also h j k l, g G, Page Up and Page Down",
		"enter   open: a device or a flow with all that is known of it, an application",
		"        or a name with its flows; Esc goes back",
		"right   show the applications of a device; left hides them",
		"/       filter, as netifyd flows: words, device: app: cat: proto: host: port:",
		"        iface: net: state: risk:, and ! for not; Esc takes it away",
		"s S     next and previous order",
		"r p     rates or totals; of now, today, this month",
		"n       names or addresses",
		"f       follow the row where the order takes it",
		"space   freeze: nothing is asked and nothing moves",
		"i       flows of one interface after the other",
		"+ -     ask more often, less often: each second to each 10 seconds",
		"x x     totals begin at 0 on this screen",
		"e y     write the list as CSV; copy what is open as JSON",
		"?  q    this page; leave. Nothing here blocks or changes anything.",
	} {
		lines = append(lines, line{text, normal})
	}
	return lines
}

// agentLines say how the agent does.
func (t *top) agentLines() (lines []line) {
	var b strings.Builder
	drawStatus(&b, &t.status)
	for text := range strings.Lines(b.String()) {
		how := normal
		if strings.HasPrefix(text, "warning") {
			how = alarm
		}
		for _, part := range wrap(strings.TrimSuffix(text, "\n"), t.width) {
			lines = append(lines, line{part, how})
		}
	}
	return lines
}

// body draws a detail.
func (d *detail) body(t *top) []line {
	title := strings.TrimSpace(d.method + " " + d.title)
	if name := t.devices[d.title]; name != "" {
		title += "  " + name
	}
	lines := []line{{title, heading}}
	if t.wrong != "" {
		for _, text := range wrap(t.wrong, t.width) {
			lines = append(lines, line{text, alarm})
		}
	}
	room := max(t.width-24, 8)
	if n := len(d.down); n > 1 {
		lines = append(lines, line{"down " + glyph.Spark(d.down[max(n-room, 0):]) + " " + glyph.Rate(d.down[n-1]), normal})
		lines = append(lines, line{"up   " + glyph.Spark(d.up[max(n-room, 0):]) + " " + glyph.Rate(d.up[n-1]), normal})
	}
	for _, text := range d.lines[min(d.scroll, len(d.lines)):] {
		for i, part := range wrap(text, t.width) {
			if i > 0 {
				part = "    " + part
			}
			lines = append(lines, line{part, normal})
		}
	}
	return lines
}

// wrap breaks a text into lines of a width, at blanks where there are some.
func wrap(text string, width int) (lines []string) {
	for glyph.Columns(text) > width && width > 8 {
		part := strings.TrimSuffix(glyph.Cut(text, width+1), "…")
		at := strings.LastIndexByte(part, ' ')
		if at < width/2 {
			at = len(part)
		}
		lines = append(lines, text[:at])
		text, width = strings.TrimLeft(text[at:], " "), width-4
		text = strings.TrimSpace(text)
	}
	return append(lines, text)
}
