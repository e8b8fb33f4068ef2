package queries

import (
	"testing"

	"github.com/AfterShip/clickhouse-sql-parser/parser"
)

// Every question is one that a parser of the language of current servers reads.
func TestSyntax(t *testing.T) {
	for _, q := range All() {
		values := map[string]string{}
		for _, a := range q.Arguments {
			if a.Default == "" {
				values[a.Name] = "it's"
			}
		}
		text, err := q.Text(values)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := parser.NewParser(text).ParseStmts(); err != nil || len(read) != 1 {
			t.Errorf("%s: %v\n%s", q.Name, err, text)
		}
	}
}
