package engine

import (
	"net/netip"
	"path/filepath"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/expr"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/sink"
	"netifyd/detect/app"
)

// Match is a flow that an expression holds for.
type Match struct {
	Digest                      [20]byte
	Local, Other                netip.AddrPort
	Application, Protocol, Host string
	Bytes                       uint64
}

// tester is an outlet that takes note of flows as they end.
type tester struct {
	s     *Shard
	seen  map[int]bool // places of flows that matched
	show  func(*Match)
	total int
}

func (t *tester) Poll() []*sink.Join                  { return nil }
func (t *tester) Wants(event.Dialect, core.Kind) bool { return true }
func (t *tester) Filters(core.Kind) bool              { return false }
func (t *tester) Select(core.Kind, *expr.Input) bool  { return true }
func (t *tester) Dialects() event.Dialects            { return event.Dialects(0).With(event.V4) }

func (t *tester) Offer(_ event.Dialect, kind core.Kind, _ core.Rank, _ []byte) bool {
	if kind != core.KindFlowPurge {
		return true
	}
	t.total++
	r := t.s.lines.flow.Rec
	place := t.s.table.Place(r)
	if !t.seen[place] {
		return true
	}
	delete(t.seen, place)
	local := r.Local()
	m := Match{Digest: event.Digest(t.s.set.ifaces[r.Iface].label.Name, r), Protocol: r.Proto.Name(), Application: t.s.set.apps.Tag(r.App), Bytes: r.TotalBytes,
		Local: netip.AddrPortFrom(flow.Addr(r.Version, &r.Addr[local]), r.Port[local]), Other: netip.AddrPortFrom(flow.Addr(r.Version, &r.Addr[1-local]), r.Port[1-local])}
	m.Host = string((&event.Flow{Rec: r, Attrs: t.s.metadata(r)}).Host())
	t.show(&m)
	return true
}

// TryFile reads a capture file and shows each flow, as it ends, that an
// expression of a rule has held for. total is how many flows there were. The
// same file gives the same flows. Warnings are about tags that nothing has.
func TryFile(c *config.Config, apps *app.Catalogue, path, criteria string, show func(*Match)) (total int, warnings []config.Warning, err error) {
	rule := config.NewAction()
	rule.Name, rule.Criteria = "test", criteria
	document := &action.Document{Rules: c.Rules, Groups: c.Groups, Actions: []config.Action{rule}}
	document.Rules.Enabled, document.Rules.Exempt = true, nil
	set, warnings, err := action.Compile(nil, ruleNames(c, apps), c.Rules.GroupsDir, document)
	if err != nil {
		return 0, nil, err
	}
	t := &tester{seen: map[int]bool{}, show: show}
	ifc := fileIface(c, path, filepath.Base(path))
	s := newShard(c, newSettings(c, apps, []*iface{ifc}), 1, hint.New(c.Hints, uint32(c.HintTTL.Seconds()), 1), 1, t)
	t.s = s
	s.usage, _ = newUsage(c, true, nil)
	room := action.NewRoom(action.Options{})
	s.door = room.Door(s.table.Cap(), true)
	s.door.Matched = func(place int) { t.seen[place] = true }
	room.Announce(set)
	s.door.Take(0)
	src, err := pcapfile.Open(path)
	if err != nil {
		return 0, warnings, err
	}
	defer src.Close()
	err = s.walkAll(ifc, src)
	return t.total, warnings, err
}

// fileIface is the interface that a file stands for.
func fileIface(c *config.Config, path, name string) *iface {
	ifc := &iface{cfg: config.Interface{Name: name, File: path}, label: event.Iface{Name: name, Internal: true}}
	ifc.refresh(nil)
	if len(c.Interfaces) > 0 { // addresses that count as ours
		ifc.cfg.Addresses = c.Interfaces[0].Addresses
		ifc.refresh(nil)
	}
	return ifc
}
