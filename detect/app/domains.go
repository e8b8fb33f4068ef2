package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
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

// list is one file of domains.
type list struct {
	path       string
	number     uint64
	cat        uint8
	size       int64
	from, upTo int // its part of the text
}

// lists reads the files NN-CATEGORY.txt of a directory. All texts are kept as
// one, in which the names stay where they are; nothing more is needed on the way.
func (l *loader) lists(dir string) {
	files, total := l.listFiles(dir)
	if len(l.errs) > 0 {
		return // nothing comes of it
	}
	text := make([]byte, 0, total)
	count := 0
	for i := range files {
		f := &files[i]
		if l.over(f.path) {
			return
		}
		var err error
		f.from = len(text)
		if text, err = appendFile(text, f.path, f.size); err != nil {
			l.fail(f.path, err)
		}
		f.upTo = len(text)
		bad, first := eachName(text, f.from, f.upTo, func(int, int) { count++ })
		if bad > 0 {
			l.warn(f.path, first, "not a domain name (%d such lines are left out)", bad)
		}
	}
	if count == 0 {
		return
	}
	all := unsafe.String(unsafe.SliceData(text), len(text)) // nobody changes text any more
	l.list = &lists{compact.NewNames(all, count, func(fn func(from, size int, value uint16)) {
		for i := range files {
			f := &files[i]
			eachName(text, f.from, f.upTo, func(from, size int) { fn(from, size, uint16(f.cat)) })
		}
	})}
}

// listFiles are the lists of a directory, the lowest number first, and the bytes of all.
func (l *loader) listFiles(dir string) (files []list, total int64) {
	for _, path := range l.paths(dir, ".txt") {
		number, cat, err := l.listName(path)
		var info os.FileInfo
		if err == nil {
			info, err = os.Stat(path)
		}
		if err == nil && (!info.Mode().IsRegular() || info.Size() > maxFile) {
			err = fmt.Errorf("is no regular file of at most %d MiB", maxFile>>20)
		}
		if err == nil {
			err = l.spent.take(info.Size(), true)
		}
		if err != nil {
			l.fail(path, err)
			continue
		}
		files = append(files, list{path: path, number: number, cat: cat, size: info.Size()})
		total += info.Size()
	}
	sort.SliceStable(files, func(i, j int) bool { return files[i].number < files[j].number })
	return files, total
}

// appendFile appends at most size bytes of a file.
func appendFile(text []byte, path string, size int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return text, err
	}
	defer f.Close()
	from := len(text)
	text = slices.Grow(text, int(size))[:from+int(size)]
	n, err := io.ReadFull(f, text[from:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // it became shorter
	}
	return text[:from+n], err
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

// eachName calls fn for the names in a part of text, one a line, which it turns
// to lower case in place. first is the line of the first bad one.
func eachName(text []byte, at, upTo int, fn func(from, size int)) (bad, first int) {
	for line := 1; at < upTo; line++ {
		from, end := at, at
		for end < upTo && text[end] != '\n' {
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
		if lower(text[from:end]) {
			fn(from, end-from)
		} else if bad++; bad == 1 {
			first = line
		}
	}
	return bad, first
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
