package engine

import (
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"strings"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/risk"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// askPiece is how many places of a flow table a question looks at before the
// shard may go on.
const askPiece = 128

// house shows the engine, or the shard of a replay, to core/query.
type house struct {
	e      *Engine // nil in a replay
	shards []*Shard
	usage  *usage.Table
	view   shardView
	shown  query.Flow
}

// shardView reads the metadata of a shard that rests.
type shardView struct{ s *Shard }

func (v *shardView) Host(r *flow.Record) []byte {
	set := v.s.metadata(r)
	return (&event.Flow{Rec: r, Attrs: set}).Host()
}

func (v *shardView) Risks(r *flow.Record) risk.Set { return v.s.risks(r, v.s.metadata(r)) }

func (v *shardView) Digest(r *flow.Record) [20]byte {
	return event.Digest(v.s.set.ifaces[r.Iface].label.Name, r)
}

func (v *shardView) Event(dst []byte, r *flow.Record) []byte {
	v.s.describe(r, v.s.metadata(r))
	return v.s.appendLine(dst, event.V4, r, core.KindFlow, 0)
}

func (v *shardView) Counters(dst []byte, r *flow.Record) []byte {
	v.s.describe(r, nil)
	return v.s.appendLine(dst, event.V4, r, core.KindFlowStats, 0)
}

// Now is the newest time of the shards.
func (h *house) Now() (now int64) {
	for _, s := range h.shards {
		s.mu.Lock()
		now = max(now, s.now)
		s.mu.Unlock()
	}
	return now
}

// Flows shows one piece of the flow tables. The tables have the same size.
func (h *house) Flows(at int, show func(*query.Flow)) (next int) {
	return h.piece(at, func(s *Shard, part []flow.Record) {
		h.view.s = s
		h.shown.View = &h.view
		for i := range part {
			if r := &part[i]; r.Shown() {
				h.shown.Rec, h.shown.Place, h.shown.Iface = r, at+i, s.set.ifaces[r.Iface].label.Name
				show(&h.shown)
			}
		}
	})
}

// Records shows the records alone.
func (h *house) Records(at int, show func(part []flow.Record)) (next int) {
	return h.piece(at, func(_ *Shard, part []flow.Record) { show(part) })
}

// piece lends the part of a shard's table that begins at a place of all tables,
// while the shard rests, and says where the next one begins; -1: there is none.
func (h *house) piece(at int, show func(*Shard, []flow.Record)) (next int) {
	size := h.shards[0].table.Cap()
	if at >= size*len(h.shards) {
		return -1
	}
	s := h.shards[at/size]
	s.mu.Lock()
	defer s.mu.Unlock()
	from := at % size
	part := s.table.Part(from, min(from+askPiece, size))
	show(s, part)
	if at += len(part); at >= size*len(h.shards) {
		return -1
	}
	return at
}

// FlowAt shows the flow at a place.
func (h *house) FlowAt(place int, show func(*query.Flow)) bool {
	size := h.shards[0].table.Cap()
	s := h.shards[place/size]
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.table.At(place % size)
	if r == nil || r.Marks&flow.Own != 0 {
		return false
	}
	h.view.s = s
	h.shown = query.Flow{Rec: r, Place: place, Iface: s.set.ifaces[r.Iface].label.Name, View: &h.view}
	show(&h.shown)
	return true
}

func (h *house) Usage() *usage.Table { return h.usage }

// Catalogue is that of the newest reload.
func (h *house) Catalogue() query.Catalogue {
	s := h.shards[0]
	s.mu.Lock()
	defer s.mu.Unlock()
	return catalogue{s.set.apps}
}

type catalogue struct{ *app.Catalogue }

func (c catalogue) EachCategory(fn func(id uint8, tag string)) { c.Categories(fn) }

func (c catalogue) Category(id uint32) uint8 {
	if a := c.App(id); a != nil {
		return a.Category
	}
	return 0
}

// Plan is the memory bill with other values.
func (h *house) Plan(values map[string]string) ([]query.Item, error) {
	if h.e == nil {
		return nil, fmt.Errorf("a replay has no plan")
	}
	c := h.e.config()
	for key, value := range values {
		table, name, _ := strings.Cut(key, ".")
		o := config.Find(table, name)
		if o == nil || config.Repeated(table) {
			return nil, fmt.Errorf("values: %q is no setting that the bill depends on: use names such as flows.max", key)
		}
		if err := o.Set(&c, 0, value); err != nil {
			return nil, err
		}
	}
	var list []query.Item
	for _, x := range Plan(&c, len(h.e.ifaces), h.shards[0].settings().apps) {
		list = append(list, query.Item(x))
	}
	return list, nil
}

// Check says what is wrong with the text of a configuration.
func (h *house) Check(text string) []query.Fault {
	if h.e == nil || h.e.opts.Check == nil {
		return nil
	}
	return h.e.opts.Check(text, h.shards[0].settings().apps)
}

// stateNames are the words for the state of a capture.
var stateNames = map[event.InterfaceState]string{event.Starting: "starting", event.Online: "online", event.Offline: "offline", event.Gone: "gone"}

// Agent fills in how the agent does, from the newest status and the counters of now.
func (h *house) Agent(a *query.Agent) {
	*a = query.Agent{Interfaces: a.Interfaces[:0], Sockets: a.Sockets[:0]}
	if h.e == nil {
		h.replayed(a)
		return
	}
	e, k := h.e, &h.e.status
	k.mu.Lock()
	defer k.mu.Unlock()
	st := &k.last
	a.UUID = e.faces.uuid
	a.Version, a.Started, a.Interval = st.AgentVersion, k.began(time.Now().UnixNano()-core.Unset()), e.cfg.UpdateInterval
	a.CPUUser, a.CPUSystem, a.Peak = resources()
	a.Catalogue = e.apps.Base().String()
	a.PlanKB, a.ResidentKB = st.MemoryPlan, resident(a.Peak)
	a.MaxFlows, a.Evicted, a.Unanswered, a.Untold, a.SlotsExhausted = uint64(e.cfg.MaxFlows), st.FlowsEvicted, st.FlowsUnanswered, st.FlowsUntold, st.SlotsExhausted
	a.Received, a.Dropped, a.Freezes = st.Capture.Received, st.Capture.Dropped, st.Capture.Freezes
	first := a.Received == 0 // the kernel's counters are read at the end of an interval
	for _, s := range h.shards {
		s.mu.Lock()
		a.Flows += uint64(s.table.Len())
		a.Shunted += s.stats.Shunted
		for i := range s.counts {
			if first {
				a.Received += s.counts[i].PcapReceived
			}
		}
		s.mu.Unlock()
	}
	for i := range e.cfg.Listeners {
		l := &e.cfg.Listeners[i]
		address := l.Path
		if address == "" {
			address = net.JoinHostPort(l.Address, strconv.Itoa(int(l.Port)))
		}
		a.Sockets = append(a.Sockets, query.Socket{Address: address, Dialect: l.Dialect})
	}
	a.EvictedLately = st.FlowsEvicted - k.evictedBefore
	a.Clients, a.MaxClients, a.Refused, a.Closed, a.LostLines = uint64(st.Clients.Connected), uint64(e.cfg.Clients), st.Clients.Refused, st.Clients.Closed, st.Clients.Lost
	a.Hints, a.Offload, a.OffloadUncounted = st.Hints, st.Offload, k.offload.uncounted
	if u := h.usage; u != nil {
		u.Devices.Lock()
		a.ClockUnset = !u.ClockSet()
		u.Devices.Unlock()
		a.HistoryLost, a.HistoryError = e.keeper.lost.Load(), e.keeper.history.Stats().Error
	}
	for i := range st.Interfaces {
		x := &st.Interfaces[i]
		a.DroppedLately += x.Stats.CaptureDropped
		a.Interfaces = append(a.Interfaces, query.Interface{Name: x.Name, Role: x.Role, State: stateNames[x.State], MAC: x.MAC, Addresses: x.Addresses,
			Received: x.Stats.PcapReceived, Dropped: x.Stats.CaptureDropped})
	}
}

// replayed is the little that a capture file has of it.
func (h *house) replayed(a *query.Agent) {
	for _, s := range h.shards {
		a.Flows += uint64(s.table.Len())
		a.MaxFlows += uint64(s.table.Cap())
		a.Evicted += s.table.Evicted
		a.Received += s.counts[0].Raw
	}
	a.Hints, a.Offload = -1, "none"
}

// Version names what the catalogue holds: it is another after a reload that
// changed an application.
func (c catalogue) Version() string {
	h := fnv.New32a()
	var b []byte
	c.Each(func(id uint32, tag string) {
		b = append(strconv.AppendUint(b[:0], uint64(id), 10), c.Category(id))
		_, _ = h.Write(append(b, tag...))
	})
	return strconv.FormatUint(uint64(h.Sum32()), 16)
}
