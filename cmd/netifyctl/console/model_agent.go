package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"netifyd/core/query/client"
)

// agentState is what a stream tells of the agent itself.
type agentState struct {
	version, build string
	uptime         uint64
	heard          time.Time
	resident, plan uint64
	flows          uint64
	evicted        uint64
	received       uint64
	lost           uint64 // packets, since the console began or the agent did
	lately         uint64 // of the last interval
	dropped        uint64 // events that this client lost
	offload        string
	clients        map[string]uint64
	interfaces     map[string]streamInterface
}

type streamInterface struct {
	Role    string   `json:"role"`
	MAC     string   `json:"mac"`
	Addr    []string `json:"addr"`
	State   *int     `json:"state"`
	Capture string   `json:"capture_type"`
}

// packets are counters of an interface since the last status.
type packets struct {
	Raw     uint64 `json:"raw"`
	Dropped uint64 `json:"capture_dropped"`
	Older   uint64 `json:"pcap_drop"`
	Queue   uint64 `json:"queue_dropped"`
}

// feed takes what is not about flows.
func (a *agentState) feed(m *model, kind string, line []byte) {
	a.heard = m.clock()
	switch kind {
	case "agent_hello":
		var e struct {
			Version json.RawMessage `json:"agent_version"`
			Build   string          `json:"build_version"`
		}
		_ = json.Unmarshal(line, &e)
		a.version, a.build = bound(strings.Trim(string(e.Version), `"`)), bound(e.Build)
	case "agent_status":
		a.status(m, line)
	case "interfaces":
		var e map[string]json.RawMessage
		_ = json.Unmarshal(line, &e)
		a.interfaces = map[string]streamInterface{}
		for name, text := range e {
			var x streamInterface
			if json.Unmarshal(text, &x) == nil {
				a.addInterface(name, x)
			}
		}
	case "endpoints":
		var e map[string]json.RawMessage
		_ = json.Unmarshal(line, &e)
		for mac, text := range e {
			var list []string
			if json.Unmarshal(text, &list) == nil {
				m.seen(mac, list)
			}
		}
	case "global_stats":
		var p packets
		_ = json.Unmarshal(line, &p)
		a.packets(m, p)
	}
}

func (a *agentState) addInterface(name string, x streamInterface) {
	if a.interfaces == nil {
		a.interfaces = map[string]streamInterface{}
	}
	if len(a.interfaces) < 64 {
		a.interfaces[bound(name)] = x
	}
}

func (a *agentState) status(m *model, line []byte) {
	var e struct {
		Version    json.RawMessage `json:"agent_version"`
		Uptime     uint64          `json:"uptime"`
		Interval   uint64          `json:"update_interval"`
		Flows      *uint64         `json:"flow_count"`
		Older      uint64          `json:"flows"`
		MaxRSS     uint64          `json:"maxrss_kb"`
		RSS        uint64          `json:"memrss_kb"`
		Plan       uint64          `json:"memory_plan_kb"`
		Evicted    uint64          `json:"flows_evicted"`
		Dropped    uint64          `json:"client_dropped"`
		Offload    string          `json:"offload"`
		Clients    map[string]uint64
		Interfaces map[string]streamInterface
		Devices    map[string][]string
		Stats      map[string]packets
		Capture    *struct{ Received, Dropped uint64 }
	}
	if json.Unmarshal(line, &e) != nil {
		return
	}
	if len(e.Version) > 0 {
		a.version = bound(strings.Trim(string(e.Version), `"`))
	}
	a.uptime, a.flows = e.Uptime, e.Older
	if e.Flows != nil {
		a.flows = *e.Flows
	}
	a.resident, a.plan, a.evicted, a.offload, a.clients = max(e.RSS, 0), e.Plan, e.Evicted, bound(e.Offload), e.Clients
	if a.resident == 0 {
		a.resident = e.MaxRSS
	}
	if e.Interval > 0 && e.Interval < 3600 {
		m.interval = time.Duration(e.Interval) * time.Second
	}
	if e.Interfaces != nil {
		a.interfaces = nil
		for name, x := range e.Interfaces {
			a.addInterface(name, x)
		}
	}
	for mac, list := range e.Devices {
		m.seen(mac, list)
	}
	if e.Stats != nil {
		sum := packets{}
		for _, x := range e.Stats {
			sum.Raw, sum.Dropped, sum.Older, sum.Queue = sum.Raw+x.Raw, sum.Dropped+x.Dropped, sum.Older+x.Older, sum.Queue+x.Queue
		}
		a.packets(m, sum)
	}
	if e.Capture != nil {
		a.received, a.lost = e.Capture.Received, e.Capture.Dropped
	}
	if e.Dropped > a.dropped {
		m.alert("stream_lost", e.Dropped-a.dropped)
	}
	a.dropped = e.Dropped
}

// packets adds what came and what was lost in an interval.
func (a *agentState) packets(m *model, p packets) {
	a.lately = max(p.Dropped, p.Older) + p.Queue
	a.received, a.lost = a.received+p.Raw, a.lost+a.lately
	if a.lately > 0 {
		m.alert("capture_lost", a.lately)
	}
}

// seen notes the addresses of a device.
func (m *model) seen(mac string, addresses []string) {
	if len(m.devices) >= maxTotals {
		return
	}
	t := m.total(m.devices, strings.ToLower(bound(mac)))
	for _, text := range addresses {
		t.address(endpoint(text, 0).Addr())
	}
	t.last = m.clock()
	if t.first.IsZero() {
		t.first = t.last
	}
}

// states of a capture in agent_status.
var interfaceStates = [...]string{"starting", "online", "offline"}

// answerStatus tells how the agent does, as far as the stream says.
func (m *model) answerStatus(now time.Time) any {
	a := &m.agent
	uptime := a.uptime
	if !a.heard.IsZero() {
		uptime += uint64(now.Sub(a.heard) / time.Second)
	}
	interfaces := table{Columns: []string{"name", "role", "state"}, Rows: [][]any{}}
	var warnings []client.Warning
	for _, name := range slices.Sorted(maps.Keys(a.interfaces)) {
		x := a.interfaces[name]
		state := "online"
		if x.State != nil && *x.State >= 0 && *x.State < len(interfaceStates) {
			state = interfaceStates[*x.State]
		}
		if state != "online" {
			warnings = append(warnings, client.Warning{ID: "interface_" + state, Args: []string{name}})
		}
		interfaces.Rows = append(interfaces.Rows, []any{name, strings.ToLower(x.Role), state})
	}
	interfaces.Total = len(interfaces.Rows)
	return map[string]any{
		"version": a.version, "build": a.build, "stream": true, "now": now.Unix(), "started": now.Unix() - int64(uptime), "uptime": uptime, "update_interval": int(m.interval / time.Second),
		"memory":  map[string]uint64{"resident_kb": a.resident, "plan_kb": a.plan},
		"flows":   map[string]uint64{"now": a.flows, "evicted": a.evicted},
		"capture": map[string]uint64{"received": a.received, "dropped": a.lost},
		"clients": map[string]uint64{"now": a.clients["connected"], "refused": a.clients["refused"], "closed": a.clients["closed"], "lost": a.clients["lost"]},
		"offload": a.offload, "interfaces": interfaces, "warnings": warnings,
		"console": map[string]uint64{"flows": uint64(len(m.flows)), "max": maxFlows, "evicted": m.evicted, "untold": m.untold, "dropped": a.dropped},
	}
}
