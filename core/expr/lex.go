package expr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error says what is wrong in an expression, and where.
type Error struct {
	Column int // from 1, in characters
	Text   string
}

// Error is "column 12: …".
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Text) }

type kind uint8

const (
	end kind = iota
	word
	quoted
	sign // && || ! == != > >= < <= ( ) ; *
)

type token struct {
	kind kind
	text string // of a quoted text what is inside
	at   int    // byte where it begins
}

// String is the token for a message.
func (t token) String() string {
	switch t.kind {
	case end:
		return "the end"
	case quoted:
		return "'" + t.text + "'"
	}
	return t.text
}

type lexer struct {
	text string
	at   int
}

func (l *lexer) fail(at int, format string, args ...any) error {
	return &Error{1 + utf8.RuneCountInString(l.text[:at]), fmt.Sprintf(format, args...)}
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.:/-+@", c) >= 0
}

var signs = []string{"&&", "||", "==", "!=", ">=", "<=", ">", "<", "!", "(", ")", ";", "*"}

func (l *lexer) next() (token, error) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	from := l.at
	if from == len(l.text) {
		return token{at: from}, nil
	}
	if isWord(l.text[from]) {
		for l.at < len(l.text) && isWord(l.text[l.at]) {
			l.at++
		}
		w := l.text[from:l.at]
		switch strings.ToLower(w) {
		case "and":
			return token{sign, "&&", from}, nil
		case "or":
			return token{sign, "||", from}, nil
		}
		return token{word, w, from}, nil
	}
	if quote := l.text[from]; quote == '\'' || quote == '"' {
		size := strings.IndexByte(l.text[from+1:], quote)
		if size < 0 {
			return token{}, l.fail(from, "the text has no closing quote %c", quote)
		}
		l.at += size + 2
		return token{quoted, l.text[from+1 : from+1+size], from}, nil
	}
	for _, s := range signs {
		if strings.HasPrefix(l.text[from:], s) {
			l.at += len(s)
			return token{sign, s, from}, nil
		}
	}
	return token{}, l.fail(from, "%s", stray(l.text[from:]))
}

func stray(rest string) string {
	switch c, _ := utf8.DecodeRuneInString(rest); c {
	case '=':
		return "write == to compare"
	case '&', '|':
		return fmt.Sprintf("write %c%c", c, c)
	default:
		return fmt.Sprintf("%q has no meaning here", c)
	}
}
