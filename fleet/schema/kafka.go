package schema

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"netifyd/fleet/store"
)

var (
	addresses = regexp.MustCompile(`^[A-Za-z0-9.:_\[\]-]+:[0-9]+(,[A-Za-z0-9.:_\[\]-]+:[0-9]+)*$`)
	made      = regexp.MustCompile(`^CREATE TABLE ((usage|flow|device|alert)_kafka) AS \w+`)
	view      = regexp.MustCompile(`^CREATE MATERIALIZED VIEW ([a-z_]+) TO`)
	fetched   = regexp.MustCompile(`FROM (usage|flow|device|alert)_in\b`)
)

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
	tables := split(text)
	if !s.modern() {
		return oldKafka(version, tables)
	}
	all := tables
	for _, kind := range []string{"usage", "flow", "device", "alert"} {
		all = append(all, fmt.Sprintf("CREATE MATERIALIZED VIEW %[1]s_fetched TO %[1]s_in AS SELECT * FROM %[1]s_kafka", kind))
	}
	return all, nil
}

// oldKafka is for servers that do not hand rows from view to view: the tables
// of Kafka have copies of the views of the tables *_in. Fetching begins with the
// first view, and what comes then is not for the second; so views are made on
// tables that fetch nothing, which then become those of Kafka.
func oldKafka(version string, tables []string) (all []string, err error) {
	for _, t := range tables {
		all = append(all, made.FindString(t)+" ENGINE = Null")
	}
	migrations, err := Migrations(version)
	for _, m := range migrations {
		for _, statement := range m.Statements {
			if view.MatchString(statement) {
				all = append(all, fetched.ReplaceAllString(view.ReplaceAllString(statement, "CREATE MATERIALIZED VIEW ${1}_kafka TO"), "FROM ${1}_kafka"))
			}
		}
	}
	for _, t := range tables {
		all = append(all, "DROP TABLE "+made.FindStringSubmatch(t)[1], t)
	}
	return all, err
}

// Kafka lets a store, whose tables are there, fetch from a cluster. It can be
// repeated: tables that fetch stay as they are.
func Kafka(ctx context.Context, s *store.Store, brokers string) error {
	version, err := s.Exec(ctx, "SELECT version()")
	if err != nil {
		return err
	}
	statements, err := KafkaStatements(version, brokers)
	if err != nil {
		return err
	}
	_, rows, err := s.Rows(ctx, "SELECT name FROM system.tables WHERE database = '"+s.Database+"' AND engine = 'Kafka'")
	if err != nil {
		return err
	}
	for _, statement := range statements {
		name, drops := strings.CutPrefix(statement, "DROP TABLE ")
		if drops && slices.ContainsFunc(rows, func(r map[string]any) bool { return r["name"] == name }) {
			continue
		}
		if _, err := s.Exec(ctx, repeatable(statement)); err != nil {
			return fmt.Errorf("%s …: %w", strings.SplitN(statement, "\n", 2)[0], err)
		}
	}
	return nil
}
