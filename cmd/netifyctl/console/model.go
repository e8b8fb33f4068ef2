package console

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"netifyd/core/risk"
)

// Bounds of what a stream may fill.
const (
	maxFlows   = 4096
	maxTotals  = 4096 // devices, applications, names: each
	maxRecord  = 16 << 10
	maxText    = 255
	othersName = "others"

	// silent is how long a flow may be that nothing is told of: netifyd 2 to
	// 3.05 tell of no end.
	silent = 15 * time.Minute
)

// model is what the stream of an agent has told: the flows of this moment, and
// who used what since the console began. It answers the same questions as the
// agent's control socket, so that the screen need not know where answers come
// from. It is fed by one goroutine and asked by another.
type model struct {
	mu    sync.Mutex
	clock func() time.Time
	began time.Time

	flows    map[string]*told // by digest
	devices  map[string]*total
	apps     map[string]*total
	cats     map[string]*total
	hosts    map[string]*total
	cells    map[[2]string]*total // device and application
	curve    [2][]uint64
	curved   time.Time
	agent    agentState
	alerts   []streamAlert
	alerted  int
	evicted  uint64
	untold   uint64 // reports about flows that began before the console
	interval time.Duration
}

// told is a flow as the stream tells of it.
type told struct {
	digest        string
	record, count json.RawMessage // the last of each
	iface         string
	device        string // hardware address, else the address
	app, proto    string
	cat           string
	host          string
	local, other  netip.AddrPort // the device's end, the other one
	kind          string         // other_type
	swapped       bool           // the device is what the agent calls other
	twin, guessed bool
	score         uint64 // of its risks
	risks         []string
	began, last   time.Time // by the console's clock
	counted       time.Time
	rate          [2]uint64 // down, up
	bytes         uint64
	ended         time.Time // zero: it goes on
}

// streamAlert is something that a person should know, as the model sees it.
type streamAlert struct {
	number int
	id     string
	at     time.Time
	value  uint64
}

func newModel(clock func() time.Time) *model {
	return &model{clock: clock, began: clock(), flows: map[string]*told{}, devices: map[string]*total{}, apps: map[string]*total{}, cats: map[string]*total{}, hosts: map[string]*total{}, cells: map[[2]string]*total{}, interval: 15 * time.Second}
}

// feed takes one object of the stream. What it does not know it passes over.
func (m *model) feed(line []byte) {
	var e struct {
		Type      string          `json:"type"`
		Interface string          `json:"interface"`
		Flow      json.RawMessage `json:"flow"`
	}
	if json.Unmarshal(line, &e) != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Type {
	case "flow", "flow_dpi_update", "flow_dpi_complete", "flow_stats", "flow_purge":
		m.flow(e.Type, e.Interface, e.Flow)
	case "device":
		m.device(line)
	default:
		m.agent.feed(m, e.Type, line)
	}
}

// flowRecord is what the model reads of a flow.
type flowRecord struct {
	Digest      string          `json:"digest"`
	Previous    []string        `json:"digest_prev"`
	First       int64           `json:"first_seen_at"`
	Last        int64           `json:"last_seen_at"`
	LocalMAC    string          `json:"local_mac"`
	LocalIP     string          `json:"local_ip"`
	LocalPort   uint16          `json:"local_port"`
	OtherMAC    string          `json:"other_mac"`
	OtherIP     string          `json:"other_ip"`
	OtherPort   uint16          `json:"other_port"`
	OtherType   string          `json:"other_type"`
	LocalOrigin bool            `json:"local_origin"`
	Protocol    string          `json:"detected_protocol_name"`
	Application string          `json:"detected_application_name"`
	Guessed     json.RawMessage `json:"detection_guessed"`
	Host        string          `json:"host_server_name"`
	Hint        string          `json:"dns_host_name"`
	Twin        bool            `json:"twin"`
	Category    struct {
		Application int `json:"application"`
	} `json:"category"`
	Risks struct {
		Score uint64 `json:"ndpi_risk_score"`
		Risks []int  `json:"risks"`
	} `json:"risks"`
	LocalBytes uint64 `json:"local_bytes"`
	OtherBytes uint64 `json:"other_bytes"`
	TotalBytes uint64 `json:"total_bytes"`
}

