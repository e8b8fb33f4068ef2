package action

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"netifyd/core/config"
)

// told are the numbers, in the order of their use, of the targets of a rule.
func (c *compiler) told(a *config.Action) (numbers uint64) {
	names := a.Targets
	if a.Reset {
		names = append(slices.Clone(names), resetName)
		if c.targets[resetName] == nil {
			c.targets[resetName] = &config.Target{Name: resetName, Type: "reset", Enabled: true}
		}
	}
	for at, name := range names {
		t := c.targets[name]
		c.look("targets", at)
		switch {
		case t == nil && c.doc.Forgiving:
			c.warn("there is no target %s, which rules name: they do nothing with it", cut(name))
		case t == nil:
			c.fail("rule %s: there is no target %s: make it as a [[target]]", cut(a.Name), cut(name))
		case !t.Enabled:
		default:
			n, ok := c.slots[name]
			if !ok {
				if n = len(c.slots); n == MaxTargets {
					c.fail("rule %s: more than %d targets", cut(a.Name), MaxTargets)
					return 0
				}
				c.slots[name] = n
			}
			numbers |= 1 << n
		}
	}
	return numbers
}

// place gives targets their slots: one that was there before and did not change
// keeps its own, a new one gets one that the rules of before had not.
func (c *compiler) place() {
	var used uint64
	var at [MaxTargets]int
	if c.old != nil {
		for slot, t := range c.old.targets {
			if t != nil {
				used |= 1 << slot
			}
		}
	}
	names := make([]string, len(c.slots))
	for name, n := range c.slots {
		names[n] = name
	}
	c.doc, c.line = &Document{}, 0
	for n, name := range names {
		t := c.targets[name]
		slot := -1
		if c.old != nil {
			slot = slices.IndexFunc(c.old.targets[:], func(o *config.Target) bool { return o != nil && sameTarget(o, t) && c.old.labels == c.set.labels })
		}
		if slot < 0 {
			if slot = bits.TrailingZeros64(^used); slot == MaxTargets {
				c.fail("too many targets change at once: restart the agent")
				return
			}
		}
		used |= 1 << slot
		at[n], c.set.targets[slot] = slot, t
		if holdsServers(t) {
			c.set.servers |= 1 << slot
		}
		c.set.digests = c.set.digests || t.Type == "log"
		if t.Hold || !isSet(t) {
			c.set.hold |= 1 << slot
		}
	}
	for i := range c.set.rules {
		r, moved := &c.set.rules[i], uint64(0)
		for n := r.targets; n != 0; n &= n - 1 {
			moved |= 1 << at[bits.TrailingZeros64(n)]
		}
		r.targets = moved
	}
	if c.old != nil {
		c.set.changed = c.set.hold & (differ(c.old, c.set) | differ(c.set, c.old))
	}
}

// isSet says that a target holds elements that are taken out when their flow
// ends. All others write what goes with the connection, or nothing that stays.
func isSet(t *config.Target) bool {
	return t.Type == "nftset" || t.Type == "ipset" || t.Type == "pftable"
}

// holdsServers says that the elements of a target have the address of the other side.
func holdsServers(t *config.Target) bool {
	switch {
	case !isSet(t):
		return false
	case t.Type == "ipset":
		return len(t.Elements) == 0 || !strings.HasSuffix(t.Elements[0], "mac")
	}
	return len(t.Elements) == 0 || slices.Contains(t.Elements, "other_addr")
}

// differ are the slots that rules of a feed which are not so in b.
func differ(a, b *Set) (slots uint64) {
	for i := range a.rules {
		x, y := &a.rules[i], b.find(a.rules[i].name)
		if y == nil || !sameRule(x.source, y.source) || x.targets != y.targets {
			slots |= x.targets
		}
	}
	return slots
}

// sameRule says that two rules are written alike, wherever they stand.
func sameRule(a, b *config.Action) bool {
	x, y := *a, *b
	x.Line, y.Line = 0, 0
	return fmt.Sprintf("%q", []any{x}) == fmt.Sprintf("%q", []any{y})
}

// sameTarget says that two targets are set alike, wherever they stand.
func sameTarget(a, b *config.Target) bool {
	x, y := *a, *b
	x.Line, y.Line = 0, 0
	return fmt.Sprintf("%q", []any{x}) == fmt.Sprintf("%q", []any{y})
}
