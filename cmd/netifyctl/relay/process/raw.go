// Package process turns events of the agent's stream into rows.
package process

import (
	"slices"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/privacy"
)

// Processor hears the lines of a stream. One goroutine at a time calls it.
type Processor interface {
	// Kinds are the lines that it wants; none: all.
	Kinds() []string
	// Event is lent a line.
	Event(kind string, line []byte)
}

// Raw hands lines on as they come: the core processor of netifyd 5.
type Raw struct {
	Filter *privacy.Filter
	ways   []rawWay
}

type rawWay struct {
	lane  *lane.Lane
	table *lane.Table
	types []string
}

// To adds a lane, and the types of lines that it wants; none: all.
func (r *Raw) To(l *lane.Lane, kind string, types []string) *lane.Table {
	t := &lane.Table{Kind: kind}
	r.ways = append(r.ways, rawWay{l, t, types})
	return t
}

// Kinds are what any of the lanes wants.
func (r *Raw) Kinds() (kinds []string) {
	for i := range r.ways {
		if len(r.ways[i].types) == 0 {
			return nil
		}
		for _, t := range r.ways[i].types {
			if !slices.Contains(kinds, t) {
				kinds = append(kinds, t)
			}
		}
	}
	return kinds
}

// Event offers a line to the lanes that want it.
func (r *Raw) Event(kind string, line []byte) {
	if line = r.Filter.Line(kind, line); len(line) == 0 {
		return
	}
	for i := range r.ways {
		if w := &r.ways[i]; len(w.types) == 0 || slices.Contains(w.types, kind) {
			w.lane.Offer(w.table, line)
		}
	}
}
