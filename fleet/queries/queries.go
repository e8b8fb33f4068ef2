// Package queries holds the questions to the store, one file each. A file
// begins with what it answers, and with a line for each argument:
//
//	-- $name (default): meaning
package queries

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"netifyd/fleet/store"
)

//go:embed *.sql
var files embed.FS

// Argument is what a question wants to know. Without a default it must be given.
type Argument struct{ Name, Default, Meaning string }

// Query is one file.
type Query struct {
	Name, Answers string
	Arguments     []Argument
	text          string
}

var argument = regexp.MustCompile(`^-- \$([a-z]+)(?: \((.*)\))?: (.*)$`)

// All gives every question, by name.
func All() (all []Query) {
	names, _ := fs.Glob(files, "*.sql")
	for _, file := range names {
		b, _ := files.ReadFile(file)
		q := Query{Name: strings.TrimSuffix(file, ".sql"), text: string(b)}
		for line := range strings.Lines(q.text) {
			line = strings.TrimSpace(line)
			if m := argument.FindStringSubmatch(line); m != nil {
				q.Arguments = append(q.Arguments, Argument{m[1], m[2], m[3]})
			} else if words, ok := strings.CutPrefix(line, "-- "); ok {
				q.Answers = strings.TrimSpace(q.Answers + " " + words)
			}
		}
		all = append(all, q)
	}
	return all
}

// Find gives the question of a name.
func Find(name string) (Query, error) {
	all := All()
	if i := slices.IndexFunc(all, func(q Query) bool { return q.Name == name }); i >= 0 {
		return all[i], nil
	}
	var names []string
	for _, q := range all {
		names = append(names, q.Name)
	}
	return Query{}, fmt.Errorf("there is no question %q; there are %s", name, strings.Join(names, ", "))
}

var number = regexp.MustCompile(`^[0-9]{1,18}$`)

// numeric arguments are counts, and months as 202611; all others are text.
func (a Argument) numeric() bool {
	return number.MatchString(a.Default) || strings.HasPrefix(a.Default, "toYYYYMM")
}

// Text is the question with its arguments put in: numbers as they are, all
// else as quoted text.
func (q Query) Text(values map[string]string) (string, error) {
	var code []string
	for line := range strings.Lines(q.text) {
		if !strings.HasPrefix(line, "-- ") {
			code = append(code, line)
		}
	}
	text := strings.Join(code, "")
	for _, a := range q.Arguments {
		v, given := values[a.Name]
		switch {
		case !given && a.Default == "":
			return "", fmt.Errorf("%s wants %s=…: %s", q.Name, a.Name, a.Meaning)
		case !given:
			v = a.Default
		case a.numeric() && !number.MatchString(v):
			return "", fmt.Errorf("%s of %s is a number, not %q: %s", a.Name, q.Name, v, a.Meaning)
		case !a.numeric():
			v = "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
		}
		text = regexp.MustCompile(`\$`+a.Name+`\b`).ReplaceAllLiteralString(text, v)
	}
	for name := range values {
		if !slices.ContainsFunc(q.Arguments, func(a Argument) bool { return a.Name == name }) {
			return "", fmt.Errorf("%s has no argument %s", q.Name, name)
		}
	}
	return text, nil
}

// Ask puts a question with its arguments to the store, and gives the columns in
// their order and the rows. What changes something is no question.
func Ask(ctx context.Context, s *store.Store, name string, values map[string]string) (columns []string, rows []map[string]any, err error) {
	q, err := Find(name)
	if err != nil {
		return nil, nil, err
	}
	text, err := q.Text(values)
	if err != nil {
		return nil, nil, err
	}
	if !strings.HasPrefix(text, "SELECT") {
		return nil, nil, errors.New(name + " changes something: it is for the command line")
	}
	return s.Rows(ctx, text)
}

// CloseDays sums up the days that are over.
func CloseDays(ctx context.Context, s *store.Store) error {
	q, err := Find("close-days")
	if err != nil {
		return err
	}
	text, err := q.Text(nil)
	if err != nil {
		return err
	}
	_, err = s.Exec(ctx, text)
	return err
}
