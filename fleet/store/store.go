// Package store speaks to ClickHouse over its HTTP door.
package store

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Store is a ClickHouse server, and a database in it. Any number of goroutines may use it.
type Store struct {
	URL            string // http://127.0.0.1:8123
	Database       string
	User, Password string
	Reads          bool         // the user may only read, and set nothing
	Client         *http.Client // nil: one that gives an answer two minutes
}

// BoardUser is board.xml: the user of the page, for ClickHouse's users.d.
//
//go:embed board.xml
var BoardUser []byte

// ErrAway says that no answer came.
var ErrAway = errors.New("does not answer")

var patient = &http.Client{Timeout: 2 * time.Minute}

// Exec runs one statement and gives its answer as text. The error of a
// statement that is refused holds the server's first words.
func (s *Store) Exec(ctx context.Context, statement string) (string, error) {
	return s.post(ctx, nil, strings.NewReader(statement))
}

// Insert writes rows, JSON objects parted by line feeds, into a table. Members
// that the table does not have are left out.
func (s *Store) Insert(ctx context.Context, table string, rows []byte) error {
	_, err := s.post(ctx, url.Values{
		"query":                            {"INSERT INTO " + table + " FORMAT JSONEachRow"},
		"input_format_skip_unknown_fields": {"1"},
	}, bytes.NewReader(rows))
	return err
}

// Rows runs a SELECT and gives the names of its columns in their order, and its
// rows as objects.
func (s *Store) Rows(ctx context.Context, query string) (columns []string, rows []map[string]any, err error) {
	text, err := s.Exec(ctx, strings.TrimRight(strings.TrimSpace(query), ";")+"\nFORMAT JSON")
	if err != nil {
		return nil, nil, err
	}
	var answer struct {
		Meta []struct{ Name string }
		Data []map[string]any
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		return nil, nil, err
	}
	for _, m := range answer.Meta {
		columns = append(columns, m.Name)
	}
	return columns, answer.Data, nil
}

func (s *Store) post(ctx context.Context, arguments url.Values, body io.Reader) (string, error) {
	q := url.Values{}
	if !s.Reads {
		q.Set("output_format_json_quote_64bit_integers", "0")
	}
	if s.Database != "" {
		q.Set("database", s.Database)
	}
	maps.Copy(q, arguments)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/?"+q.Encode(), body)
	if err != nil {
		return "", err
	}
	if s.User != "" {
		r.SetBasicAuth(s.User, s.Password)
	}
	client := s.Client
	if client == nil {
		client = patient
	}
	answer, err := client.Do(r)
	if u, ok := errors.AsType[*url.Error](err); ok {
		return "", fmt.Errorf("the store at %s %w: %w", s.URL, ErrAway, u.Err)
	} else if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", answer.Status, strings.TrimSpace(string(text[:min(len(text), 400)])))
	}
	return string(text), nil
}
