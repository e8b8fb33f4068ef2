package console

import (
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"

	"netifyd/core/glyph"
	"netifyd/core/risk"
)

// look is how a text is drawn. Sixteen colours are enough, and none where they are not wanted.
type look uint8

const (
	normal look = iota
	heading
	under // the cursor
	faint
	alarm
	accent
)

// styles of looks. The colours are those of the terminal's own palette, so that
// they suit light and dark ones.
func styles(colours bool) [6]tcell.Style {
	d := tcell.StyleDefault
	s := [6]tcell.Style{normal: d, heading: d.Bold(true), under: d.Reverse(true), faint: d.Dim(true), alarm: d.Bold(true), accent: d}
	if colours {
		s[alarm], s[accent] = d.Foreground(tcell.ColorMaroon).Bold(true), d.Foreground(tcell.ColorTeal)
	}
	return s
}

// span of a line; line is one of the screen.
type piece struct {
	text string
	look look
}
type line []piece

func plain(text string, how look) line { return line{{text, how}} }

// geometry is where things stand, for the mouse.
type geometry struct {
	top, rows   int // first line of the list, and how many
	heads, tabs []place
}

type place struct{ from, to, what int }

// page is how many rows the screen has room for.
func (s *screen) page() int { return max(s.height-s.headLines()-3, 1) }

// wide is from how many columns on the head is one line.
const wide = 112

func (s *screen) headLines() int {
	if s.width >= wide {
		return 1
	}
	return 2
}

// paint draws lines. Only cells that changed are written to the terminal.
func paint(to tcell.Screen, lines []line, how [6]tcell.Style) {
	width, height := to.Size()
	for y := range height {
		x := 0
		if y < len(lines) {
			for _, p := range lines[y] {
				style, rest, state := how[p.look], p.text, -1
				for rest != "" && x < width {
					var cluster string
					var n int
					cluster, rest, n, state = uniseg.FirstGraphemeClusterInString(rest, state)
					if x+n > width {
						break
					}
					to.Put(x, y, cluster, style)
					x += n
				}
			}
		}
		last := how[normal]
		if y < len(lines) && len(lines[y]) > 0 && lines[y][0].look == under {
			last = how[under]
		}
		for ; x < width; x++ {
			to.Put(x, y, " ", last)
		}
	}
}

// render makes the lines of the screen.
func (s *screen) render() []line {
	s.geometry = geometry{}
	lines := s.head()
	var body []line
	switch {
	case s.help:
		body = helpLines()
	case s.detail != nil:
		body = s.detail.lines(s)
	case s.view.method == "":
		body = s.agentLines()
		s.scroll = max(min(s.cursor, len(body)-s.page()-1), 0)
		body = body[s.scroll:]
	default:
		body = s.body()
	}
	room := max(s.height-len(lines)-2, 0)
	lines = append(lines, body[:min(len(body), room)]...)
	for len(lines) < s.height-2 {
		lines = append(lines, nil)
	}
	lines = append(lines, s.state(), s.keyLine())
	if over := len(lines) - s.height; over > 0 {
		lines = lines[over:]
	}
	return lines
}

// head says whose screen it is, and how much is going on.
func (s *screen) head() []line {
	var ifaces []string
	for i := range s.status.Interfaces.Rows {
		ifaces = append(ifaces, clean(s.status.Interfaces.Text(i, "name")))
	}
	w := &s.overview.Words
	n := curve
	switch {
	case s.width < 60: // the numbers are more
		n = 0
	case s.width < 140:
		n = curve / 2
	}
	name := "netifyd top"
	if s.where != "" {
		name += "  " + s.where
	}
	count := fmt.Sprintf("%d devices  ", w.Devices)
	if w.Devices == 1 {
		count = "1 device  "
	}
	if w.Flows == 1 {
		count += "1 flow  "
	} else {
		count += fmt.Sprintf("%d flows  ", w.Flows)
	}
	numbers := line{{count, normal}}
	down, up := s.overview.Wan.Down, s.overview.Wan.Up
	numbers = append(numbers, piece{"↓ " + glyph.Rate(w.Down) + " ", normal}, piece{glyph.Spark(down[max(len(down)-n, 0):]), accent}, piece{"  ↑ " + glyph.Rate(w.Up) + " ", normal})
	if s.width >= 70 {
		numbers = append(numbers, piece{glyph.Spark(up[max(len(up)-n/2, 0):]), accent})
	}
	lost := piece{fmt.Sprintf("  lost %d", s.status.Capture.Dropped), normal}
	if w.Lost > 0 {
		lost.look = alarm
	}
	clock := piece{s.clock().Format("15:04:05"), normal}
	if s.width >= wide {
		l := append(line{{name, heading}, {"   " + cut(strings.Join(ifaces, ", "), 24) + "   ", faint}}, numbers...)
		return []line{s.right(append(l, lost), clock)}
	}
	first := line{{cut(name, max(s.width-10, 11)), heading}}
	if room := s.width - columns(name) - 12; room > 4 {
		first = append(first, piece{"  " + cut(strings.Join(ifaces, ", "), room), faint})
	}
	return []line{s.right(first, clock), append(numbers, lost)}
}

// right puts the last piece at the right border.
func (s *screen) right(l line, last piece) line {
	n := columns(last.text)
	for _, p := range l {
		n += columns(p.text)
	}
	if n+1 > s.width {
		return l
	}
	return append(l, piece{strings.Repeat(" ", s.width-n), normal}, last)
}

