package main

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// detail is everything that is known of a device or a flow, or an alert in full.
type detail struct {
	method string // "": of an alert
	args   map[string]any
	title  string
	text   []byte // the answer
	lines  []string
	down   []uint64 // rates, the newest last
	up     []uint64
	scroll int
}

func (t *top) open(method string, args map[string]any, title string) {
	t.detail = &detail{method: method, args: args, title: title}
}

// ask asks for everything anew. A flow that has ended stays as it was last.
func (d *detail) ask(t *top) error {
	if d.method == "" {
		return nil // there is no more than what it says
	}
	text, err := t.agent.Raw(d.method, d.args)
	if err != nil {
		return err
	}
	d.text, d.lines = text, unfoldJSON(text)
	var now struct {
		Down uint64 `json:"down_rate"`
		Up   uint64 `json:"up_rate"`
		Rate uint64 `json:"rate"`
	}
	_ = json.Unmarshal(text, &now)
	d.down, d.up = point(d.down, now.Down+now.Rate), point(d.up, now.Up)
	return nil
}

// point adds a point to a graph.
func point(list []uint64, n uint64) []uint64 {
	if list = append(list, n); len(list) > graphRoom {
		list = list[1:]
	}
	return list
}

// press takes a key while the detail is open; false: it is one of the screen.
func (d *detail) press(t *top, key rune) bool {
	switch key {
	case keyEscape, keyLeft, 'h', keyEnter, 'q':
		t.detail = nil
	case keyUp, 'k':
		d.scroll = max(d.scroll-1, 0)
	case keyDown, 'j':
		d.scroll = min(d.scroll+1, max(len(d.lines)-1, 0))
	case keyPageUp:
		d.scroll = max(d.scroll-t.page(), 0)
	case keyPageDown:
		d.scroll = min(d.scroll+t.page(), max(len(d.lines)-1, 0))
	case 'g', keyHome:
		d.scroll = 0
	case 'y':
		if d.text == nil {
			return true
		}
		t.copied, t.message = d.text, "copied as JSON, where the terminal takes it"
	case 'e':
		t.message = "nothing is here to write"
		if t.save != nil && d.text != nil {
			name := "netifyd-" + d.method + "-" + t.clock().Format("20060102-150405") + ".json"
			t.message = "written: " + name
			if err := t.save(name, append(d.text, '\n')); err != nil {
				t.message = err.Error()
			}
		}
	default:
		return false
	}
	return true
}

// first are the members that stand before all others: who talks with what.
var first = []string{"ssl", "quic", "http", "dns", "ssh", "tunnel"}

// unfoldJSON writes an answer as lines "name  value", objects as groups after
// what is plain, those of first before all.
func unfoldJSON(text []byte) []string {
	root := client.ReadTree(text)
	var lines []string
	unfold(&root, &lines, "")
	return lines
}

// readable writes a number as people read it, by what its name says it is:
// bytes, bytes a second, seconds or milliseconds since 1970.
func readable(name, text string) string {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return text
	}
	const seconds, milliseconds = 1e9, 1e12 // since 2001
	last := name[strings.LastIndexByte(name, '_')+1:]
	switch last {
	case "rate":
		return glyph.Rate(n)
	case "bytes", "down", "up":
		return glyph.Octets(n)
	case "first", "last", "since", "from", "to", "now", "at", "time", "seen":
		switch {
		case n >= milliseconds:
			n /= 1000
		case n < seconds:
			return text
		}
		return day(int64(n)) + time.Unix(int64(n), 0).Format(":05")
	}
	return text
}

func unfold(m *client.Member, lines *[]string, indent string) {
	rank := func(x client.Member) int {
		if at := slices.Index(first, x.Name); at >= 0 {
			return at
		}
		if _, ok := x.Flat(); ok {
			return len(first)
		}
		return len(first) + 1
	}
	list := slices.Clone(m.In)
	sort.SliceStable(list, func(i, j int) bool { return rank(list[i]) < rank(list[j]) })
	for i := range list {
		x := &list[i]
		text, ok := x.Flat()
		if x.Number {
			text = readable(x.Name, text)
		}
		switch {
		case ok && text == "":
		case ok:
			*lines = append(*lines, glyph.Clean(indent+glyph.Fit(x.Name, max(24-len(indent), len(x.Name)), false)+" "+text))
		case x.Name == "" || x.Name == "rows" || x.Name == "event" || x.Name == "flow":
			unfold(x, lines, indent)
		default:
			*lines = append(*lines, glyph.Clean(indent+x.Name))
			unfold(x, lines, indent+"  ")
		}
	}
}
