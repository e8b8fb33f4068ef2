// Package schema owns the tables of the store: files NNN-name.sql, applied in
// order and once each, for a current ClickHouse and for 18.16, which Debian has.
package schema

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"text/template"

	"netifyd/fleet/store"
)

//go:embed *.sql
var files embed.FS

// server says what a version of ClickHouse has.
type server struct{ major, minor int }

func parse(version string) (s server, err error) {
	parts := strings.Split(strings.TrimSpace(version), ".")
	if len(parts) < 2 {
		return s, fmt.Errorf("version %q of the store is not understood", version)
	}
	if s.major, err = strconv.Atoi(parts[0]); err == nil {
		s.minor, err = strconv.Atoi(parts[1])
	}
	return s, err
}

// modern servers have TTL, CODEC, DateTime64 and LowCardinality: from 20.3 on.
func (s server) modern() bool { return s.major > 20 || s.major == 20 && s.minor >= 3 }

func (s server) functions() template.FuncMap {
	pick := func(modern, old string) string {
		if s.modern() {
			return modern
		}
		return old
	}
	return template.FuncMap{
		"list":         func(l ...string) []string { return l },
		"name":         func() string { return pick("LowCardinality(String)", "String") },
		"milliseconds": func() string { return pick("DateTime64(3)", "UInt64") },
		"codec":        func(c string) string { return pick("CODEC("+c+")", "") },
		// Without TTL the command 'fleet retain' drops partitions.
		"ttl": func(t string) string { return pick("TTL "+t+" SETTINGS ttl_only_drop_parts = 1", "") },
		"day": func(column string) string {
			return pick("toYYYYMMDD("+column+")", "toYYYYMMDD(toDateTime(intDiv("+column+", 1000)))")
		},
	}
}

// Migration is one file, its statements written for one version of the server.
type Migration struct {
	Name       string // 001-rows
	Statements []string
}

// Migrations gives all files in order for a server of that version.
func Migrations(version string) ([]Migration, error) {
	s, err := parse(version)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "[0-9]*.sql")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, name := range names {
		text, err := expand(name, s.functions())
		if err != nil {
			return nil, err
		}
		all = append(all, Migration{strings.TrimSuffix(name, ".sql"), split(text)})
	}
	return all, nil
}

// expand writes a file for a server.
func expand(name string, functions template.FuncMap) (string, error) {
	t, err := template.New(name).Funcs(functions).ParseFS(files, name)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), err
}

// repeatable passes over a table that is there.
func repeatable(statement string) string {
	statement = strings.Replace(statement, "CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)
	return strings.Replace(statement, "CREATE MATERIALIZED VIEW ", "CREATE MATERIALIZED VIEW IF NOT EXISTS ", 1)
}

// split parts a file into statements and leaves comments out: a server of 2018
// takes one statement at a time.
func split(text string) (all []string) {
	var lines []string
	for line := range strings.Lines(text) {
		if code, _, _ := strings.Cut(line, "-- "); strings.TrimSpace(code) != "" {
			lines = append(lines, strings.TrimRight(code, " \n"))
		}
	}
	for statement := range strings.SplitSeq(strings.Join(lines, "\n"), ";") {
		if s := strings.TrimSpace(statement); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// Migrate makes the database and applies what it does not have. It gives the
// names of what it applied. A statement that fails stops it; what is half
// applied is applied again the next time, so statements of a file that were
// done are passed over where the server says that the table is there.
func Migrate(ctx context.Context, s *store.Store) (applied []string, err error) {
	bare := *s
	bare.Database = ""
	version, err := bare.Exec(ctx, "SELECT version()")
	if err != nil {
		return nil, err
	}
	all, err := Migrations(version)
	if err != nil {
		return nil, err
	}
	return apply(ctx, s, all)
}

// apply makes the database and applies those that it does not have.
func apply(ctx context.Context, s *store.Store, all []Migration) (applied []string, err error) {
	bare := *s
	bare.Database = "" // which is not there yet
	for _, first := range []string{
		"CREATE DATABASE IF NOT EXISTS " + s.Database,
		"CREATE TABLE IF NOT EXISTS " + s.Database + ".migration (name String, applied DateTime DEFAULT now()) ENGINE = MergeTree PARTITION BY tuple() ORDER BY name",
	} {
		if _, err := bare.Exec(ctx, first); err != nil {
			return nil, err
		}
	}
	done, err := s.Exec(ctx, "SELECT name FROM migration FORMAT TabSeparated")
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if strings.Contains("\n"+done, "\n"+m.Name+"\n") {
			continue
		}
		for _, statement := range m.Statements {
			if _, err := s.Exec(ctx, repeatable(statement)); err != nil {
				return applied, fmt.Errorf("%s: %s …: %w", m.Name, strings.SplitN(statement, "\n", 2)[0], err)
			}
		}
		if _, err := s.Exec(ctx, "INSERT INTO migration (name) VALUES ('"+m.Name+"')"); err != nil {
			return applied, err
		}
		applied = append(applied, m.Name)
	}
	return applied, nil
}
