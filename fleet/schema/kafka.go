package schema

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"netifyd/fleet/store"
)

var addresses = regexp.MustCompile(`^[A-Za-z0-9.:_\[\]-]+:[0-9]+(,[A-Za-z0-9.:_\[\]-]+:[0-9]+)*$`)

// KafkaStatements let a store of that version fetch from a cluster, whose
// brokers are written as HOST:PORT with commas between.
func KafkaStatements(version, brokers string) ([]string, error) {
	s, err := parse(version)
	if err != nil {
		return nil, err
	}
	if !addresses.MatchString(brokers) {
		return nil, fmt.Errorf("brokers %q: want HOST:PORT, with commas between several", brokers)
	}
	functions := s.functions()
	functions["brokers"] = func() string { return brokers }
	functions["more"] = func() string {
		if s.modern() {
			return ", kafka_skip_broken_messages = 100, input_format_skip_unknown_fields = 1"
		}
		return `, kafka_row_delimiter = '\n'` // what ends a message
	}
	text, err := expand("kafka.sql", functions)
	if err != nil {
		return nil, err
	}
	all := split(text)
	migrations, err := Migrations(version)
	for _, m := range migrations {
		for _, statement := range m.Statements {
			if view.MatchString(statement) {
				all = append(all, fetched.ReplaceAllString(view.ReplaceAllString(statement, "CREATE MATERIALIZED VIEW ${1}_kafka TO"), "FROM ${1}_kafka"))
			}
		}
	}
	return all, err
}

// Views of the tables that routers write to. A server of 2018 does not hand rows
// from view to view, so the tables of Kafka have copies of their own.
var (
	view    = regexp.MustCompile(`^CREATE MATERIALIZED VIEW ([a-z_]+) TO`)
	fetched = regexp.MustCompile(`FROM (usage|flow|device|alert)_in\b`)
)

// Kafka lets a store, whose tables are there, fetch from a cluster. It can be repeated.
func Kafka(ctx context.Context, s *store.Store, brokers string) error {
	version, err := s.Exec(ctx, "SELECT version()")
	if err != nil {
		return err
	}
	statements, err := KafkaStatements(version, brokers)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := s.Exec(ctx, repeatable(statement)); err != nil {
			return fmt.Errorf("%s …: %w", strings.SplitN(statement, "\n", 2)[0], err)
		}
	}
	return nil
}
