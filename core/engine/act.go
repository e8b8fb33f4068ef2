package engine

import (
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"strings"
	"time"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/attr"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// act lets the rules judge a flow of which something is news; set is its
// metadata, nil: as kept. What another capture tells too is judged there.
func (s *Shard) act(r *flow.Record, set *attr.Set) {
	if s.door == nil || r.Marks&(flow.Own|flow.Twin) != 0 {
		return
	}
	place := s.table.Place(r)
	if !s.door.News(place, judgedBy(r, s.door.AsksState())) {
		return
	}
	if set == nil {
		set = s.metadata(r)
	}
	if c := s.door.Judge(place, s.input(r, set), s.now); c.Any() {
		s.fill(&s.subject, r)
		s.door.Send(c, place, &s.subject)
	}
}

// unact takes back what was told of a flow that turned out to be told by another
// capture too: the kernel may say so only after the flow was announced.
func (s *Shard) unact(r *flow.Record) {
	if r.Marks&flow.Twin != 0 {
		s.actLast(r)
	}
}

// behind lets those who tell targets give way while packets have waited longer than they should.
func (s *Shard) behind(b *core.Batch) {
	if s.door != nil && len(b.Frames) > 0 {
		s.door.Waited(b.Now - b.Frames[0].Time)
	}
}

// judgedBy is a sum of what rules may ask of a flow and that changes.
func judgedBy(r *flow.Record, state bool) uint32 {
	flags := flow.Guessed | flow.NAT
	if state {
		flags |= flow.Decided | flow.Updated
	}
	sum := r.Sum
	for _, x := range [...]uint32{r.App, uint32(r.Proto), uint32(r.AppCategory)<<16 | uint32(r.ProtoCategory)<<8 | uint32(r.DomainCategory), uint32(r.Flags & flags)} {
		sum = (bits.RotateLeft32(sum, 5) ^ x) * 0x9e3779b1
	}
	return sum
}

// actLast takes back what is to be taken back when a flow ends.
func (s *Shard) actLast(r *flow.Record) {
	if s.door == nil {
		return
	}
	place := s.table.Place(r)
	if c := s.door.End(place); c.Any() {
		s.fill(&s.subject, r)
		s.door.Send(c, place, &s.subject)
	}
}

// rejudge lets the rules judge living flows anew, if others hold than before: a
// piece of them, or all when there is time.
func (s *Shard) rejudge(all bool) {
	if s.door == nil || !s.door.Pending() {
		return
	}
	for n := 0; all || n < rejudgePiece; n++ {
		at := s.door.Redo(s.table.Cap())
		if at < 0 {
			return
		}
		if r := s.table.At(at); r != nil && r.Flags&(flow.Announced|flow.Complete) != 0 && r.Flags&flow.Untold == 0 {
			s.door.Forget(at)
			s.act(r, nil)
		}
	}
}

// rejudgePiece is how many places are looked at between two batches of a busy line.
const rejudgePiece = 256

// fill describes a flow to targets.
func (s *Shard) fill(x *action.Subject, r *flow.Record) {
	local, other := r.Local(), 1-r.Local()
	*x = action.Subject{
		Local: r.Addr[local], Other: r.Addr[other], LocalPort: r.Port[local], OtherPort: r.Port[other],
		Transport: r.Protocol, V6: r.Version == 6, LocalIsClient: r.LocalOrigin(), Interface: r.Iface,
		LocalMAC: r.MAC[local], OtherMAC: r.MAC[other],
		Application: r.App, Protocol: uint16(r.Proto), AppCategory: r.AppCategory, Category: r.ProtoCategory,
	}
	if s.door.AsksDigest() {
		x.Digest = event.Digest(s.set.ifaces[r.Iface].label.Name, r)
	}
}

// living copies the flows of one piece of the table that targets were told of.
func (s *Shard) living(at int, mask uint64, list []action.Subject, mark bool) (n, next int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mark {
		s.door.Mark(at)
	}
	end := min(action.Piece(at), s.table.Cap())
	for i := at; i < end; i++ {
		slots, rule := s.door.Slots(i, mask)
		if slots == 0 {
			continue
		}
		if r := s.table.At(i); r != nil {
			s.fill(&list[n], r)
			list[n].Rule = rule
			n++
		}
	}
	if end == s.table.Cap() {
		return n, -1
	}
	return n, end
}

// compileRules makes rules of a configuration. An error of the configuration
// itself is returned; one of another file is told, and set is nil then.
func (e *Engine) compileRules(c *config.Config, apps *app.Catalogue) (*action.Set, error) {
	own, other, warnings, err := action.Documents(c)
	e.tellWarnings(warnings)
	if err != nil {
		e.tellErrors(err)
		return nil, nil
	}
	names := ruleNames(c, apps)
	if floorOf(c) > 0 { // with files alone nobody is there who had a name before
		names.Devices = namesOf(c, e.usage)
	}
	set, warnings, err := action.Compile(e.rules.Set(), names, c.Rules.GroupsDir, own, other)
	if err == nil {
		e.tellWarnings(warnings)
		return set, nil
	}
	var list config.Errors
	if errors.As(err, &list) {
		for _, one := range list {
			if one.Path == c.Path {
				return nil, err
			}
		}
	}
	e.tellErrors(err)
	return nil, nil
}

// ruleNames are what rules may name.
func ruleNames(c *config.Config, apps *app.Catalogue) action.Names {
	return action.Names{Category: apps.CategoryID, Usage: c.Usage.Enabled, Check: checkTarget, Application: func(bare string) (id uint32, ok bool) {
		apps.Each(func(i uint32, tag string) {
			if !ok && strings.EqualFold(strings.TrimPrefix(tag, "netify."), bare) {
				id, ok = i, true
			}
		})
		return id, ok
	}}
}

// namesOf are what the devices of a table, which may be nil, and those of the files of names are called, in lower case.
func namesOf(c *config.Config, u *usage.Table) map[string]bool {
	names := map[string]bool{}
	if !c.Usage.Enabled {
		return names
	}
	device.Names(names, c.Usage.Names)
	if u != nil {
		for _, d := range devicesOf(u) {
			for _, name := range d.Names {
				names[name] = true
			}
		}
	}
	return names
}

// KnownNames are what devices were called by the last agent of a configuration, and are by files, in lower case.
func KnownNames(c *config.Config) map[string]bool {
	t := device.New(device.Options{Devices: c.Usage.Devices})
	if dir, _ := HistoryDir(&c.Usage); dir != "" {
		usage.RestoreDevices(usage.Directory(dir), t)
		usage.RestoreDevices(usage.Directory(filepath.Join(dir, "usage")), t)
	}
	names := namesOf(c, nil)
	for id := device.ID(1); c.Usage.Enabled && int(id) < t.Cap(); id++ {
		if x := t.At(id); x != nil && x.Name() != "" {
			names[strings.ToLower(x.Name())] = true
		}
	}
	return names
}

// CheckRules says what is wrong with the rules of a configuration, and what is odd. devices
// are what devices are called, in lower case; nil: that is not known.
func CheckRules(c *config.Config, apps *app.Catalogue, devices map[string]bool) ([]config.Warning, error) {
	own, other, warnings, err := action.Documents(c)
	if err != nil {
		return warnings, err
	}
	names := ruleNames(c, apps)
	names.Strict, names.Devices = true, devices
	_, more, err := action.Compile(nil, names, c.Rules.GroupsDir, own, other)
	return append(warnings, more...), err
}

func (e *Engine) tellWarnings(list []config.Warning) {
	for _, w := range list {
		e.log.Warn().Msg(w.String())
	}
}

func (e *Engine) tellErrors(err error) {
	var list config.Errors
	if !errors.As(err, &list) {
		e.log.Error().Err(err).Msg("rules")
		return
	}
	for _, one := range list {
		e.log.Error().Msg(one.Error())
	}
}

// startRules makes the room of rules, and reads those of the start.
func (e *Engine) startRules() error {
	e.rules = action.NewRoom(action.Options{Queue: e.cfg.Rules.Queue, Open: e.openTarget,
		Flows: func(k, at int, mask uint64, list []action.Subject, mark bool) (int, int) {
			return e.shards[k].living(at, mask, list, mark)
		},
		Say: func(warn bool, text string) {
			if warn {
				e.log.Warn().Msg(text)
			} else {
				e.log.Info().Msg(text)
			}
		}})
	e.placePauses()
	set, err := e.compileRules(e.cfg, e.apps)
	if err != nil {
		return err
	}
	if set == nil {
		e.log.Error().Msg("no rules are in force, since a file of theirs is wrong")
		return nil
	}
	e.adoptRules(set)
	return nil
}

// adoptRules puts rules in the place of those of before. Shards get their doors
// with the first rule.
func (e *Engine) adoptRules(set *action.Set) {
	if set.Empty() && e.rules.Set() == nil {
		return
	}
	e.rules.Announce(set)
	e.readPauses()
	e.keepPauses() // without those of rules that are gone
	e.refreshRules()
	for _, s := range e.shards {
		s.mu.Lock()
		if s.door == nil {
			s.door = e.rules.Door(s.table.Cap(), s.clock.of == nil)
		}
		s.door.Take(s.now)
		s.mu.Unlock()
	}
}

// refreshRules tells the rules which devices there are, if they name some.
func (e *Engine) refreshRules() {
	if e.usage != nil && e.rules.Dynamic() {
		e.rules.Refresh(devicesOf(e.usage))
	}
}

// devicesOf are the devices of this moment, as rules see them.
func devicesOf(u *usage.Table) (list []action.Device) {
	d := u.Devices
	d.Lock()
	defer d.Unlock()
	for id := device.ID(1); int(id) < d.Cap(); id++ {
		x := d.At(id)
		if x == nil || x.Kind == device.Group {
			continue
		}
		today, period, _ := u.Used(id)
		one := action.Device{ByMAC: x.Kind == device.ByMAC, Addresses: x.Addresses(nil), Today: today.Down + today.Up, Period: period.Down + period.Up}
		if one.ByMAC {
			one.MAC = x.MAC()
		}
		if name := x.Name(); name != "" {
			one.Names = []string{strings.ToLower(name)}
		}
		list = append(list, one)
	}
	return list
}

// takeBack is how long the end waits for targets, which have something to do for
// each flow. Services give the agent 20 s.
const takeBack = 8 * time.Second

// closeRules lets targets take back what they are to take back.
func (e *Engine) closeRules() { e.rules.Close(time.Now().Add(takeBack)) }

// undoRules is closeRules of an agent whose start has failed.
func (e *Engine) undoRules() { e.rules.Undo(time.Now().Add(goodbye)) }

// ruleFace shows the rules to core/query.
type ruleFace struct{ h *house }

// Rules is House's.
func (h *house) Rules() query.Rules {
	if h.e == nil {
		return nil
	}
	return ruleFace{h}
}

func (f ruleFace) List(now int64) []action.RuleStatus { return f.h.e.rules.Rules(now) }
func (f ruleFace) Targets() []action.TargetStatus     { return f.h.e.rules.Targets() }
func (f ruleFace) Lost() uint64                       { return f.h.e.rules.Sum(0).Lost }

func (f ruleFace) Pause(rule string, d time.Duration) error {
	until := int64(0)
	if d > 0 {
		until = time.Now().Add(d).UnixNano()
	}
	if !f.h.e.rules.Pause(rule, until) {
		return fmt.Errorf("rule: there is no rule %q: netifyd rules lists them", rule)
	}
	f.h.e.keepPauses()
	return nil
}

func (f ruleFace) Try(criteria string) (fits func(*query.Flow) bool, warnings []string, err error) {
	c := f.h.e.config()
	names := ruleNames(&c, f.h.shards[0].settings().apps)
	names.Devices = namesOf(&c, f.h.usage)
	p, said, err := action.Try(&c, names, criteria)
	if err != nil {
		return nil, nil, err
	}
	for i := range said {
		warnings = append(warnings, said[i].Text)
	}
	if p.Dynamic() && f.h.usage != nil {
		p.Refresh(devicesOf(f.h.usage))
	}
	return func(v *query.Flow) bool {
		s := f.h.view.s
		return v.Rec.Marks&flow.Twin == 0 && p.Match(s.input(v.Rec, s.metadata(v.Rec)))
	}, warnings, nil
}

func (f ruleFace) Explain(v *query.Flow, say func(rule, part string, holds bool)) {
	s := f.h.view.s
	set := f.h.e.rules.Set()
	if set == nil {
		return
	}
	switch {
	case v.Rec.Marks&flow.Twin != 0:
		say("", "not judged here: another interface sees the same traffic on the side of the device, and rules judge it there", true)
		return
	case v.Rec.Flags&(flow.Announced|flow.Complete) == 0 || v.Rec.Flags&flow.Untold != 0:
		say("", "not judged yet: no event has told of this flow", true)
	}
	set.Explain(s.input(v.Rec, s.metadata(v.Rec)), s.now, say)
	if s.door != nil {
		for _, name := range s.door.Told(s.table.Place(v.Rec)) {
			say("", "told "+name, true)
		}
	}
}

// settings are those of now. Anybody may call it.
func (s *Shard) settings() *settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set
}