// body draws the list.
func (s *screen) body() []line {
	all := glyph.Layout(s.view.columns(s), s.width-2, (*column).room)
	s.geometry.top, s.geometry.rows = s.headLines()+1, s.page()
	lines := []line{s.headings(all)}
	if len(s.shown) == 0 {
		return append(lines, s.nothing()...)
	}
	for at := s.scroll; at < min(s.scroll+s.page(), len(s.shown)); at++ {
		r := &s.shown[at]
		how := normal
		switch {
		case at == s.cursor:
			how = under
		case !r.ended.IsZero() || s.stale:
			how = faint
		case r.cell["serious"] == "true" || r.number("risk") >= uint64(risk.High):
			how = alarm
		}
		mark := " "
		if at == s.cursor {
			mark = ">"
		}
		switch {
		case s.view.title != "devices" || r.parent != "":
			mark += " "
		case s.isOpen(r.key):
			mark += "▾"
		default:
			mark += " "
		}
		l := line{{mark, how}}
		cells := all
		if r.parent != "" {
			cells = joined(all)
		}
		for i := range cells {
			c := &cells[i]
			look := how
			if how == normal {
				look = c.look
			}
			text := clean(c.text(s, r))
			if c.head == "NAME" { // of a host: its end says most
				text = middle(text, c.width)
			}
			if i > 0 {
				l = append(l, piece{gap(c), how})
			}
			l = append(l, piece{fit(text, c.width, c.right), look})
		}
		lines = append(lines, l)
	}
	return lines
}

func (s *screen) isOpen(key string) bool {
	for _, x := range s.opened {
		if x == key {
			return true
		}
	}
	return false
}

// headings are the heads of columns, and where the mouse finds them.
func (s *screen) headings(all []column) line {
	l, x := line{{"  ", heading}}, 2
	for i := range all {
		c := &all[i]
		if i > 0 {
			l = append(l, piece{gap(c), heading})
			x += len(gap(c))
		}
		what := -1
		for k := range s.view.orders {
			if s.view.orders[k].name == c.order {
				what = k
			}
		}
		s.geometry.heads = append(s.geometry.heads, place{x, x + c.width, what})
		l = append(l, piece{fit(c.head, c.width, c.right), heading})
		x += c.width
	}
	return l
}

// nothing says why the list has no rows.
func (s *screen) nothing() []line {
	text := s.view.empty
	switch {
	case s.wrong != "":
		return nil // the state line says it
	case !s.fresh:
		text = "asking…"
	case s.view.title == "alerts" && s.status.Stream:
		text = "nothing; a stream tells of no alerts but lost packets: the agent's control socket does"
	case s.filter() != "" || s.iface != "" && s.view.title == "flows":
		text = "nothing fits the filter: Esc takes it away"
	}
	var lines []line
	for _, part := range wrap(text, s.width-4) {
		lines = append(lines, plain("  "+part, faint))
	}
	return lines
}

// state says what the list shows, what failed, and what the last key led to.
func (s *screen) state() line {
	switch {
	case s.typing:
		text := "/" + clean(s.filter()) + "_"
		if _, err := choose(s.filter()); err != nil {
			return line{{text + "  ", normal}, {cut(err.Error(), max(s.width-columns(text)-2, 0)), faint}}
		}
		return line{{text + fmt.Sprintf("  %d fit", max(s.total, len(s.lists))), normal}}
	case s.message != "":
		return plain(cut(clean(s.message), s.width), normal)
	case s.wrong != "":
		return plain(cut(clean(s.wrong), s.width), alarm)
	}
	var list []string
	if s.detail != nil || s.view.method == "" {
		list = append(list, "every "+s.interval.String())
	} else {
		list = append(list, fmt.Sprintf("%d of %d", len(s.lists), max(s.total, len(s.lists))), "by "+s.order().name)
	}
	if t := s.view.title; t == "apps" || t == "hosts" {
		what := "totals of " + s.period()
		if s.status.Stream {
			what = "totals since this console began"
		} else if t == "hosts" {
			what = "totals of today"
		}
		list = append(list, what)
	}
	for _, x := range []struct {
		on   bool
		text string
	}{{s.filter() != "", "filter " + clean(s.filter())}, {s.iface != "" && s.view.title == "flows", "only " + clean(s.iface)}, {s.follow, "follows the row"}, {s.numbers, "addresses"}, {s.frozen, "FROZEN: space goes on"}} {
		if x.on {
			list = append(list, x.text)
		}
	}
	if len(s.status.Warnings) > 0 && s.detail == nil && s.view.method != "" {
		text, _ := s.status.Warnings[0].Words()
		if text = clean(text); columns(strings.Join(list, " · "))+columns(text)+3 <= s.width {
			return line{{strings.Join(list, " · ") + " · ", faint}, {text, alarm}}
		}
	}
	return plain(cut(strings.Join(list, " · "), s.width), faint)
}

// keyLine names the lists and the keys that matter most.
func (s *screen) keyLine() line {
	if s.detail != nil {
		return plain(cut("Esc back  j k move  y copy  e write  space freeze  ? help  q back", s.width), normal)
	}
	var l line
	x := 0
	for i := range views {
		text, look := string(views[i].key)+" "+views[i].title, normal
		if s.width < 64 && &views[i] != s.view {
			text = string(views[i].key)
		}
		if &views[i] == s.view {
			text, look = "["+text+"]", heading
		}
		l = append(l, piece{text, look}, piece{" ", normal})
		s.geometry.tabs = append(s.geometry.tabs, place{x, x + columns(text), i})
		x += columns(text) + 1
	}
	for _, keys := range []string{"/ filter  s sort  r rates/totals  space freeze  enter open  ? help  q quit", "/ filter  s sort  ? help  q quit", "/ filter  ? help  q quit", "? help  q quit", "? q"} {
		if x+columns(keys)+2 <= s.width {
			return append(l, piece{"| " + keys, faint})
		}
	}
	return l
}