func (m *model) flow(kind, iface string, raw json.RawMessage) {
	var r flowRecord
	if json.Unmarshal(raw, &r) != nil || r.Digest == "" {
		return
	}
	f := m.find(&r)
	now := m.clock()
	if r.OtherIP != "" {
		if f == nil {
			f = m.begin(&r, now)
		}
		f.take(&r, bound(iface))
		f.record = boundJSON(raw)
	}
	if f == nil {
		m.untold++
		return
	}
	f.last = now
	if kind == "flow" || kind == "flow_dpi_update" {
		f.bytes = max(f.bytes, r.TotalBytes)
		return // netifyd 5 reports these bytes again, and counts them then
	}
	if r.TotalBytes+r.LocalBytes+r.OtherBytes > 0 {
		m.counters(f, &r, now)
		if kind != "flow_dpi_complete" {
			f.count = boundJSON(raw)
		}
	}
	if kind == "flow_purge" {
		f.ended, f.rate = now, [2]uint64{}
	}
}

// find looks for a flow by its digest, and by those that it had before.
func (m *model) find(r *flowRecord) *told {
	if f := m.flows[r.Digest]; f != nil {
		return f
	}
	for _, before := range r.Previous {
		if f := m.flows[before]; f != nil {
			delete(m.flows, before)
			f.digest = r.Digest
			m.flows[r.Digest] = f
			return f
		}
	}
	return nil
}

func (m *model) begin(r *flowRecord, now time.Time) *told {
	if len(m.flows) >= maxFlows {
		m.makeRoom(now)
	}
	age := min(max(time.Duration(r.Last-r.First)*time.Millisecond, 0), 365*24*time.Hour)
	f := &told{digest: strings.Clone(r.Digest), began: now.Add(-age), counted: now.Add(-min(age, m.interval))}
	m.flows[f.digest] = f
	return f
}

// makeRoom takes out flows that ended, then those that nothing was heard of for the longest time.
func (m *model) makeRoom(now time.Time) {
	list := slices.Collect(maps.Values(m.flows))
	slices.SortFunc(list, func(x, y *told) int {
		return cmp.Or(-cmp.Compare(truth(!x.ended.IsZero()), truth(!y.ended.IsZero())), x.last.Compare(y.last), cmp.Compare(x.digest, y.digest))
	})
	for _, f := range list[:len(list)/16+1] {
		if f.ended.IsZero() {
			m.evicted++
		}
		delete(m.flows, f.digest)
	}
}

// take reads what a record says of a flow.
func (f *told) take(r *flowRecord, iface string) {
	f.iface, f.kind, f.twin = iface, r.OtherType, r.Twin
	f.app, f.proto, f.cat = application(r.Application), unknown(bound(r.Protocol)), category(r.Category.Application)
	if f.app == "" {
		f.cat = ""
	}
	f.host = bound(first(r.Host, r.Hint))
	f.guessed = len(r.Guessed) > 0 && string(r.Guessed) != "false" && string(r.Guessed) != "0"
	f.score, f.risks = r.Risks.Score, nil
	for _, n := range r.Risks.Risks[:min(len(r.Risks.Risks), risk.Count)] {
		f.risks = append(f.risks, riskName(strconv.Itoa(n)))
	}
	f.local, f.other = endpoint(r.LocalIP, r.LocalPort), endpoint(r.OtherIP, r.OtherPort)
	mac := r.LocalMAC
	// Between two hosts of the network older agents call the lower address
	// local: the device is the one that asked.
	if f.swapped = r.OtherType == "local" && !r.LocalOrigin; f.swapped {
		f.local, f.other, mac = f.other, f.local, r.OtherMAC
	}
	f.device = strings.ToLower(bound(mac))
	if f.device == "" || f.device == "00:00:00:00:00:00" {
		f.device = f.local.Addr().String()
	}
}

