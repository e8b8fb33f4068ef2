package action

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"netifyd/core/calendar"
	"netifyd/core/config"
	"netifyd/core/expr"
)

// Names are what rules may name beside groups and devices.
type Names struct {
	Category    expr.Category
	Application func(bare string) (id uint32, ok bool) // in lower case, without "netify."
	Usage       bool                                   // what devices use is counted
	Devices     map[string]bool                        // what devices are called, in lower case; nil: it is not known
	Check       func(*config.Target) error             // says what is wrong with the settings of a target; nil: nothing is
	Strict      bool                                   // a rule that tells nobody is an error
}

// Files of the original that are read where the configuration names none.
const (
	file5 = "/etc/netifyd/netify-proc-flow-actions.json"
	file4 = "/etc/netify.d/netify-flow-actions.json"
)

// maxFile is the size of the largest file of rules that is read, in bytes.
const maxFile = 1 << 20

// compiler makes a Set of documents.
type compiler struct {
	set      *Set
	names    Names
	old      *Set
	slots    map[string]int // by name of the target
	targets  map[string]*config.Target
	said     map[string]bool
	errs     config.Errors
	warnings []config.Warning

	bytes int // of the expressions until now

	doc  *Document
	part string // of the document: "action[0]"
	line int    // of the part, or of the key in it that is looked at
}

// Compile makes one set of all documents; those that are nil are left out. What
// the rules of old, which may be nil, did is kept, and targets that did not
// change stay where they are. The error is config.Errors and leaves no set.
func Compile(old *Set, names Names, groupsDir string, documents ...*Document) (*Set, []config.Warning, error) {
	if !Built {
		return unbuilt(documents)
	}
	c := &compiler{set: &Set{groups: newGroups()}, names: names, old: old, slots: map[string]int{}, targets: map[string]*config.Target{}, said: map[string]bool{}}
	c.errs = c.set.groups.load(groupsDir)
	documents = slices.DeleteFunc(documents, func(d *Document) bool { return d == nil || !d.Rules.Enabled })
	c.set.again = true
	for _, c.doc = range documents {
		c.set.again = c.set.again && c.doc.Rules.Reprocess
		if c.doc.Rules.Labels != "" {
			c.set.labels = c.doc.Rules.Labels
		}
		c.makeGroups()
	}
	for _, c.doc = range documents {
		c.makeTargets()
	}
	for _, c.doc = range documents {
		c.part, c.line = "actions", 0
		c.exempt("exempt", "exempt", c.doc.Rules.Exempt, &c.set.exempt)
		c.makeRules()
	}
	c.place()
	c.set.sort()
	if len(c.errs) > 0 {
		sort.SliceStable(c.errs, func(i, j int) bool { return c.errs[i].Path < c.errs[j].Path })
		return nil, c.warnings, c.errs
	}
	return c.set, c.warnings, nil
}

func (c *compiler) makeGroups() {
	for i := range c.doc.Groups {
		g := &c.doc.Groups[i]
		if c.enter("group", i, g.Line); g.Name == "" {
			c.fail("group.name is missing: want what rules call it")
		} else if at, err := c.set.groups.add(g.Name, g.Members); err != nil {
			c.look("members", at)
			c.fail("group %s: %v", cut(g.Name), err)
		}
		for at, text := range g.Members {
			if _, _, ok := expr.ParseMember(text); !ok {
				c.look("members", at)
				c.doubt(text)
			}
		}
	}
}

func (c *compiler) makeTargets() {
	for i := range c.doc.Targets {
		t := c.doc.Targets[i]
		c.enter("target", i, t.Line)
		switch {
		case t.Name == "":
			c.fail("target.name is missing: want what rules call it")
		case c.targets[t.Name] != nil:
			c.fail("target %s is there twice: leave one out", cut(t.Name))
		case t.Type == "":
			c.fail("target %s: type is missing: want one of %s", cut(t.Name), strings.Join(config.TargetTypes, ", "))
		case t.Hold && t.TTL == 0:
			c.look("hold", 0)
			c.fail("target %s: hold needs a ttl: without one an element would stay for ever", cut(t.Name))
		default:
			c.targets[t.Name] = &t
			c.check(&t)
		}
	}
}

