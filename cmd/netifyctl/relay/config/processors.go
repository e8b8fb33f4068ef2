package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// reference is how a processor names a channel of a sink.
type reference struct {
	Enable     *bool    `json:"enable"`
	Format     string   `json:"format"`
	Compressor string   `json:"compressor"`
	Types      []string `json:"types"`
}

// processorFile is what all processors have.
type processorFile struct {
	reference
	Sinks map[string]map[string]reference `json:"sinks"`

	// Of the aggregator.
	Aggregator  int             `json:"aggregator"`
	LogInterval *int            `json:"log_interval"`
	BatchedRows int             `json:"batched_rows"`
	Nested      bool            `json:"nested"`
	NestedMode  bool            `json:"nested_mode"`
	Private     bool            `json:"privacy_mode"`
	Criteria    json.RawMessage `json:"criteria"`
}

// Lines of the core processor, by its types. Flows end in either.
var coreTypes = map[string][]string{
	"stream-flows": {"flow", "flow_dpi_update", "flow_dpi_complete", "flow_purge"},
	"stream-stats": {"flow_stats", "flow_purge", "interfaces", "endpoints", "interface_stats", "global_stats", "agent_status"},
}

// processor takes what a processor asks for.
func (p *plugins) processor(i *instance) {
	switch i.kind {
	case "proc-core", "proc-aggregator":
	case "proc-flow-actions":
		return // the agent's own: docs/actions.md
	default:
		if strings.HasPrefix(i.kind, "proc-") {
			p.warn(i.where, "[%s]: %s is not known here, and does nothing", i.name, i.kind)
		}
		return
	}
	var f processorFile
	if !p.decode(i, &f) {
		return
	}
	if i.kind == "proc-core" {
		p.wire(i, &f, "events")
		return
	}
	a := Aggregator{Name: i.name, Type: f.Aggregator, Nested: f.Nested || f.NestedMode, Interval: output.Duration(time.Minute), Rows: f.BatchedRows, Private: f.Private}
	if f.LogInterval != nil {
		a.Interval = output.Duration(time.Duration(*f.LogInterval) * time.Second)
	}
	var one string
	if len(f.Criteria) > 0 && json.Unmarshal(f.Criteria, &one) == nil {
		a.Criteria = []string{one}
	} else if len(f.Criteria) > 0 {
		_ = json.Unmarshal(f.Criteria, &a.Criteria)
	}
	if err := a.check(); err != nil {
		p.errs = append(p.errs, fmt.Errorf("%s: aggregator: %w", i.conf, err))
		return
	}
	p.c.Aggregators = append(p.c.Aggregators, a)
	p.wire(i, &f, i.name)
}

// wire notes the channels that a processor fills.
func (p *plugins) wire(i *instance, f *processorFile, kind string) {
	for _, sink := range sorted(f.Sinks) {
		s := p.instances[sink]
		if s == nil {
			if len(f.Sinks[sink]) > 0 {
				p.warn(i.conf, "sinks: %s is in no file of plugins.d, or not enabled", sink)
			}
			continue
		}
		for _, channel := range sorted(f.Sinks[sink]) {
			r := f.Sinks[sink][channel]
			if r.Enable != nil && !*r.Enable {
				continue
			}
			if r.Format == "" {
				r.Format = f.Format
			}
			if r.Compressor == "" {
				r.Compressor = f.Compressor
			}
			if r.Format != "" && r.Format != "json" {
				p.warn(i.conf, "sinks: %s: %s: format %s is not known here: it is json", sink, channel, r.Format)
			}
			p.channel(s, channel, r, kind)
		}
	}
}

func (p *plugins) channel(s *instance, channel string, r reference, kind string) {
	key := s.name + "/" + channel
	o := p.outputs[key]
	if o == nil {
		o = &pluginOutput{sink: s, channel: channel, reply: r, common: common{Name: s.name + "." + channel, Flush: output.Duration(time.Second), Shape: "objects"}}
		p.outputs[key] = o
		p.order = append(p.order, key)
	}
	if !slices.Contains(o.common.Kinds, kind) {
		o.common.Kinds = append(o.common.Kinds, kind)
	}
	if kind != "events" {
		return
	}
	for _, t := range r.Types {
		for _, e := range coreTypes[t] {
			if !slices.Contains(o.common.Events, e) {
				o.common.Events = append(o.common.Events, e)
			}
		}
		if coreTypes[t] == nil {
			p.warn(s.where, "types: %s is not known here", t)
		}
	}
}
