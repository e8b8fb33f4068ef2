// Package querytest has an agent with a few flows, for tests of core/query and
// its faces.
package querytest

import (
	"errors"
	"net/netip"

	"netifyd/core/alert"
	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/core/query"
	"netifyd/core/risk"
	"netifyd/core/usage"
)

// Still shows a few flows and nothing else.
type Still struct {
	List  []flow.Record
	Hosts map[int64]string   // by the time of the first packet
	Wrong map[int64]risk.Set // the same
	Time  int64
	Told  *Rules // nil: there are no rules
}

func (h *Still) Now() int64 { return h.Time }
func (h *Still) Agent(a *query.Agent) {
	*a = query.Agent{Version: "1", Hints: -1, Offload: "none", Flows: uint64(len(h.List))}
}
func (h *Still) Usage() *usage.Table        { return nil }
func (h *Still) History() *usage.History    { return nil }
func (h *Still) Alerts() *alert.Ring        { return nil }
func (h *Still) CommitUsage() error         { return errors.New("nothing is counted") }
func (h *Still) ResetUsage() error          { return errors.New("nothing is counted") }
func (h *Still) Catalogue() query.Catalogue { return catalogue{} }
func (h *Still) Plan(v map[string]string) ([]query.Item, error) {
	return []query.Item{{What: "flow table", Setting: "flows.max", Count: 8, Bytes: 800}}, nil
}
func (h *Still) Check(string) []query.Fault               { return nil }
func (h *Still) Host(r *flow.Record) []byte               { return []byte(h.Hosts[r.First]) }
func (h *Still) Risks(r *flow.Record) risk.Set            { return h.Wrong[r.First] }
func (h *Still) Digest(r *flow.Record) [20]byte           { return [20]byte{byte(r.First / 1e9)} }
func (h *Still) Event(b []byte, _ *flow.Record) []byte    { return append(b, "{}\n"...) }
func (h *Still) Counters(b []byte, _ *flow.Record) []byte { return append(b, "{}\n"...) }
func (h *Still) FlowAt(place int, show func(*query.Flow)) bool {
	show(&query.Flow{Rec: &h.List[place], Place: place, Iface: "br-lan", View: h})
	return true
}

func (h *Still) Flows(at int, show func(*query.Flow)) int {
	for i := at; i < min(at+2, len(h.List)); i++ {
		h.FlowAt(i, show)
	}
	if at+2 >= len(h.List) {
		return -1
	}
	return at + 2
}

// Records shows one record at a time.
func (h *Still) Records(at int, show func([]flow.Record)) int {
	if at >= len(h.List) {
		return -1
	}
	h.List[at].Flags |= flow.InUse // of a table, whose flows are shown alone
	show(h.List[at : at+1])
	return at + 1
}

func (h *Still) Rules() query.Rules {
	if h.Told == nil {
		return nil
	}
	return h.Told
}

type catalogue struct{}

var tags = map[uint32]string{133: "netify.netflix", 10119: "netify.youtube"}

func (catalogue) Tag(id uint32) string { return tags[id] }
func (catalogue) Each(fn func(uint32, string)) {
	fn(133, "netify.netflix")
	fn(10119, "netify.youtube")
}
func (catalogue) Category(uint32) uint8               { return 29 }
func (catalogue) CategoryTag(c uint8) string          { return map[uint8]string{29: "streaming-media"}[c] }
func (catalogue) EachCategory(fn func(uint8, string)) { fn(29, "streaming-media") }
func (catalogue) Version() string                     { return "v1" }

// Record makes a flow of a local address to another.
func Record(first int64, id proto.ID, app uint32, local, other string, port uint16, bytes uint64) flow.Record {
	r := flow.Record{First: first * 1e9, Last: first * 1e9, Proto: id, App: app, TotalBytes: bytes, Other: flow.OtherRemote}
	a, b := netip.MustParseAddr(local), netip.MustParseAddr(other)
	r.Version = 4
	if a.Is6() {
		r.Version = 6
	}
	copy(r.Addr[0][:], a.AsSlice())
	copy(r.Addr[1][:], b.AsSlice())
	r.Port = [2]uint16{50000, port}
	if app != 0 {
		r.AppCategory = 29
	}
	return r
}

// House shows three flows.
func House() *Still {
	return &Still{Time: 1000e9, Hosts: map[int64]string{900e9: "www.Netflix.com", 950e9: "rr3.googlevideo.com"}, List: []flow.Record{
		Record(900, proto.HTTPS, 133, "192.168.1.7", "198.51.100.9", 443, 5000),
		Record(950, proto.QUIC, 10119, "192.168.1.8", "203.0.113.1", 443, 9000),
		Record(990, proto.Unknown, 0, "2001:db8::1", "2001:db8::2", 9999, 10),
	}}
}
