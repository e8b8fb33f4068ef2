package config

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Error is one thing that is wrong in a configuration.
type Error struct {
	Path string // file; "" if it came from elsewhere
	Line int    // from 1; 0 if not known
	Key  string // key that it is about, as "listen[0].port"; may be ""
	Text string // what is wrong and what would be right

	other string // key that it is about as well
}

// Error is "/etc/netifyd.toml:12: flows.max is "many": want …".
func (e *Error) Error() string { return position(e.Path, e.Line) + e.Text }

// Fault is an error about a key that was found after reading: it knows the line
// of the key, or of what holds it.
func (c *Config) Fault(key, format string, args ...any) *Error {
	e := &Error{Line: LineOf(c.Lines, key), Key: key, Text: fmt.Sprintf(format, args...)}
	if e.Line > 0 {
		e.Path = c.Path
	}
	return e
}

// Errors is everything that is wrong in a configuration, in the order of lines.
// Never empty as an error.
type Errors []*Error

// Error is one line for each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

func (e Errors) sort() {
	sort.SliceStable(e, func(i, j int) bool { return e[i].Line < e[j].Line })
}

// about says whether key or something in it is known to be wrong.
func (e Errors) about(key string) bool {
	return slices.ContainsFunc(e, func(one *Error) bool {
		return one.Key == key || strings.HasPrefix(one.Key, key+".")
	})
}

// Warning is something that was understood but not followed.
type Warning struct {
	Path string // file or, for the command line, ""
	Line int    // from 1; 0 if not known
	Text string
}

// String is "/etc/netifyd.conf:12: …".
func (w Warning) String() string { return position(w.Path, w.Line) + w.Text }

func position(path string, line int) string {
	switch {
	case path == "":
		return ""
	case line == 0:
		return path + ": "
	}
	return fmt.Sprintf("%s:%d: ", path, line)
}
