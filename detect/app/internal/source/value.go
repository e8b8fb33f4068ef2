package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanner walks a text of TOML.
type scanner struct {
	text     string
	at, line int
}

func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) spaces() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.at++
	}
}

// newline skips one end of line.
func (s *scanner) newline() bool {
	n := 0
	switch {
	case strings.HasPrefix(s.text[s.at:], "\n"):
		n = 1
	case strings.HasPrefix(s.text[s.at:], "\r\n"):
		n = 2
	}
	if n > 0 {
		s.at += n
		s.line++
	}
	return n > 0
}

func (s *scanner) comment() error {
	if s.peek() != '#' {
		return nil
	}
	for s.at < len(s.text) && !strings.HasPrefix(s.text[s.at:], "\n") && !strings.HasPrefix(s.text[s.at:], "\r\n") {
		if isControl(s.text[s.at]) {
			return errors.New("a control character in a comment")
		}
		s.at++
	}
	return nil
}

func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

// blankLines skips white space, comments and ends of lines.
func (s *scanner) blankLines() error {
	for {
		s.spaces()
		if err := s.comment(); err != nil {
			return err
		}
		if !s.newline() {
			return nil
		}
	}
}

// endOfLine wants nothing more in the line.
func (s *scanner) endOfLine() error {
	s.spaces()
	if err := s.comment(); err != nil {
		return err
	}
	if s.at < len(s.text) && !s.newline() {
		return errors.New("something stands behind the value: want one key = value a line")
	}
	return nil
}

// bareKey reads a key and its =.
func (s *scanner) bareKey() (string, error) {
	from := s.at
	for c := s.peek(); c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'; c = s.peek() {
		s.at++
	}
	key := s.text[from:s.at]
	s.spaces()
	if key == "" || s.peek() != '=' {
		return "", errors.New("want key = value, or [[app]]")
	}
	s.at++
	s.spaces()
	return key, nil
}

func (s *scanner) word() string {
	from := s.at
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n#,]", s.text[s.at]) < 0 {
		s.at++
	}
	return s.text[from:s.at]
}

func (s *scanner) number() (uint32, error) {
	w := s.word()
	if n, err := strconv.ParseUint(w, 10, 32); err == nil && strconv.FormatUint(n, 10) == w {
		return uint32(n), nil
	}
	return 0, fmt.Errorf("want a whole number from 0 to 4294967295, not %s", short(w))
}

func (s *scanner) boolean() (bool, error) {
	switch w := s.word(); w {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, fmt.Errorf("want true or false, not %s", short(w))
	}
}

// short is a text for a message.
func short(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return strconv.Quote(s)
}

// list reads a list of strings, over as many lines as it takes.
func (s *scanner) list() ([]Fact, error) {
	if s.peek() != '[' {
		return nil, errors.New(`want a list: ["example.com", "example.net"]`)
	}
	s.at++
	var out []Fact
	for {
		if err := s.blankLines(); err != nil {
			return nil, err
		}
		if s.peek() == ']' {
			s.at++
			return out, nil
		}
		f := Fact{Line: s.line}
		var err error
		if f.Text, err = s.str(); err != nil {
			return nil, err
		}
		out = append(out, f)
		if err := s.blankLines(); err != nil {
			return nil, err
		}
		switch s.peek() {
		case ',':
			s.at++
		case ']':
		default:
			return nil, errors.New("want a comma or ] behind an item of the list")
		}
	}
}

// str reads a string of one of TOML's four kinds.
func (s *scanner) str() (string, error) {
	quote := s.peek()
	if quote != '"' && quote != '\'' {
		return "", errors.New(`want a text in quotes: "example.com"`)
	}
	if strings.HasPrefix(s.text[s.at:], strings.Repeat(string(quote), 3)) {
		return s.long(quote)
	}
	s.at++
	var out []byte
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == quote:
			s.at++
			return string(out), nil
		case c == '\\' && quote == '"':
			var err error
			if out, err = s.escape(out); err != nil {
				return "", err
			}
		case isControl(c):
			return "", errors.New("a text ends without its closing quote")
		default:
			out = append(out, c)
			s.at++
		}
	}
	return "", errors.New("a text ends without its closing quote")
}

// long reads a string in three quotes; ends of lines are part of it.
func (s *scanner) long(quote byte) (string, error) {
	s.at += 3
	s.newline()
	mark := strings.Repeat(string(quote), 3)
	var out []byte
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case strings.HasPrefix(s.text[s.at:], mark):
			s.at += 3
			for n := 0; n < 2 && s.peek() == quote; n++ { // up to two quotes may stand before the closing three
				out = append(out, quote)
				s.at++
			}
			return string(out), nil
		case c == '\\' && quote == '"':
			if s.fold() {
				continue
			}
			var err error
			if out, err = s.escape(out); err != nil {
				return "", err
			}
		case s.newline():
			out = append(out, '\n')
		case isControl(c):
			return "", errors.New("a control character in a text")
		default:
			out = append(out, c)
			s.at++
		}
	}
	return "", errors.New("a text ends without its closing quotes")
}

// fold skips a \ at the end of a line with the white space that follows.
func (s *scanner) fold() bool {
	was := *s
	s.at++
	s.spaces()
	if !s.newline() {
		*s = was
		return false
	}
	for s.spaces(); s.newline(); s.spaces() {
	}
	return true
}

func (s *scanner) escape(out []byte) ([]byte, error) {
	s.at++
	c := s.peek()
	s.at++
	if i := strings.IndexByte(`btnfr"\`, c); i >= 0 {
		return append(out, "\b\t\n\f\r\"\\"[i]), nil
	}
	n := map[byte]int{'u': 4, 'U': 8}[c]
	if n == 0 || s.at+n > len(s.text) {
		return nil, errors.New(`unknown escape: write \\ for a backslash, or the text in single quotes`)
	}
	v, err := strconv.ParseUint(s.text[s.at:s.at+n], 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) || v > utf8.MaxRune {
		return nil, errors.New("no such character")
	}
	s.at += n
	return utf8.AppendRune(out, rune(v)), nil
}
