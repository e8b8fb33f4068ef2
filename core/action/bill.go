package action

import (
	"slices"
	"unsafe"

	"netifyd/core/config"
	"netifyd/core/expr"
)

// Bill is what rules take beside the shards, as a configuration has them.
type Bill struct {
	Rules    int // no more than there may be: with more the agent does not start
	Patterns int // bytes that their regular expressions have
	Elements int // that targets may remember
	Holders  int // targets that hold elements longer than flows last
	Groups   int // files of groups
	Members  int // bytes that these have
}

// Sizes of a bill's parts, about.
const (
	ruleBytes    = 2048 // an expression, its windows and whom it exempts
	elementBytes = 25   // 20, in a table that is at most four fifths full
)

// Bytes of the rules, of the elements, and of the groups.
func (b Bill) Bytes() (rules, elements, groups int) {
	return b.Rules*ruleBytes + b.Patterns, b.Elements*elementBytes + b.Holders*lateMost*int(unsafe.Sizeof(Subject{})), b.Members * memberBytes
}

// BillOf counts the rules and targets of a configuration. What cannot be read counts for nothing.
func BillOf(c *config.Config) (b Bill) {
	if !Wanted(c) {
		return b
	}
	files, size := groupFiles(c.Rules.GroupsDir)
	b.Groups, b.Members = len(files), int(min(size, maxGroups))
	own, other, _, _ := Documents(c)
	for _, d := range []*Document{own, other} {
		if d == nil {
			continue
		}
		b.Rules = min(b.Rules+len(d.Actions), MaxRules)
		texts := slices.Clone(d.Rules.Exempt)
		for i := range d.Actions {
			texts = append(append(texts, d.Actions[i].Criteria), d.Actions[i].Exempt...)
		}
		for _, text := range texts {
			b.Patterns += expr.PatternBytes(text, MaxExpressions-b.Patterns)
		}
		for i := range d.Targets {
			switch t := &d.Targets[i]; {
			case !t.Enabled:
			case isSet(t):
				b.Elements += t.Size
				if t.Hold {
					b.Holders++
				}
			case t.Managed && (t.Type == "ctlabel" && !t.AutoLabel || t.Type == "ctmark"):
				b.Elements += 2 * t.Size
			}
		}
	}
	return b
}
