package console

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v2"

	"netifyd/core/glyph"
)

// detail is everything that is known of a device or a flow, or an alert in full.
type detail struct {
	method   string // "": of an alert
	about    map[string]any
	title    string
	page     int
	text     []byte // the answer
	fields   []field
	down, up []uint64 // rates, the newest last
	over     bool     // what it is about is no more
	scroll   int
}

// begin opens a detail.
func (s *screen) begin(method string, about map[string]any, title string) {
	s.serial++
	s.detail = &detail{method: method, about: about, title: title, page: s.serial}
}

// take is given what is known now. A flow that has ended stays as it was last.
func (d *detail) take(a *answers, s *screen) {
	if d.over = a.gone; d.over || a.detail == nil {
		return
	}
	var now struct {
		Down uint64 `json:"down_rate"`
		Up   uint64 `json:"up_rate"`
	}
	_ = json.Unmarshal(a.detail, &now)
	d.text, d.fields = a.detail, fieldsOf(a.detail, s)
	d.down, d.up = point(d.down, now.Down), point(d.up, now.Up)
}

// point adds a point to a graph.
func point(list []uint64, n uint64) []uint64 {
	if list = append(list, n); len(list) > graphRoom {
		list = list[1:]
	}
	return list
}

// press takes a key while the detail is open; false: it is one of the screen.
func (d *detail) press(s *screen, key tcell.Key, letter rune) bool {
	page := max(s.page()-4, 1)
	switch {
	case key == tcell.KeyEscape || key == tcell.KeyLeft || key == tcell.KeyEnter || letter == 'h' || letter == 'q':
		s.detail = nil
	case key == tcell.KeyUp || letter == 'k':
		d.move(-1)
	case key == tcell.KeyDown || letter == 'j':
		d.move(1)
	case key == tcell.KeyPgUp:
		d.move(-page)
	case key == tcell.KeyPgDn:
		d.move(page)
	case key == tcell.KeyHome || letter == 'g':
		d.scroll = 0
	case key == tcell.KeyEnd || letter == 'G':
		d.move(1 << 20)
	case letter == 'y' || letter == 'e' || letter == 'E':
		switch {
		case d.text == nil:
			s.message = "there is nothing here to copy or to write"
		case letter == 'y':
			s.copied, s.message = d.text, "copied as JSON, where the terminal takes it"
		default:
			s.write(d.method, "json", append(d.text[:len(d.text):len(d.text)], '\n'))
		}
	case letter == ' ' || letter == '?' || letter == '+' || letter == '-' || letter >= '1' && letter <= '9':
		return false
	}
	return true
}

func (d *detail) move(by int) { d.scroll = max(d.scroll+by, 0) }

// lines draws it: a title, a graph, and the fields in groups.
func (d *detail) lines(s *screen) []line {
	title := clean(d.title)
	if d.method == "" {
		var lines []line
		for _, part := range wrap(title, s.width) {
			lines = append(lines, plain(part, normal))
		}
		return lines
	}
	if d.over {
		title += "  (over)"
	}
	lines := []line{plain(cut(title, s.width), heading)}
	tall := 4
	if s.height < 30 {
		tall = 2
	}
	if len(d.down) > 0 {
		lines = append(lines, d.graph("↓", d.down, tall, s.width)...)
		lines = append(lines, d.graph("↑", d.up, tall/2, s.width)...)
	}
	var rest []line
	for i := range d.fields {
		rest = append(rest, d.fields[i].lines(s.width)...)
	}
	room := max(s.height-s.headLines()-2-len(lines), 1)
	d.scroll = max(min(d.scroll, len(rest)-room), 0)
	return append(lines, rest[d.scroll:]...)
}

// graph draws the last points as bars, and the rate of now beside them.
func (d *detail) graph(name string, list []uint64, tall, width int) []line {
	room := min(graphRoom, max(width-16, 8))
	list = list[max(len(list)-room, 0):]
	top := uint64(1)
	for _, n := range list {
		top = max(top, n)
	}
	lines := make([]line, tall)
	for y := range lines {
		bars := barsOf(list, top, tall-1-y, tall)
		label := ""
		switch {
		case y == tall-1:
			label = name + " " + glyph.Rate(list[len(list)-1])
		case y == 0:
			label = "max " + glyph.ShortRate(top)
		}
		lines[y] = line{{fit(label, 14, false) + " ", normal}, {strings.Repeat(" ", room-len(list)) + bars, accent}}
	}
	return lines
}

// barsOf is one line of a graph of tall lines; level 0 is the lowest.
func barsOf(list []uint64, top uint64, level, tall int) string {
	bars, out := []rune(glyph.Bars), make([]rune, len(list))
	for i, n := range list {
		eighths := int(float64(n)/float64(top)*float64(8*tall)+0.5) - 8*level
		switch {
		case eighths <= 0 && level == 0:
			out[i] = bars[0]
		case eighths <= 0:
			out[i] = ' '
		default:
			out[i] = bars[min(eighths, 8)-1]
		}
	}
	return string(out)
}

// field is one line of a detail: a value with its name, the head of a group, or
// a row of a table.
type field struct {
	name, value string
	group       bool
}

func (f *field) lines(width int) (lines []line) {
	if f.group {
		return []line{plain(cut(strings.ToUpper(f.name), width), heading)}
	}
	for i, part := range wrap(f.value, width-29) {
		name := ""
		if i == 0 {
			name = f.name
		}
		lines = append(lines, line{{"  " + fit(name, 26, false) + " ", faint}, {part, normal}})
	}
	return lines
}

// bytesText writes a number of bytes so that both people and programs can read it.
func bytesText(n uint64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%d (%s)", n, glyph.Octets(n))
}
