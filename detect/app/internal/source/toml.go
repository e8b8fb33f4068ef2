package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ReadTOML reads the part of TOML that a catalogue is written in: [[app]],
// [[soft]] and [[rewrite]] tables of strings, numbers, booleans and lists of
// strings. All that it accepts is TOML; what TOML has beyond is refused. The
// first error ends the reading, and the file with it.
func ReadTOML(path, text string) (*File, error) {
	r := &reader{scanner: scanner{text: text, line: 1}, file: &File{Path: path}}
	if err := r.read(); err != nil {
		return nil, Errors{{Path: path, Line: r.line, Text: err.Error()}}
	}
	return r.file, nil
}

type reader struct {
	scanner
	file  *File
	table string
	keys  map[string]int // of the table at hand, with their lines
}

func (r *reader) read() error {
	if !utf8.ValidString(r.text) {
		r.line = 1 + strings.Count(r.text[:invalidAt(r.text)], "\n")
		return fmt.Errorf("a byte that is no UTF-8: save the file as UTF-8")
	}
	for {
		if err := r.blankLines(); err != nil {
			return err
		}
		var err error
		switch {
		case r.at == len(r.text):
			r.finish()
			return nil
		case r.text[r.at] == '[':
			err = r.header()
		default:
			err = r.pair()
		}
		if err == nil {
			err = r.endOfLine()
		}
		if err != nil {
			return err
		}
	}
}

func invalidAt(text string) int {
	for i, c := range text {
		if c == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return len(text)
}

func (r *reader) header() error {
	rest, ok := strings.CutPrefix(r.text[r.at:], "[[")
	end := strings.Index(rest, "]]")
	if !ok || end < 0 || strings.ContainsAny(rest[:end], "\r\n") {
		return fmt.Errorf("a table begins with [[app]], [[soft]] or [[rewrite]] on a line of its own")
	}
	name := strings.Trim(rest[:end], " \t")
	r.finish()
	switch name {
	case "app":
		r.file.Apps = append(r.file.Apps, &App{Line: r.line, IsNew: true})
	case "soft":
		r.file.Softs = append(r.file.Softs, Soft{Line: r.line})
	case "rewrite":
		r.file.Rewrites = append(r.file.Rewrites, Rewrite{Line: r.line})
	default:
		return fmt.Errorf("unknown table %q: want app, soft or rewrite", name)
	}
	r.table, r.keys = name, map[string]int{}
	r.at += 2 + end + 2
	return nil
}

// finish hands the lines of keys to the entry that ends here.
func (r *reader) finish() {
	if r.table == "app" {
		r.file.Apps[len(r.file.Apps)-1].lines = r.keys
	}
}

func (r *reader) pair() error {
	key, err := r.bareKey()
	if err != nil {
		return err
	}
	if r.table == "" {
		return fmt.Errorf("%s stands before the first table: write [[app]] above it", key)
	}
	if was, ok := r.keys[key]; ok {
		return fmt.Errorf("%s is already in line %d", key, was)
	}
	r.keys[key] = r.line
	switch r.table {
	case "app":
		return r.app(r.file.Apps[len(r.file.Apps)-1], key)
	case "soft":
		return r.soft(&r.file.Softs[len(r.file.Softs)-1], key)
	}
	return r.rewrite(&r.file.Rewrites[len(r.file.Rewrites)-1], key)
}

func (r *reader) app(a *App, key string) (err error) {
	switch key {
	case "id":
		a.ID, err = r.number()
	case "tag":
		err = r.text1(&a.Tag)
	case "label":
		err = r.text1(&a.Label)
	case "category":
		err = r.text1(&a.Category)
	case "note":
		err = r.text1(&a.Note)
	case "domains":
		a.Domains, err = r.list()
	case "networks":
		a.Networks, err = r.list()
	case "hosts":
		a.Hosts, err = r.list()
	case "protocols":
		a.Protocols, err = r.list()
	case "network":
		a.Network, err = r.boolean()
		a.SaysNetwork = true
	case "replace":
		a.Replace, err = r.boolean()
	default:
		return fmt.Errorf("unknown key %q: want id, tag, label, category, domains, networks, hosts, protocols, network, replace or note", key)
	}
	return within(key, err)
}

func (r *reader) soft(s *Soft, key string) error {
	switch key {
	case "when":
		return within(key, r.fact(&s.When))
	case "app":
		return within(key, r.fact(&s.App))
	case "protocol":
		return within(key, r.fact(&s.Protocol))
	}
	return fmt.Errorf("unknown key %q: want when, app or protocol", key)
}

func (r *reader) rewrite(w *Rewrite, key string) error {
	switch key {
	case "match":
		return within(key, r.fact(&w.Match))
	case "replace":
		return within(key, r.fact(&w.Replace))
	}
	return fmt.Errorf("unknown key %q: want match or replace", key)
}

func (r *reader) text1(to *string) (err error) {
	*to, err = r.str()
	return err
}

func (r *reader) fact(to *Fact) (err error) {
	to.Line = r.line
	to.Text, err = r.str()
	return err
}

func within(key string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}