// check looks whether a target could be opened by its settings.
func (c *compiler) check(t *config.Target) {
	if !t.Enabled || c.names.Check == nil {
		return
	}
	if t.Type == "nftset" && t.Table == "" && !c.doc.Forgiving {
		c.warn("target %s: no table is named, so its sets are in the table nfa: write table = \"NAME\", as your firewall calls its own", cut(t.Name))
	}
	err := c.names.Check(t)
	switch {
	case err == nil:
	case c.doc.Forgiving:
		c.warn("target %s: %v", cut(t.Name), err)
	default:
		c.lookFor(err.Error())
		c.fail("target %s: %v", cut(t.Name), err)
	}
}

// resetName is that of the target that every rule with reset has beside its own.
const resetName = "(reset)"

func (c *compiler) makeRules() {
	zone := c.doc.Rules.Timezone
	clock, err := calendar.NewClock(zone, "1")
	if err != nil {
		c.line = config.LineOf(c.doc.Lines, "actions.timezone")
		c.fail("actions.timezone: %v", err)
		return
	}
	for i := range c.doc.Actions {
		a := &c.doc.Actions[i]
		c.enter("action", i, a.Line)
		r := rule{name: a.Name, path: c.doc.Path, line: a.Line, clock: clock, halt: a.Halt, enabled: a.Enabled, source: a}
		switch {
		case a.Name == "":
			c.fail("action.name is missing: want what the rule is called")
			continue
		case c.find(a.Name) != nil:
			c.fail("rule %s is there twice: leave one out", cut(a.Name))
			continue
		case len(c.set.rules) == MaxRules:
			c.fail("rule %s: there are more than %d rules", cut(a.Name), MaxRules)
			return
		}
		r.where, r.iface = whereOf(a.Interface)
		if c.look("criteria", 0); a.Criteria == "" {
			c.fail("rule %s: criteria are missing: write * for every flow", cut(a.Name))
		} else if r.program, err = c.expression(a.Criteria); err != nil {
			c.fail("rule %s: criteria: %v", cut(a.Name), err)
		}
		for n, text := range a.Times {
			w, err := parseWindow(text)
			if err != nil {
				c.look("times", n)
				c.fail("rule %s: times hold %q: %v", cut(a.Name), cut(text), err)
			}
			r.windows = append(r.windows, w)
		}
		c.exempt("rule "+cut(a.Name)+": exempt", "exempt", a.Exempt, &r.exempt)
		c.line = a.Line
		if c.names.Strict && r.program != nil && len(a.Targets) == 0 && !a.Reset && !a.Halt {
			c.idle(a)
		}
		r.targets = c.told(a)
		r.record = new(record)
		if c.old != nil {
			if before := c.old.find(a.Name); before != nil {
				r.record = before.record
			}
		}
		c.set.rules = append(c.set.rules, r)
		if r.program != nil {
			c.set.index(len(c.set.rules) - 1)
			c.set.state = c.set.state || r.program.AsksState()
			last := &c.set.rules[len(c.set.rules)-1]
			last.spares = r.program.ByName() && !r.program.NamesDNS()
		}
	}
}

// idle says that a rule tells nobody anything. It counts its flows, so the
// agent takes it; who checks a configuration hardly means that.
func (c *compiler) idle(a *config.Action) {
	say := c.fail
	if c.doc.Forgiving {
		say = c.warn
	}
	say("rule %s has no targets, so it does nothing: write targets = [\"NAME\"] with the name of a [[target]], or reset = true, or halt = true", cut(a.Name))
}

