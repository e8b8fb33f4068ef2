package relay

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"netifyd/cmd/netifyctl/relay/ask"
	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/policy"
	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/cmd/netifyctl/relay/process"
	"netifyd/cmd/netifyctl/stream"
)

// build makes what lies between the agent and the lanes, as the configuration
// asks for.
func (r *Relay) build() error {
	p := &r.c.Privacy
	var err error
	if r.filter, err = privacy.New(p.MAC, p.Hosts, p.Names, cmp.Or(p.KeyFile, r.c.State+"/key"), p.Exclude); err != nil {
		return err
	}
	agent := ask.Agent{Control: r.c.Control}
	devices, alerts := lane.NewRows(ask.DeviceColumns...), lane.NewRows(ask.AlertColumns...)
	status := &ask.Status{Agent: agent, Filter: r.filter, Relay: func() any { return r.Status(time.Now()) }, Every: r.c.StatusInterval}
	raw, final := &process.Raw{Filter: r.filter.Copy()}, lane.NewRows(process.FinalColumns...)
	for i := range r.c.Outputs {
		o, l := &r.c.Outputs[i], r.lanes[i]
		var wishes *policy.Policy
		if h, ok := o.Out.(output.Hearer); ok && o.Policy {
			wishes = policy.New(o.Kinds, o.Allow, func(format string, a ...any) { r.log(o.Name+": "+format, a...) })
			h.Hear(wishes.Hear)
			l.Told = wishes.Told
		}
		r.policies = append(r.policies, wishes)
		for _, kind := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(o.Kinds, o.Allow)))) {
			switch kind {
			case "events":
				s := r.source("")
				s.losing = append(s.losing, loser{l, raw.To(l, kind, o.Events)})
				if !slices.Contains(s.hear, process.Processor(raw)) {
					s.hear = append(s.hear, raw)
				}
			case "flow":
				final.To(l, kind, lane.Bulk, o.Objects)
			case "device":
				devices.To(l, kind, lane.Keep, o.Objects)
			case "alert":
				alerts.To(l, kind, lane.Keep, o.Objects)
			case "status":
				status.Lanes = append(status.Lanes, l)
			case "usage":
				l.Pull = &ask.Usage{Agent: agent, UUID: func() string { return r.who().Agent }, Filter: r.filter.Copy(), Objects: o.Objects, Local: r.c.UsageLocal,
					Interval: r.c.UsageInterval, Bound: wishes.Usage, Spread: r.c.Spread, File: r.c.State + "/" + o.Name + ".usage.json", Log: r.log}
			}
		}
	}
	if final.Used() {
		s := r.source("")
		s.tellFlows(r, &process.Final{Rows: final})
	}
	if devices.Used() {
		r.polls = append(r.polls, poll{"devices", r.c.DeviceInterval, &ask.Devices{Agent: agent, Filter: r.filter.Copy(), Rows: devices}})
	}
	if alerts.Used() {
		r.polls = append(r.polls, poll{"alerts", alertInterval, &ask.Alerts{Agent: agent, Filter: r.filter.Copy(), Rows: alerts, File: r.c.State + "/alerts.json"}})
	}
	if len(status.Lanes) > 0 {
		r.polls = append(r.polls, poll{"status", r.c.StatusInterval, status})
	}
	for i := range r.c.Aggregators {
		r.aggregate(&r.c.Aggregators[i])
	}
	return nil
}

// aggregate sets an aggregator up, where an output wants it.
func (r *Relay) aggregate(a *config.Aggregator) {
	p := &process.Aggregator{Type: a.Type, Nested: a.Nested, Private: a.Private, Rows: a.Rows, Interval: a.Interval.Or(time.Minute)}
	used := false
	for i := range r.c.Outputs {
		if slices.Contains(r.c.Outputs[i].Kinds, a.Name) {
			p.To(r.lanes[i], a.Name)
			used = true
		}
	}
	if !used {
		return
	}
	s := r.source(filterOf(a.Criteria))
	s.tellFlows(r, p)
	s.ticks = append(s.ticks, p)
}

// filterOf joins expressions of which one must fit to one.
func filterOf(criteria []string) string {
	var parts []string
	for _, c := range criteria {
		if c = strings.TrimRight(strings.TrimSpace(c), "; "); c != "" {
			parts = append(parts, c)
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, ") or (") + ")"
}

// source gives the connection with a filter; each has one.
func (r *Relay) source(filter string) *source {
	for _, s := range r.sources {
		if s.stream.Filter == filter {
			return s
		}
	}
	s := &source{log: r.log, stream: stream.Stream{Address: r.c.Stream, Filter: filter}}
	r.sources = append(r.sources, s)
	return s
}

// tellFlows lets somebody hear of flows.
func (s *source) tellFlows(r *Relay, h process.Hearer) {
	if s.flows == nil {
		s.flows = &process.Flows{Most: r.c.Flows, Filter: r.filter.Copy()}
		s.hear = append(s.hear, s.flows)
		s.ticks = append(s.ticks, s.flows)
	}
	s.flows.Hear = append(s.flows.Hear, h)
}
