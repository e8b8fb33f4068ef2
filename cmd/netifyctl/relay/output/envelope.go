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

// AppendRows adds the rows, a line each. Where alone is true, no envelope goes
// before them: so each says whose it is, an array in its first column, an object
// in the members agent, site, epoch, seq and lost, out of which a store can tell
// which batches are missing.
func (b *Batch) AppendRows(dst []byte, alone bool) []byte {
	var array, object []byte
	if alone {
		array, _ = json.Marshal(b.Agent)
		object, _ = json.Marshal(struct {
			Agent string `json:"agent"`
			Site  string `json:"site,omitempty"`
			Epoch uint64 `json:"epoch"`
			Seq   uint64 `json:"seq"`
			Lost  uint64 `json:"lost"`
		}{b.Agent, b.Site, b.Epoch, b.Seq, b.Lost})
		object = object[1 : len(object)-1]
	}
	for _, line := range b.Lines {
		if alone && len(line) > 1 {
			dst = append(dst, line[0])
			if line[0] == '{' {
				dst = append(dst, object...)
			} else {
				dst = append(dst, array...)
			}
			if len(line) > 2 {
				dst = append(dst, ',')
			}
			line = line[1:]
		}
		dst = append(append(dst, line...), '\n')
	}
	return dst
}
