package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"

	"netifyd/cmd/netifyctl/relay/output"
)

// place finds the line of a key, for errors.
type place struct{ path, text string }

func (p place) syntax(err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		key := ""
		if parse.LastKey != "" {
			key = parse.LastKey[strings.LastIndex(parse.LastKey, ".")+1:] + ": "
		}
		return fmt.Errorf("%s:%d: %s%s", p.path, parse.Position.Line, key, parse.Message)
	}
	if m := typed.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%s:%s: %s: %s", p.path, m[1], m[2], m[3])
	}
	return fmt.Errorf("%s: %s", p.path, strings.TrimPrefix(err.Error(), "toml: "))
}

// typed is how the library words a value of a wrong type.
var typed = regexp.MustCompile(`line (\d+) \(last key "(.*)"\): (.*)`)

// of says where an error about a table is; i counts tables of the same name, -1: there is one.
func (p place) of(err error, table string, i int) error {
	var invalid *output.Invalid
	var parse toml.ParseError
	switch {
	case errors.As(err, &invalid):
		return fmt.Errorf("%s:%d: %w", p.path, p.line(table, max(i, 0), invalid.Key), err)
	case errors.As(err, &parse):
		return p.syntax(err)
	}
	return fmt.Errorf("%s:%d: %w", p.path, p.line(table, max(i, 0), ""), err)
}

func (p place) unknown(key toml.Key) error {
	table, last := strings.Join(key[:len(key)-1], "."), key[len(key)-1]
	line := p.line(table, -1, last)
	return fmt.Errorf("%s:%d: %s: no such key: docs/relay.md lists them", p.path, line, last)
}

// line gives the line of a key in the i-th table of a name, in any of them where
// i is below 0; else that where the table begins, or 1.
func (p place) line(table string, i int, key string) int {
	current, seen, found := "", map[string]int{}, 1
	for n, text := range strings.Split(p.text, "\n") {
		text, _, _ = strings.Cut(strings.TrimSpace(text), "#")
		if name := strings.Trim(text, "[] \t"); strings.HasPrefix(text, "[") && strings.HasSuffix(strings.TrimSpace(text), "]") {
			current = name
			seen[name]++
			if name == table && (i < 0 || seen[name] == i+1) {
				found = n + 1
			}
			if name == table+"."+key {
				return n + 1
			}
			continue
		}
		word, _, ok := strings.Cut(text, "=")
		if ok && current == table && (i < 0 || seen[current] == i+1 || table == "") && strings.Trim(word, " \t\"") == key {
			return n + 1
		}
	}
	return found
}
