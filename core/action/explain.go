package action

import (
	"fmt"
	"strings"

	"netifyd/core/config"
	"netifyd/core/expr"
)

// Explain says for every rule, in their order, what it asks of a flow at a time
// and whether that holds. What comes last of a rule is the part "matches".
func (s *Set) Explain(in *expr.Input, now int64, say func(rule, part string, holds bool)) {
	halted := ""
	for i := range s.rules {
		r := &s.rules[i]
		good := true
		part := func(text string, holds bool) {
			good = good && holds
			say(r.name, text, holds)
		}
		if !r.enabled {
			part("enabled", false)
		}
		if now < r.record.paused.Load() {
			part("not paused", false)
		}
		if len(r.windows) > 0 {
			part("times "+strings.Join(r.source.Times, ", "), holds(r.windows, r.clock.Local(now/1e9)))
		}
		if r.where != anywhere {
			part("interface "+r.source.Interface, r.where.fits(r, in))
		}
		r.program.Explain(in, func(c string, holds bool) { say(r.name, c, holds) })
		part("criteria", r.program.Match(in))
		if s.exempt.has(in) {
			part("not exempt from all rules", false)
		}
		if r.exempt.has(in) {
			part("not exempt", false)
		}
		if halted != "" {
			part("not behind rule "+halted+", which halts", false)
		}
		say(r.name, "matches", good)
		if good && r.halt && halted == "" {
			halted = r.name
		}
	}
}

// Told are the names of the targets that the flow at a place was told to. The shard rests.
func (d *Door) Told(place int) (names []string) {
	for slot, t := range d.set.targets {
		if t != nil && d.flows[place].targets>>slot&1 != 0 {
			names = append(names, t.Name)
		}
	}
	return names
}

// Probe is an expression as a rule of a configuration may have it, to try.
type Probe struct {
	program *expr.Program
	groups  *Groups
}

// Try compiles an expression with the groups of a configuration. Warnings are
// about tags that nothing has.
func Try(c *config.Config, names Names, criteria string) (*Probe, []config.Warning, error) {
	if !Built {
		return nil, nil, ErrUnbuilt
	}
	own, _, _, _ := Documents(c)
	x := &compiler{set: &Set{groups: newGroups()}, names: names, said: map[string]bool{}, doc: own}
	if errs := x.set.groups.load(c.Rules.GroupsDir); len(errs) > 0 {
		return nil, nil, errs
	}
	x.makeGroups()
	if len(x.errs) > 0 {
		return nil, nil, x.errs
	}
	x.line, x.doc = 0, &Document{}
	p, err := expr.CompileWith(criteria, x.options())
	if err != nil {
		return nil, nil, fmt.Errorf("criteria: %w", err)
	}
	return &Probe{p, x.set.groups}, x.warnings, nil
}

// Refresh takes over the devices of this moment.
func (p *Probe) Refresh(devices []Device) { p.groups.refresh(devices) }

// Dynamic says that the expression names devices or what they used.
func (p *Probe) Dynamic() bool { return p.groups.dynamic() }

// Match says whether the expression holds for a flow.
func (p *Probe) Match(in *expr.Input) bool { return p.program.Match(in) }
