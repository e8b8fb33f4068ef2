package pipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// envelope is the first line of a batch. Behind it comes a line for each row:
// an array in the order of columns, or an object where there are no columns.
type envelope struct {
	Agent   string   `json:"agent"`
	Site    string   `json:"site"`
	Kind    string   `json:"kind"`
	Epoch   uint64   `json:"epoch"`
	Seq     uint64   `json:"seq"`
	Lost    uint64   `json:"lost"`
	Schema  int      `json:"schema"`
	Columns []string `json:"columns"`
	Count   *int     `json:"count"`
}

// ours are columns that the envelope fills, and no row.
var ours = []string{"agent", "site", "epoch", "seq", "lost"}

var plain = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Topic gives agent and kind of a topic that ends in AGENT/KIND (MQTT) or
// AGENT.KIND (NATS).
func Topic(topic string) (agent, kind string, err error) {
	parts := strings.FieldsFunc(topic, func(r rune) bool { return r == '/' || r == '.' })
	if len(parts) < 2 {
		return "", "", fmt.Errorf("topic %q does not end in AGENT/KIND", topic)
	}
	return parts[len(parts)-2], parts[len(parts)-1], nil
}

// Rows makes JSON objects, one a line, out of a batch. The agent is the one
// that the broker let write to the topic: what the batch says of itself is
// compared, not believed.
func Rows(agent, kind string, payload []byte) ([]byte, error) {
	if !slices.Contains(Kinds, kind) {
		return nil, fmt.Errorf("no table keeps rows of the kind %q", kind)
	}
	head, rest, _ := bytes.Cut(payload, []byte("\n"))
	var e envelope
	if err := json.Unmarshal(head, &e); err != nil {
		return nil, fmt.Errorf("the first line is no envelope: %w", err)
	}
	switch {
	case e.Schema != 1:
		return nil, fmt.Errorf("schema %d is not known, only 1", e.Schema)
	case e.Agent != agent:
		return nil, fmt.Errorf("a batch of %q came under the name of %q", e.Agent, agent)
	case e.Kind != kind:
		return nil, fmt.Errorf("a batch of %q came as %q", e.Kind, kind)
	}
	common, err := json.Marshal(map[string]any{"agent": e.Agent, "site": e.Site, "epoch": e.Epoch, "seq": e.Seq, "lost": e.Lost})
	if err != nil {
		return nil, err
	}
	names := make([][]byte, len(e.Columns))
	for i, c := range e.Columns {
		if !plain.MatchString(c) || slices.Contains(ours, c) || slices.Contains(e.Columns[:i], c) {
			return nil, fmt.Errorf("%q is no name of a column", c)
		}
		names[i] = append(strconv.AppendQuote([]byte{','}, c), ':')
	}
	out := make([]byte, 0, 3*len(payload))
	count := 0
	for line := range bytes.Lines(rest) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		count++
		out = append(out, common[:len(common)-1]...)
		if len(names) > 0 {
			out, err = appendArray(out, names, line)
		} else {
			out, err = appendObject(out, line)
		}
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", count, err)
		}
		out = append(out, '}', '\n')
	}
	if e.Count != nil && *e.Count != count {
		return nil, fmt.Errorf("%d rows came of a batch of %d", count, *e.Count)
	}
	return out, nil
}

func appendArray(out []byte, names [][]byte, line []byte) ([]byte, error) {
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return out, err
	}
	if len(cells) != len(names) {
		return out, fmt.Errorf("%d cells for %d columns", len(cells), len(names))
	}
	for i, c := range cells {
		if string(c) == "null" {
			continue // the table's default
		}
		out = append(append(out, names[i]...), c...)
	}
	return out, nil
}

// appendObject adds the members of an object but those that the envelope says.
func appendObject(out, line []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil || members == nil {
		return out, errors.New("not a JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if slices.Contains(ours, name) || string(members[name]) == "null" {
			continue
		}
		if !plain.MatchString(name) {
			return out, fmt.Errorf("%q is no name of a column", name)
		}
		out = append(strconv.AppendQuote(append(out, ','), name), ':')
		out = append(out, members[name]...)
	}
	return out, nil
}
