package config

import (
	"strconv"
	"strings"
)

// locator finds the lines of a TOML document's keys, which the parser does not
// tell. The document is known to be well formed; of one that is not, the lines
// may be wrong, but the scan ends.
type locator struct {
	text  string
	at    int
	line  int
	lines map[string]int
	count map[string]int // elements of arrays of tables so far
}

// locate maps each key, as "capture.ring" or "listen[1].port", to its line. Keys
// that are written with escapes ("\u0061") are not found.
func locate(text string) map[string]int {
	l := &locator{text: text, line: 1, lines: map[string]int{}, count: map[string]int{}}
	table := ""
	for l.blank("") {
		if l.text[l.at] == '[' {
			table = l.header()
			continue
		}
		l.pair(table)
	}
	return l.lines
}

// LineOf is the line of key or of what holds it; 0 if neither is there.
func LineOf(lines map[string]int, key string) int {
	for {
		if n, ok := lines[key]; ok {
			return n
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return 0
		}
		key = key[:cut]
	}
}

// note keeps the line of key, and of the tables that it makes on the way.
func (l *locator) note(key string, line int) {
	for {
		if _, ok := l.lines[key]; ok {
			return
		}
		l.lines[key] = line
		dot := strings.LastIndexByte(key, '.')
		if dot < 0 {
			return
		}
		key = key[:dot]
	}
}

// next is the current byte, 0 at the end.
func (l *locator) next() byte {
	if l.at < len(l.text) {
		return l.text[l.at]
	}
	return 0
}

func (l *locator) skip(n int) {
	for ; n > 0 && l.at < len(l.text); n-- {
		if l.text[l.at] == '\n' {
			l.line++
		}
		l.at++
	}
}

// blank skips white space, comments and the bytes of more; false at the end.
func (l *locator) blank(more string) bool {
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case c == '#':
			end := strings.IndexByte(l.text[l.at:], '\n')
			if end < 0 {
				end = len(l.text) - l.at
			}
			l.skip(end)
		case strings.IndexByte(" \t\r\n", c) >= 0 || strings.IndexByte(more, c) >= 0:
			l.skip(1)
		default:
			return true
		}
	}
	return false
}

func (l *locator) header() string {
	array := strings.HasPrefix(l.text[l.at:], "[[")
	l.skip(1)
	if array {
		l.skip(1)
	}
	line := l.line
	key := l.key("]")
	l.skip(1)
	if array {
		l.skip(1)
		l.count[key]++
		key += "[" + strconv.Itoa(l.count[key]-1) + "]"
	}
	l.note(key, line)
	return key
}

// key reads a dotted key up to one of the bytes of end.
func (l *locator) key(end string) string {
	var parts []string
	for l.at < len(l.text) && strings.IndexByte(end, l.text[l.at]) < 0 {
		switch c := l.text[l.at]; {
		case c == '"' || c == '\'':
			from := l.at + 1
			l.quoted()
			parts = append(parts, l.text[from:max(from, l.at-1)])
		case strings.IndexByte(" \t\r\n.", c) >= 0:
			l.skip(1)
		default:
			from := l.at
			for l.at < len(l.text) && strings.IndexByte(" \t\r\n."+end, l.text[l.at]) < 0 {
				l.skip(1)
			}
			parts = append(parts, l.text[from:l.at])
		}
	}
	return strings.Join(parts, ".")
}

func (l *locator) pair(table string) {
	line := l.line
	key := l.key("=")
	if table != "" {
		key = table + "." + key
	}
	l.note(key, line)
	l.skip(1)
	l.value(key, 0)
}

// value skips a value and notes what it holds. depth bounds the nesting.
func (l *locator) value(key string, depth int) {
	for l.next() == ' ' || l.next() == '\t' {
		l.skip(1)
	}
	switch c := l.next(); {
	case depth > 64:
		l.at = len(l.text)
	case c == '"' || c == '\'':
		l.quoted()
	case c == '[':
		l.skip(1)
		for n := 0; l.blank(",") && l.next() != ']'; n++ {
			item := key + "[" + strconv.Itoa(n) + "]"
			l.note(item, l.line)
			before := l.at
			l.value(item, depth+1)
			if l.at == before { // a stray byte must not hold the scan
				l.skip(1)
			}
		}
		l.skip(1)
	case c == '{':
		l.skip(1)
		for l.blank(",") && l.next() != '}' {
			name := l.key("=}")
			l.note(key+"."+name, l.line)
			if l.next() == '=' {
				l.skip(1)
				l.value(key+"."+name, depth+1)
			}
		}
		l.skip(1)
	default:
		for l.at < len(l.text) && strings.IndexByte(",]}\n#", l.text[l.at]) < 0 {
			l.skip(1)
		}
	}
}

// quoted skips a string of one of the four kinds.
func (l *locator) quoted() {
	quote := l.text[l.at : l.at+1]
	if strings.HasPrefix(l.text[l.at:], quote+quote+quote) {
		quote += quote + quote
	}
	l.skip(len(quote))
	for l.at < len(l.text) && !strings.HasPrefix(l.text[l.at:], quote) {
		if l.text[l.at] == '\\' && quote[0] == '"' {
			l.skip(1)
		}
		l.skip(1)
	}
	l.skip(len(quote))
	for len(quote) == 3 && l.next() == quote[0] { // up to two quotes may stand before the closing three
		l.skip(1)
	}
}