// counters takes a report of bytes.
func (m *model) counters(f *told, r *flowRecord, now time.Time) {
	down, up := r.OtherBytes, r.LocalBytes
	if f.swapped {
		down, up = up, down
	}
	if f.bytes += down + up; r.TotalBytes > 0 {
		f.bytes = r.TotalBytes
	}
	if past := now.Sub(f.counted); past >= 200*time.Millisecond || f.rate == [2]uint64{} {
		over := max(past, time.Second).Seconds()
		f.rate = [2]uint64{uint64(float64(down) / over), uint64(float64(up) / over)}
	}
	f.counted = now
	if f.twin || f.kind == "local" || f.kind == "multicast" || f.kind == "broadcast" {
		return
	}
	label := first(f.app, strings.ToLower(f.proto), "unknown")
	for _, t := range []*total{m.total(m.devices, f.device), m.total(m.apps, label), m.total(m.cats, first(f.cat, "unclassified")), m.cell(f.device, label)} {
		t.add(down, up, now)
	}
	m.devices[m.kept(m.devices, f.device)].address(f.local.Addr())
	if f.host != "" {
		m.total(m.hosts, f.host).add(down, up, now)
	}
}

// device takes what netifyd 5 may tell of one.
func (m *model) device(line []byte) {
	var e struct {
		MAC, Name, Kind string
		IP              []string
	}
	if json.Unmarshal(line, &e) != nil || e.MAC == "" {
		return
	}
	t := m.total(m.devices, strings.ToLower(bound(e.MAC)))
	t.name, t.kind, t.last = bound(e.Name), bound(e.Kind), m.clock()
}

// lost is told that the stream has ended. Its flows are over as far as anybody knows.
func (m *model) lost() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock()
	for _, f := range m.flows {
		if f.ended.IsZero() {
			f.ended, f.rate = now, [2]uint64{}
		}
	}
	m.alert("stream_gone", 0)
	m.agent.dropped = 0
}

func (m *model) alert(id string, value uint64) {
	m.alerted++
	if m.alerts = append(m.alerts, streamAlert{m.alerted, id, m.clock(), value}); len(m.alerts) > mostRows {
		m.alerts = m.alerts[1:]
	}
}

// settle drops flows that ended a while ago, and forgets rates that were not renewed.
func (m *model) settle(now time.Time) {
	for digest, f := range m.flows {
		if f.ended.IsZero() && now.Sub(f.last) > silent {
			f.ended = now
		}
		if !f.ended.IsZero() && now.Sub(f.ended) >= afterglow {
			delete(m.flows, digest)
		} else if now.Sub(f.counted) > 2*m.interval+5*time.Second {
			f.rate = [2]uint64{}
		}
	}
}

// application is the name of one: netifyd 3 writes 133.netify.netflix.
func application(name string) string {
	if number, rest, ok := strings.Cut(name, "."); ok && strings.Trim(number, "0123456789") == "" {
		name = rest
	}
	return tag(unknown(bound(name)))
}

func unknown(name string) string {
	if name == "Unknown" {
		return ""
	}
	return name
}

func endpoint(ip string, port uint16) netip.AddrPort {
	a, _ := netip.ParseAddr(ip)
	return netip.AddrPortFrom(a, port)
}

// bound bounds a text that is kept.
func bound(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return strings.Clone(s)
}

func boundJSON(raw json.RawMessage) json.RawMessage {
	if len(raw) > maxRecord {
		return nil
	}
	return slices.Clone(raw)
}

func truth(v bool) int {
	if v {
		return 1
	}
	return 0
}
