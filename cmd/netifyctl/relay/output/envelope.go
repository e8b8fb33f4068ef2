package output

import (
	"encoding/json"
	"time"
)

// schema is the version of rows: it rises when a column changes its meaning.
const schema = 1

// envelope is the first line of a batch.
type envelope struct {
	Agent   string   `json:"agent"`
	Site    string   `json:"site,omitempty"`
	Labels  []string `json:"labels,omitempty"`
	Epoch   uint64   `json:"epoch"`
	Seq     uint64   `json:"seq"`
	Kind    string   `json:"kind"`
	Schema  int      `json:"schema"`
	Columns []string `json:"columns,omitempty"`
	Count   int      `json:"count"`
	Sent    int64    `json:"sent"`
	Lost    uint64   `json:"lost"`
}

// AppendEnvelope adds what a batch says of itself, as an object without a line feed.
func (b *Batch) AppendEnvelope(dst []byte, now time.Time) []byte {
	line, _ := json.Marshal(envelope{b.Agent, b.Site, b.Labels, b.Epoch, b.Seq, b.Kind, schema, b.Columns, len(b.Lines), now.Unix(), b.Lost})
	return append(dst, line...)
}

// AppendRows adds the rows, a line each. Where agent is true, each says whose it
// is in its first column, agent.
func (b *Batch) AppendRows(dst []byte, agent bool) []byte {
	var whose []byte
	if agent {
		whose, _ = json.Marshal(b.Agent)
	}
	for _, line := range b.Lines {
		if agent && len(line) > 1 {
			dst = append(dst, line[0])
			if line[0] == '{' {
				dst = append(dst, `"agent":`...)
			}
			dst = append(dst, whose...)
			if len(line) > 2 {
				dst = append(dst, ',')
			}
			line = line[1:]
		}
		dst = append(append(dst, line...), '\n')
	}
	return dst
}
