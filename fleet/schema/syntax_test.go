package schema

import (
	"testing"

	"github.com/AfterShip/clickhouse-sql-parser/parser"
)

// Statements for current servers, which are not here, are read by a parser of
// their language; a wrong word is found.
func TestSyntax(t *testing.T) {
	all, err := Migrations("25.8")
	if err != nil {
		t.Fatal(err)
	}
	kafka, err := KafkaStatements("25.8", "a:9092,b:9092")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(all, Migration{"kafka", kafka}) {
		for _, statement := range m.Statements {
			if read, err := parser.NewParser(statement).ParseStmts(); err != nil || len(read) != 1 {
				t.Errorf("%s: %v\n%s", m.Name, err, statement)
			}
		}
	}
	for _, bad := range []string{"CREATE TABLE a (b UInt64 CODEC(ZSTD) ENGINE = Null", "CREATE TABLE a (b String) ENGINE = MergeTree ORDER (b)", "CREATE MATERIALIZED VIEW a TO b SELECT 1"} {
		if _, err := parser.NewParser(bad).ParseStmts(); err == nil {
			t.Errorf("%s: nothing is wrong with it", bad)
		}
	}
}

func TestKafkaStatements(t *testing.T) {
	for _, bad := range []string{"", "a", "a:9092,", "a:9092'", "a:9092, b:9092", "a:9092'; DROP TABLE usage"} {
		if _, err := KafkaStatements("24.8", bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	all, err := KafkaStatements("18.16.1", "a:9092")
	if err != nil || len(all) != 4+5+4+2*4 { // tables; views of rows, two of them of usage; views of batches; tables once more
		t.Errorf("%d statements, %v", len(all), err)
	}
}
