package query

import (
	"encoding/hex"
	"errors"
	"math/bits"
	"strings"
	"time"

	"netifyd/core/action"
	"netifyd/core/risk"
)

// Rules are what tells firewalls and shapers of flows. The engine implements it.
type Rules interface {
	// List are the rules at a time, in nanoseconds since 1970; Targets what they write into.
	List(now int64) []action.RuleStatus
	Targets() []action.TargetStatus
	// Lost counts changes that found no room in a queue, and were mended.
	Lost() uint64
	// Pause lets a rule rest for so long; 0 lets it go on.
	Pause(rule string, d time.Duration) error
	// Try gives what says whether an expression holds for a flow that is lent,
	// and what in it never holds.
	Try(criteria string) (fits func(*Flow) bool, warnings []string, err error)
	// Explain says what every rule asks of a flow that is lent, and whether that
	// holds; what was told of it is the part "told TARGET" of no rule.
	Explain(f *Flow, say func(rule, part string, holds bool))
}

var errNoRules = errors.New("there are no rules: docs/actions.md says how to write one")

// rules are the house's, or an error where it has none.
func (s *Server) rules() (Rules, error) {
	if r := s.house.Rules(); r != nil {
		return r, nil
	}
	return nil, errNoRules
}

var ruleColumns = []string{"rule", "enabled", "active", "paused_until", "hits", "flows", "last", "elements", "errors", "error", "targets", "times", "criteria"}

func (s *Server) listRules(a args) error {
	p, err := a.page()
	if err != nil {
		return err
	}
	r, now := &s.reply, s.house.Now()
	var list []action.RuleStatus
	var targets []action.TargetStatus
	lost := uint64(0)
	if rules := s.house.Rules(); rules != nil {
		list, targets, lost = rules.List(now), rules.Targets(), rules.Lost()
	}
	r.number("now", uint64(now/1e9))
	r.number("lost", lost)
	r.table("targets", "target", "type", "open", "elements", "added", "removed", "gone", "refused", "syncs", "errors", "error", "error_at", "failing")
	for i := range targets {
		t := &targets[i]
		r.row()
		r.cell(t.Name)
		r.cell(t.Type)
		r.flag(t.Open)
		for _, n := range []uint64{t.Count.Elements, t.Count.Added, t.Count.Removed, t.Count.Gone, t.Count.Refused, t.Syncs, t.Errors} {
			r.num(n)
		}
		r.cell(t.Last)
		r.num(uint64(t.At))
		r.flag(t.Error != "")
		r.endRow()
	}
	r.endTable(len(targets))
	r.columns(ruleColumns)
	for i := min(p.offset, len(list)); i < min(p.offset+p.limit, len(list)); i++ {
		x := &list[i]
		r.row()
		r.cell(x.Name)
		r.flag(x.Enabled)
		r.flag(x.Active)
		r.num(uint64(x.Paused))
		r.num(x.Hits)
		r.num(x.Living)
		r.num(uint64(x.Last))
		r.num(x.Elements)
		r.num(x.Errors)
		r.cell(x.Error)
		r.texts(x.Targets)
		r.texts(x.Times)
		r.cell(x.Criteria)
		if !r.endRow() {
			break
		}
	}
	r.endRows(len(list))
	return nil
}

// numbers writes a cell that is the list of a set's numbers.
func (r *reply) numbers(set risk.Set) {
	r.comma()
	r.b = append(r.b, '[')
	for ; set != 0; set &= set - 1 {
		r.num(uint64(bits.TrailingZeros64(uint64(set))))
	}
	r.b = append(r.b, ']')
}

// texts writes a cell that is a list of texts.
func (r *reply) texts(list []string) {
	r.comma()
	r.b = append(r.b, '[')
	for _, s := range list {
		r.cell(s)
	}
	r.b = append(r.b, ']')
}

func (s *Server) pauseRule(a args) error {
	rules, err := s.rules()
	if err != nil {
		return err
	}
	name, err := a.text("rule")
	if err != nil {
		return err
	}
	seconds, err := a.number("seconds", -1)
	if err != nil {
		return err
	}
	minutes, err := a.number("minutes", -1)
	if err != nil {
		return err
	}
	const most = 366 * 24 * 3600
	switch {
	case name == "":
		return errors.New("rule: want the name of a rule, as rules lists them")
	case seconds < 0 && minutes < 0:
		return errors.New("seconds, minutes: say for how long; 0 lets the rule go on")
	case seconds > most || minutes > most/60:
		return errors.New("seconds, minutes: at most a year")
	}
	return s.done(rules.Pause(name, time.Duration(max(seconds, 0)+60*max(minutes, 0))*time.Second))
}

func (s *Server) explainRules(a args) error {
	rules, err := s.rules()
	if err != nil {
		return err
	}
	text, err := a.text("digest")
	if err != nil {
		return err
	}
	r := &s.reply
	n := 0
	return s.find(text, func(v *Flow) {
		digest := v.View.Digest(v.Rec)
		r.text("digest", hex.EncodeToString(digest[:]))
		r.name("event")
		r.b = trim(v.View.Event(r.b, v.Rec))
		r.columns([]string{"rule", "part", "holds"})
		rules.Explain(v, func(rule, part string, holds bool) {
			if r.full {
				return
			}
			r.row()
			r.cell(rule)
			r.cell(part)
			r.flag(holds)
			r.endRow()
			n++
		})
		r.endRows(n)
	})
}

// find shows the flow whose digest begins with a text.
func (s *Server) find(text string, show func(*Flow)) error {
	text = strings.ToLower(text)
	if raw, err := hex.DecodeString(text + text[:len(text)&1]); err != nil || len(text) < 8 || len(raw) > 20 {
		return errors.New("digest: want 8 to 40 hexadecimal digits, as the column digest of flows gives them")
	}
	found := false
	for at := 0; at >= 0 && !found; {
		at = s.house.Flows(at, func(v *Flow) {
			digest := v.View.Digest(v.Rec)
			if !found && strings.HasPrefix(hex.EncodeToString(digest[:]), text) {
				found = true
				show(v)
			}
		})
	}
	if !found {
		return errors.New("digest: no flow of this moment begins with it: it may have ended")
	}
	return nil
}