func whereOf(text string) (place, string) {
	switch strings.ToLower(text) {
	case "", "*":
		return anywhere, ""
	case "lan":
		return atLAN, ""
	case "wan":
		return atWAN, ""
	}
	return atName, text
}

func (c *compiler) find(name string) *rule { return c.set.find(name) }

func (s *Set) find(name string) *rule {
	for i := range s.rules {
		if s.rules[i].name == name {
			return &s.rules[i]
		}
	}
	return nil
}

// recorded is the place of the rule that has a record; -1: none has it.
func (s *Set) recorded(r *record) int {
	for i := range s.rules {
		if s.rules[i].record == r {
			return i
		}
	}
	return -1
}

// device is the group of the devices of a name.
func (c *compiler) device(name string) *expr.Group {
	c.doubt(name)
	return c.set.groups.device(name)
}

// doubt says that no device has a name. That is no error: the device may come.
func (c *compiler) doubt(name string) {
	if c.names.Devices == nil || c.names.Devices[strings.ToLower(name)] {
		return
	}
	hint := "netifyd devices lists the names"
	if best := config.Nearest(name, slices.Sorted(maps.Keys(c.names.Devices))); best != "" {
		hint = fmt.Sprintf("did you mean %q?", best)
	}
	if !c.names.Usage {
		hint = "without usage.enabled devices have no names"
	}
	c.warn("no device is called %q so far: %s", cut(name), hint)
}

// expression compiles one, of which all together are bounded. Those behind the
// one that was too much are passed over: there will be no set.
func (c *compiler) expression(text string) (*expr.Program, error) {
	if c.bytes > MaxExpressions {
		return nil, nil
	}
	p, err := expr.CompileWith(text, c.options())
	if err != nil {
		return nil, err
	}
	if c.bytes += p.Size(); c.bytes > MaxExpressions {
		return nil, fmt.Errorf("the expressions of the rules until this one take more than %d KiB: write fewer and cheaper regular expressions (rx:)", MaxExpressions>>10)
	}
	return p, nil
}

// options are what the expressions of a document may name.
func (c *compiler) options() expr.Options {
	o := expr.Options{Category: c.names.Category, Application: c.names.Application, Group: c.set.groups.get, Device: c.device,
		Unknown: func(what string) {
			c.warn("%s is no application, category or protocol that is known: it never matches", cut(what))
		}}
	if c.names.Usage {
		o.Used = c.set.groups.moreThan
	}
	return o
}

// exempt reads whom rules do not touch: addresses, groups, expressions, and
// names of devices. The list is that of a key of the part, which messages call place.
func (c *compiler) exempt(place, key string, list []string, e *exemptions) {
	var macs [][6]byte
	var nets []netip.Prefix
	for at, text := range list {
		c.look(key, at)
		mac, net, ok := expr.ParseMember(text)
		switch {
		case ok && net.IsValid():
			nets = append(nets, net)
		case ok:
			macs = append(macs, mac)
		case strings.HasPrefix(text, "@") && !strings.ContainsAny(text, "=<>&|()!; "):
			if g := c.set.groups.get(text[1:]); g != nil {
				e.groups = append(e.groups, g)
			} else {
				c.fail("%s holds %s: there is no such group", place, cut(text))
			}
		case strings.ContainsAny(text, "=<>&|()!;:*"):
			p, err := c.expression(text)
			if err != nil {
				c.fail("%s holds %q: %v", place, cut(text), err)
			}
			if p == nil {
				continue
			}
			e.programs = append(e.programs, p)
			c.set.state = c.set.state || p.AsksState()
		case strings.Contains(text, "/"):
			c.fail("%s holds %q, which is no address, prefix or MAC address, nor what a device is called", place, cut(text))
		default:
			e.groups = append(e.groups, c.device(text))
		}
	}
	if len(macs)+len(nets) > 0 {
		e.groups = append(e.groups, expr.NewGroup(expr.NewMembers(macs, nets)))
	}
}
