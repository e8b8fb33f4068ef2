package console

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netifyd/core/query/client"
)

// table is a list in an answer.
type table struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
	Total   int      `json:"total"`
}

// arguments are those of questions that the model knows.
type arguments struct {
	Filter string `json:"filter"`
	Sort   string `json:"sort"`
	Limit  int    `json:"limit"`
	By     string `json:"by"`
	Device string `json:"device"`
	Digest string `json:"digest"`
}

// Raw answers a question as the agent's control socket does.
func (m *model) Raw(method string, args any) ([]byte, error) {
	var a arguments
	if text, err := json.Marshal(args); err == nil {
		_ = json.Unmarshal(text, &a)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock()
	m.settle(now)
	answer, err := m.answer(method, &a, now)
	if err != nil {
		return nil, client.Refusal(err.Error())
	}
	return json.Marshal(answer)
}

func (m *model) answer(method string, a *arguments, now time.Time) (any, error) {
	l, err := choose(a.Filter)
	if err != nil {
		return nil, err
	}
	switch method {
	case "status":
		return m.answerStatus(now), nil
	case "overview":
		return m.overview(now), nil
	case "flows":
		return m.listFlows(&l, a, now), nil
	case "flow":
		f := m.flows[a.Digest]
		if f == nil {
			return nil, fmt.Errorf("this flow is over")
		}
		return map[string]any{"event": f.record, "counters": f.count, "down_rate": f.rate[0], "up_rate": f.rate[1], "device": f.device}, nil
	case "devices":
		return m.listDevices(&l, a, now), nil
	case "device":
		return m.oneDevice(a.Device)
	case "usage":
		return m.usage(a), nil
	case "hosts":
		return m.totals("host", m.hosts, a), nil
	case "alerts":
		t := table{Columns: []string{"number", "alert", "serious", "first", "last", "device", "name", "label", "value", "interface", "host"}, Rows: [][]any{}}
		for _, x := range m.alerts {
			t.Rows = append(t.Rows, []any{x.number, x.id, true, x.at.Unix(), x.at.Unix(), "", "", "", x.value, "", ""})
		}
		t.Total = len(t.Rows)
		return t, nil
	case "applications", "protocols":
		return table{Columns: []string{"id", "tag", "name"}, Rows: [][]any{}}, nil // the rows of flows have names
	}
	return nil, fmt.Errorf("the stream of an agent cannot answer %q", method)
}

// sorted puts the largest of a column first, of texts the first ones, and cuts the list.
func (t *table) sorted(column string, limit int) *table {
	rising := strings.HasPrefix(column, "-")
	at := slices.Index(t.Columns, strings.TrimPrefix(column, "-"))
	t.Total = len(t.Rows)
	slices.SortStableFunc(t.Rows, func(x, y []any) int {
		by := 0
		if at >= 0 {
			switch v := x[at].(type) {
			case uint64:
				by = -cmp.Compare(v, y[at].(uint64))
			case string:
				w := y[at].(string)
				by = cmp.Or(-cmp.Compare(truth(v != ""), truth(w != "")), strings.Compare(strings.ToLower(v), strings.ToLower(w)))
			}
		}
		if rising {
			by = -by
		}
		return cmp.Or(by, strings.Compare(x[0].(string), y[0].(string)))
	})
	if limit > 0 && len(t.Rows) > limit {
		t.Rows = t.Rows[:limit]
	}
	return t
}

func (m *model) listFlows(l *choice, a *arguments, now time.Time) *table {
	t := &table{Columns: []string{"digest", "device", "application", "protocol", "host", "interface", "down_rate", "up_rate", "rate", "bytes", "age", "idle", "flags", "local", "other", "risk", "ended"}, Rows: [][]any{}}
	for _, f := range m.flows {
		if len(l.words) > 0 && !l.fits(m.subject(f, now)) {
			continue
		}
		flags := map[bool]string{true: "guessed"}[f.guessed]
		t.Rows = append(t.Rows, []any{f.digest, f.device, f.app, f.proto, f.host, f.iface, f.rate[0], f.rate[1], f.rate[0] + f.rate[1], f.bytes, seconds(now.Sub(f.began)), seconds(now.Sub(f.last)), flags, text(f.local), text(f.other), f.score, !f.ended.IsZero()})
	}
	return t.sorted(first(a.Sort, "rate"), a.Limit)
}

func text(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func seconds(d time.Duration) uint64 { return uint64(max(d, 0) / time.Second) }

// subject is a flow as filters see it.
func (m *model) subject(f *told, now time.Time) *subject {
	s := &subject{device: []string{f.device}, app: []string{f.app}, cat: []string{f.cat}, proto: []string{f.proto, strings.ReplaceAll(f.proto, "/", "")}, host: []string{f.host}, iface: []string{f.iface},
		addresses: []netip.Addr{f.local.Addr(), f.other.Addr()}, ports: [2]uint16{f.local.Port(), f.other.Port()}, risks: f.risks, score: f.score}
	if d := m.devices[f.device]; d != nil && d.name != "" {
		s.device = append(s.device, d.name)
	}
	for state, on := range map[string]bool{"new": now.Sub(f.began) < time.Minute, "active": now.Sub(f.last) <= 30*time.Second, "idle": now.Sub(f.last) > 30*time.Second,
		"unknown": f.proto == "", "guessed": f.guessed, "twin": f.twin, "local": f.kind == "local", "internet": f.kind == "remote"} {
		if on {
			s.states = append(s.states, state)
		}
	}
	return s
}

func (m *model) listDevices(l *choice, a *arguments, now time.Time) *table {
	t := &table{Columns: []string{"device", "name", "type", "addresses", "online", "first", "last", "flows", "down_rate", "up_rate", "rate", "today_down", "today_up", "period_down", "period_up"}, Rows: [][]any{}}
	have := map[string][]*told{}
	for _, f := range m.flows {
		if f.ended.IsZero() {
			have[f.device] = append(have[f.device], f)
		}
	}
	for key := range have {
		m.total(m.devices, key)
	}
	for key, d := range m.devices {
		var rate [2]uint64
		for _, f := range have[key] {
			rate[0], rate[1] = rate[0]+f.rate[0], rate[1]+f.rate[1]
		}
		online := len(have[key]) > 0 || now.Sub(d.last) < 5*time.Minute
		if len(l.words) > 0 {
			s := &subject{device: append([]string{key, d.name, d.kind}, d.addresses...)}
			for _, x := range d.addresses {
				s.addresses = append(s.addresses, endpoint(x, 0).Addr())
			}
			for state, on := range map[string]bool{"active": online, "idle": !online, "new": now.Sub(d.first) < 24*time.Hour} {
				if on {
					s.states = append(s.states, state)
				}
			}
			var flows []*subject
			for _, f := range have[key] {
				flows = append(flows, m.subject(f, now))
			}
			if !l.fitsDevice(s, flows) {
				continue
			}
		}
		t.Rows = append(t.Rows, []any{key, d.name, d.kind, append([]string{}, d.addresses...), online, uint64(max(d.first.Unix(), 0)), uint64(max(d.last.Unix(), 0)), uint64(len(have[key])),
			rate[0], rate[1], rate[0] + rate[1], d.down, d.up, d.down, d.up})
	}
	return t.sorted(first(a.Sort, "rate"), a.Limit)
}

func (m *model) oneDevice(key string) (any, error) {
	d := m.devices[key]
	if d == nil {
		return nil, fmt.Errorf("device: there is no device %q", key)
	}
	var rate [2]uint64
	flows := 0
	for _, f := range m.flows {
		if f.device == key && f.ended.IsZero() {
			rate[0], rate[1], flows = rate[0]+f.rate[0], rate[1]+f.rate[1], flows+1
		}
	}
	return map[string]any{"device": key, "name": d.name, "type": d.kind, "addresses": d.addresses, "first": max(d.first.Unix(), 0), "last": max(d.last.Unix(), 0), "flows": flows, "down_rate": rate[0], "up_rate": rate[1],
		"down": d.down, "up": d.up, "applications": m.usage(&arguments{Device: key})}, nil
}

// usage lists applications or categories, of all or of one device.
func (m *model) usage(a *arguments) *table {
	list := m.apps
	if a.By == "category" {
		list = m.cats
	}
	if a.Device != "" {
		list = map[string]*total{}
		for key, t := range m.cells {
			if key[0] == a.Device {
				list[key[1]] = t
			}
		}
	}
	return m.totals("application", list, a)
}

func (m *model) totals(name string, list map[string]*total, a *arguments) *table {
	t := &table{Columns: []string{name, "down", "up", "flows", "rate", "sum"}, Rows: [][]any{}}
	flows, rates := map[string]uint64{}, map[string]uint64{}
	for _, f := range m.flows {
		if !f.ended.IsZero() || f.twin || a.Device != "" && f.device != a.Device {
			continue
		}
		key := first(f.app, strings.ToLower(f.proto), "unknown")
		switch {
		case name == "host":
			key = f.host
		case a.By == "category":
			key = first(f.cat, "unclassified")
		}
		flows[key]++
		rates[key] += f.rate[0] + f.rate[1]
	}
	for key, x := range list {
		t.Rows = append(t.Rows, []any{key, x.down, x.up, flows[key], rates[key], x.down + x.up})
	}
	return t.sorted("sum", a.Limit)
}

// overview is what the head of the screen says.
func (m *model) overview(now time.Time) any {
	var rate [2]uint64
	devices := map[string]bool{}
	going := 0
	for _, f := range m.flows {
		if !f.ended.IsZero() {
			continue
		}
		going++
		devices[f.device] = true
		if !f.twin && f.kind != "local" && f.kind != "multicast" && f.kind != "broadcast" {
			rate[0], rate[1] = rate[0]+f.rate[0], rate[1]+f.rate[1]
		}
	}
	if now.Sub(m.curved) >= time.Second {
		m.curved = now
		for i := range m.curve {
			m.curve[i] = point(m.curve[i], rate[i])
		}
	}
	return map[string]any{
		"words": map[string]any{"devices": len(devices), "flows": going, "down_rate": rate[0], "up_rate": rate[1], "lost": m.agent.lately},
		"wan":   map[string]any{"down": slices.Clone(m.curve[0]), "up": slices.Clone(m.curve[1])},
	}
}
