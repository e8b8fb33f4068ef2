// Package source reads what applications are described in: the TOML form of
// the catalogue and the text form of netify-apps.conf. Both give a File, whose
// every fact knows its line; Check says what is wrong in it.
package source

import (
	"fmt"
	"sort"
	"strings"
)

// Fact is a text and the line that it stands in.
type Fact struct {
	Text string
	Line int
}

// App is what one entry says of an application.
type App struct {
	Line                                 int // of the entry
	ID                                   uint32
	Tag, Label, Category                 string // empty: not said
	Domains, Networks, Hosts, Protocols  []Fact
	Network, SaysNetwork, Replace, IsNew bool // IsNew: the entry declares an application, not only facts about one
	Note                                 string
	lines                                map[string]int // of keys
}

// LineOf is the line of a key of the entry; the entry's where it is not there.
func (a *App) LineOf(key string) int {
	if n := a.lines[key]; n > 0 {
		return n
	}
	return a.Line
}

// Soft is a rule that gives a flow an application or a protocol.
type Soft struct {
	Line     int
	When     Fact // flow expression
	App      Fact // tag, or identifier in decimal; empty: left as it is
	Protocol Fact // name, or identifier in decimal; empty: left as it is
}

// Rewrite changes host names before they are looked up.
type Rewrite struct {
	Line           int
	Match, Replace Fact
}

// File is one file.
type File struct {
	Path     string
	Apps     []*App
	Softs    []Soft
	Rewrites []Rewrite
}

// Error is one thing that is wrong, or, as a warning, odd in a file.
type Error struct {
	Path string
	Line int // from 1; 0 if it is not one line
	Text string

	more int // stands for so many that are not kept
}

// Error is "apps.d/home.toml:12: …".
func (e *Error) Error() string {
	if e.more > 0 {
		return fmt.Sprintf("and %d more", e.more)
	}
	if e.Line == 0 {
		return e.Path + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
}

// Errors are what is wrong, in the order of files and lines. Never empty as an error.
type Errors []*Error

// shown is how many errors are kept and written out; the others are counted.
// After many nothing more is read.
const (
	shown = 20
	many  = 1000
)

// Error is one line for each.
func (e Errors) Error() string {
	var lines []string
	for _, one := range e {
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}

// OrNil is nil where nothing is wrong.
func (e Errors) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Add notes one more.
func (e *Errors) Add(path string, line int, format string, args ...any) {
	if len(*e) > shown {
		(*e)[shown].more++
		return
	}
	e.note(&Error{Path: path, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (e *Errors) note(one *Error) {
	switch n := max(1, one.more); {
	case len(*e) > shown:
		(*e)[shown].more += n
	case len(*e) == shown:
		*e = append(*e, &Error{more: n})
	default:
		*e = append(*e, one)
	}
}

// Join notes those of another list.
func (e *Errors) Join(others Errors) {
	for _, one := range others {
		e.note(one)
	}
}

// Many says that it makes no sense to read on.
func (e Errors) Many() bool { return len(e) > shown && e[shown].more >= many }

// Sort puts the errors of each file in the order of lines.
func (e Errors) Sort() {
	sort.SliceStable(e[:min(len(e), shown)], func(i, j int) bool { return e[i].Path == e[j].Path && e[i].Line < e[j].Line })
}
