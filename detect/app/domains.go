package app

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"netifyd/detect/app/internal/compact"
)

// lists are domains by category, as the files of domains.d give them.
type lists struct {
	names compact.Names
}

func (l *lists) size() int {
	if l == nil {
		return 0
	}
	return l.names.Size()
}

// DomainCategory is the category that the lists of domains give a host name;
// 0: none. The longest listed name counts, of equal names the list of the
// lowest number.
func (c *Catalogue) DomainCategory(name []byte) uint8 {
	if c.lists == nil {
		return 0
	}
	var s compact.Suffixes
	name, ok := s.Split(name)
	if !ok {
		return 0
	}
	v, _ := c.lists.names.Find(name, &s)
	return uint8(v)
}

// span is a name in a text.
type span struct{ from, size int }

// lists reads the files NN-CATEGORY.txt of a directory. All texts are kept as
// one, in which the names stay where they are.
func (l *loader) lists(dir string) {
	var text []byte
	var entries []compact.Entry
	type file struct {
		spans  []span
		number uint64
		cat    uint8
	}
	var files []file
	for _, path := range l.paths(dir, ".txt") {
		number, cat, err := l.listName(path)
		if err != nil {
			l.fail(path, err)
			continue
		}
		t, ok := l.text(path)
		if !ok {
			continue
		}
		base := len(text)
		text = append(text, t...)
		spans, bad, first := listed(text, base)
		if bad > 0 {
			l.warn(path, first, "not a domain name (%d such lines are left out)", bad)
		}
		files = append(files, file{spans, number, cat})
	}
	if len(text) == 0 {
		return
	}
	slices.SortStableFunc(files, func(a, b file) int { return cmp.Compare(a.number, b.number) })
	all := unsafe.String(unsafe.SliceData(text), len(text)) // nobody writes to text any more
	for _, f := range files {
		for _, s := range f.spans {
			entries = append(entries, compact.NewEntry(all, s.from, s.size, uint16(f.cat)))
		}
	}
	l.list = &lists{compact.NewNames(all, entries)}
}

// listName is what the name of a list says, as "50-adult.txt".
func (l *loader) listName(path string) (number uint64, cat uint8, err error) {
	name := strings.TrimSuffix(filepath.Base(path), ".txt")
	first, tag, ok := strings.Cut(name, "-")
	number, err = strconv.ParseUint(first, 10, 16)
	if err != nil || !ok {
		return 0, 0, fmt.Errorf("want a name as 50-adult.txt: a number and a category's tag")
	}
	if cat = l.cats.number(tag); cat == 0 {
		return 0, 0, fmt.Errorf("%q is no application category: rename the file", tag)
	}
	return number, cat, nil
}

// listed finds the names in text from base on, one a line, and turns them to
// lower case in place. first is the line of the first bad one.
func listed(text []byte, base int) (spans []span, bad, first int) {
	line := 0
	for at := base; at < len(text); {
		line++
		from, end := at, at
		for end < len(text) && text[end] != '\n' {
			end++
		}
		at = end + 1
		for from < end && isSpace(text[from]) {
			from++
		}
		for end > from && isSpace(text[end-1]) {
			end--
		}
		if from == end || text[from] == '#' {
			continue
		}
		if text[end-1] == '.' {
			end--
		}
		if !lower(text[from:end]) {
			if bad++; bad == 1 {
				first = line
			}
			continue
		}
		spans = append(spans, span{from, end - from})
	}
	return spans, bad, first
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// lower turns a domain name to lower case. False: it is none.
func lower(name []byte) bool {
	label := 0
	for i, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			name[i] = c + 'a' - 'A'
		case c == '.':
			if label == 0 {
				return false
			}
			label = -1
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_':
		default:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return label > 0 && len(name) <= 253
}
