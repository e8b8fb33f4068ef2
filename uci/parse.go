package uci

import (
	"fmt"
	"slices"
	"strings"

	"netifyd/core/config"
)

// keywords of a line, with how many arguments they take.
var keywords = map[string]struct {
	min, max int
	want     string
}{
	"package": {1, 1, "package NAME"},
	"config":  {1, 2, "config TYPE [NAME]"},
	"option":  {1, 2, "option NAME VALUE"},
	"list":    {1, 2, "list NAME VALUE"},
}

var short = map[string]string{"p": "package", "c": "config", "o": "option", "l": "list"}

// Parse reads text; path serves messages. The error is config.Errors and holds
// all that is wrong, by line.
func Parse(path, text string) (*File, error) {
	p := &parser{file: &File{Path: path}, current: -1}
	text = strings.TrimPrefix(text, "\ufeff")
	if i := strings.IndexByte(text, 0); i >= 0 {
		p.fail(1+strings.Count(text[:i], "\n"), "a byte of value zero: this is no text, the file is damaged")
		return nil, p.errs
	}
	s := scanner{text: text, line: 1}
	for {
		words, open, lost := s.words()
		if lost > 0 {
			p.warn(lost, "what stands behind the semicolon is not read: begin a new line")
		}
		if open > 0 {
			p.fail(open, "a quote is opened and never closed")
			break
		}
		if len(words) == 0 {
			break
		}
		if p.line(words); len(p.errs) >= maxErrors {
			break
		}
	}
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return p.file, nil
}

// maxErrors of one file are told: one that is damaged throughout must not
// fill a log.
const maxErrors = 8

type parser struct {
	file    *File
	current int // section that options go to; -1: none
	skip    bool
	errs    config.Errors
}

func (p *parser) fail(line int, format string, args ...any) {
	p.errs = append(p.errs, &config.Error{Path: p.file.Path, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (p *parser) warn(line int, format string, args ...any) {
	p.file.Warnings = append(p.file.Warnings, config.Warning{Path: p.file.Path, Line: line, Text: fmt.Sprintf(format, args...)})
}

// line does what one line says. As in uci, an empty word behind all that a
// statement takes ends it, and another must follow on the same line, if the line
// goes on.
func (p *parser) line(words []word) {
	for len(words) > 0 {
		k := keywords[keyword(words[0])]
		end := min(len(words), 1+k.max)
		rest := words[end:]
		if k.max > 0 && len(rest) > 0 && rest[0].text == "" {
			p.statement(words[:end])
			if words = rest[1:]; len(words) == 0 && rest[0].waits {
				p.fail(rest[0].line, "a semicolon or an empty word ends the statement, and no other follows: remove it")
			}
			continue
		}
		p.statement(words)
		return
	}
}

// keyword is the keyword that a word stands for. One in quotes, or with a backslash, is none.
func keyword(w word) string {
	if w.quoted {
		return ""
	}
	if long, ok := short[w.text]; ok {
		return long
	}
	return w.text
}

// statement does what a keyword and its arguments say.
func (p *parser) statement(words []word) {
	name, line, args := keyword(words[0]), words[0].line, words[1:]
	k, ok := keywords[name]
	switch {
	case words[0].mark:
		p.fail(line, "a semicolon begins the line: want config, option or list")
	case !ok:
		p.fail(line, "%q begins the line: want config, option or list", shortened(words[0].text))
	case len(args) < k.min || args[0].text == "":
		p.fail(line, "%s lacks something: want %s", name, k.want)
	case len(args) > k.max:
		p.fail(line, "%q is too much: want %s, with quotes around what holds blanks", shortened(args[k.max].text), k.want)
	case name == "package":
		p.pack(args[0])
	case name == "config":
		p.section(line, args)
	case p.current < 0 && !p.skip:
		p.fail(line, "%s stands before the first config", name)
	case !isName(args[0].text):
		p.fail(line, "%q is no name of an option: want letters, digits and _", shortened(args[0].text))
	case p.skip: // of a section that was refused
	default:
		value := word{line: line}
		if len(args) == 2 {
			value = args[1]
		}
		value.line = line
		p.option(name == "list", args[0].text, value)
	}
}

func (p *parser) pack(w word) {
	if strings.Trim(w.text, nameBytes+"-") != "" || w.text == "" {
		p.fail(w.line, "%q is no name of a package: want letters, digits, _ and -", shortened(w.text))
		return
	}
	p.file.Package = w.text // the sections before and behind belong together all the same
}

func (p *parser) section(line int, args []word) {
	kind, name := args[0].text, ""
	if len(args) == 2 {
		name = args[1].text
	}
	p.current, p.skip = -1, true
	switch {
	case !isType(kind):
		p.fail(line, "%q is no type of a section: want printable letters without blanks", shortened(kind))
		return
	case name != "" && !isName(name):
		p.fail(line, "%q is no name of a section: want letters, digits and _", shortened(name))
		return
	}
	if name != "" {
		for i := range p.file.Sections {
			s := &p.file.Sections[i]
			if s.Name != name {
				continue
			}
			if s.Type != kind {
				p.fail(line, "section %s is of type %s here and of type %s in line %d: give one of them another name", name, kind, s.Type, s.Line)
				return
			}
			p.current, p.skip = i, false
			return
		}
	}
	p.file.Sections = append(p.file.Sections, Section{Type: kind, Name: name, Line: line})
	p.current, p.skip = len(p.file.Sections)-1, false
}

// option sets an option, or adds to a list. An option without a value is none,
// and leaves one of before as it is.
func (p *parser) option(list bool, name string, value word) {
	s := &p.file.Sections[p.current]
	i := slices.IndexFunc(s.Options, func(o Option) bool { return o.Name == name })
	switch {
	case list && i >= 0:
		o := &s.Options[i]
		o.List, o.Values, o.Lines = true, append(o.Values, value.text), append(o.Lines, value.line)
	case !list && value.text == "":
	default:
		o := Option{Name: name, List: list, Values: []string{value.text}, Lines: []int{value.line}}
		if i >= 0 {
			s.Options[i] = o
		} else {
			s.Options = append(s.Options, o)
		}
	}
}

const nameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

func isName(s string) bool { return s != "" && strings.Trim(s, nameBytes) == "" }

func isType(s string) bool {
	for i := range len(s) {
		if s[i] < 33 || s[i] > 126 {
			return false
		}
	}
	return s != ""
}

// shortened is a word as a message shows it.
func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
