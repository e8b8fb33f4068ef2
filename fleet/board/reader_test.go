package board

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"netifyd/fleet/peer"
	"netifyd/fleet/queries"
	"netifyd/fleet/schema"
)

// The user of the page reads, and can do nothing else; nor can it read more
// than its quota, or lift its limits.
func TestReader(t *testing.T) {
	click, err := peer.StartClickHouse(t.TempDir())
	if errors.Is(err, peer.ErrNone) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer click.Kill()
	if _, err := schema.Migrate(t.Context(), click.Store("netifyd")); err != nil {
		t.Fatal(err)
	}
	reader := click.Board("netifyd")
	for _, q := range queries.All() {
		values := map[string]string{}
		for _, a := range q.Arguments {
			if a.Default == "" {
				values[a.Name] = "x"
			}
		}
		text, err := q.Text(values)
		if err != nil {
			t.Fatal(err)
		}
		switch _, rows, err := queries.Ask(t.Context(), reader, q.Name, values); {
		case !strings.HasPrefix(text, "SELECT"):
			if err == nil {
				t.Errorf("%s was asked, though it changes something", q.Name)
			}
			if _, err := reader.Exec(t.Context(), text); err == nil {
				t.Errorf("%s: the reader changes something", q.Name)
			}
		case err != nil || len(rows) != 0:
			t.Errorf("%s of an empty store: %v, %v", q.Name, rows, err)
		}
	}
	for _, statement := range []string{
		"INSERT INTO usage (agent) VALUES ('x')", "DROP TABLE usage", "CREATE TABLE x (a UInt8) ENGINE = Null", "ALTER TABLE usage DROP PARTITION 202611", "TRUNCATE TABLE usage",
		"SET readonly = 0", "SET max_execution_time = 0", "SELECT 1 SETTINGS max_execution_time = 0", "CREATE DATABASE x", "OPTIMIZE TABLE usage",
	} {
		if _, err := reader.Exec(t.Context(), statement); err == nil {
			t.Errorf("the reader may %s", statement)
		}
	}
	for _, setting := range []string{"max_execution_time=0", "readonly=0", "max_result_rows=0"} {
		answer, err := http.Get(reader.URL + "/?user=board&query=SELECT+1&" + setting)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode == http.StatusOK {
			t.Errorf("the reader may set %s", setting)
		}
	}

	page := httptest.NewServer(Handler(reader))
	defer page.Close()
	ask := func() (int, string) {
		answer, err := http.Get(page.URL + "/ask/fleet-today")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		var said struct{ Error string }
		_ = json.Unmarshal(text, &said)
		return answer.StatusCode, said.Error
	}
	for n := 0; ; n++ {
		code, words := ask()
		if code == http.StatusOK && n < 1500 { // its minute may begin anew in between
			continue
		}
		if code == http.StatusOK || !strings.Contains(strings.ToLower(words), "quota") {
			t.Errorf("after %d questions in a minute: %d %s", n, code, words)
		}
		break
	}
	click.Kill()
	if code, words := ask(); code != http.StatusBadGateway || !strings.HasPrefix(words, "the store at http://127.0.0.1:") || !strings.Contains(words, "does not answer") || strings.Contains(words, "SELECT") {
		t.Errorf("the store is away: %d %q", code, words)
	}
}
