package config

import (
	"slices"
	"time"
)

// ActionOptions are what all rules share.
type ActionOptions struct {
	Enabled   bool     // default true
	Exempt    []string // addresses, prefixes, MAC addresses, devices, groups and expressions that no rule touches
	Reprocess bool     // a reload judges living flows again; default true
	Timezone  string   // of times; empty: that of usage
	File      string   // rules in the original's JSON; empty: where it has them, if they are there; "none"
	GroupsDir string   // of files NN-TAG.conf; default /etc/netifyd/address-groups.d
	Queue     int      // changes of a shard that may wait; default 1024
	Labels    string   // connlabel.conf; empty: where the system has it
}

// Action is a rule: which flows, when, and what is told of them.
type Action struct {
	Name      string
	Enabled   bool   // default true
	Criteria  string // an expression
	Targets   []string
	Exempt    []string
	Interface string   // a name, "lan", "wan" or "*"; default "*"
	Times     []string // as "mon-fri 20:00-07:00"; none: always
	Halt      bool     // no later rule is asked where this one matches
	Reset     bool     // the connection's entry in the kernel is dropped, so that the firewall sees it anew
	Line      int      // where it was read; 0: not known
}

// Target is what rules write into. Which settings count depends on Type.
type Target struct {
	Name    string
	Type    string // one of TargetTypes
	Enabled bool   // default true

	Table, Family, Set string
	SetFamily          string   // ipv4, ipv6 or *
	Elements           []string // parts of an element, in their order
	TTL                time.Duration
	Hold               bool // an element stays until its time is over, though its flow has ended
	Size               int  // elements; default 16384
	Managed            bool // made if it is missing, and emptied at the end; default true
	FlushOnCreate      bool
	FlushOnDestroy     bool

	Labels    []string
	AutoLabel bool

	Mark, Mask       uint32
	Shift            int
	SkbMark, SkbMask uint32
	SkbPrio          string
	SkbQueue         int
	Path             string
	Prefix, Suffix   string
	Interval         time.Duration
	LogErrors        bool
	Line             int
}

// TargetTypes are what there is to write into.
var TargetTypes = []string{"nftset", "ctlabel", "ctmark", "ipset", "pftable", "log"}

// Group names addresses and devices.
type Group struct {
	Name    string
	Members []string // addresses, prefixes, MAC addresses, names of devices
	Line    int
}

// NewAction is a rule with its defaults.
func NewAction() Action { return Action{Enabled: true, Interface: "*"} }

// NewTarget is a target with its defaults.
func NewTarget() Target {
	return Target{Enabled: true, SetFamily: "*", Size: 16384, Managed: true, Interval: time.Minute}
}

// renewed says whether a reload replaces the elements of a repeated table.
func renewed(table string) bool {
	return slices.Contains([]string{"action", "target", "group"}, table)
}

// SetLine notes where an element of a repeated table was read.
func SetLine(c *Config, table string, i, line int) {
	switch table {
	case "action":
		c.Actions[i].Line = line
	case "target":
		c.Targets[i].Line = line
	case "group":
		c.Groups[i].Line = line
	}
}

func action(name string, t Type, doc string, field func(*Action) any) Option {
	return Option{Table: "action", Name: name, Type: t, Doc: doc, field: func(c *Config, i int) any { return field(&c.Actions[i]) }}
}

func target(name string, t Type, doc string, field func(*Target) any) Option {
	return Option{Table: "target", Name: name, Type: t, Doc: doc, field: func(c *Config, i int) any { return field(&c.Targets[i]) }}
}

// within gives an option its range.
func (o Option) between(min, max int64) Option { o.Min, o.Max = min, max; return o }

func (o Option) of(choices ...string) Option { o.Choices = choices; return o }

func (o Option) in(unit string) Option { o.Unit = unit; return o }

// whole is a list of which a text that is none is one item.
func (o Option) whole() Option { o.Whole = true; return o }

const maxMark = 1<<32 - 1

// actionOptions are the keys of rules; docs/actions.md explains them.
var actionOptions = []Option{
	{Table: "actions", Name: "enabled", Type: Bool,
		Doc:   "Let rules act. false: nothing is told to any target, and what was told is taken back.",
		field: func(c *Config, _ int) any { return &c.Rules.Enabled }},
	{Table: "actions", Name: "exempt", Type: List, Whole: true,
		Doc:   "Whom no rule touches: addresses, prefixes, MAC addresses, names of devices, a @group, and expressions.",
		field: func(c *Config, _ int) any { return &c.Rules.Exempt }},
	{Table: "actions", Name: "reprocess", Type: Bool,
		Doc:   "Let a reload judge living flows by the new rules at once; otherwise each when there is news of it.",
		field: func(c *Config, _ int) any { return &c.Rules.Reprocess }},
	{Table: "actions", Name: "timezone", Type: Text,
		Doc:   "Time zone of the times of rules. Empty: that of usage.timezone.",
		field: func(c *Config, _ int) any { return &c.Rules.Timezone }},
	{Table: "actions", Name: "file", Type: Text,
		Doc:   "Rules in the original's JSON, read beside those of the configuration. Empty: /etc/netifyd/netify-proc-flow-actions.json, else /etc/netify.d/netify-flow-actions.json, where one is there. none: no such file.",
		field: func(c *Config, _ int) any { return &c.Rules.File }},
	{Table: "actions", Name: "groups_dir", Type: Text,
		Doc:   "Directory of files NN-TAG.conf, one address, prefix or MAC address a line, that rules call @TAG. Empty: none.",
		field: func(c *Config, _ int) any { return &c.Rules.GroupsDir }},
	{Table: "actions", Name: "queue", Type: Number, Min: 64, Max: 65536, Restart: true,
		Doc:   "Changes that may wait to be written, of each shard; what finds no room is counted, and mended a moment later.",
		field: func(c *Config, _ int) any { return &c.Rules.Queue }},
	{Table: "actions", Name: "connlabel_conf", Type: Text,
		Doc:   "File that names the bits of connection labels. Empty: /etc/connlabel.conf, else /etc/xtables/connlabel.conf.",
		field: func(c *Config, _ int) any { return &c.Rules.Labels }},

	{Table: "group", Name: "name", Type: Text, Doc: "What rules call the group, with an @ before it.",
		field: func(c *Config, i int) any { return &c.Groups[i].Name }},
	{Table: "group", Name: "members", Type: List, Whole: true, Doc: "Addresses, prefixes, MAC addresses and names of devices.",
		field: func(c *Config, i int) any { return &c.Groups[i].Members }},

	action("name", Text, "What the rule is called.", func(a *Action) any { return &a.Name }),
	action("enabled", Bool, "Whether the rule counts.", func(a *Action) any { return &a.Enabled }),
	action("criteria", Text, "Which flows: an expression, or a JSON list of them of which any may hold.", func(a *Action) any { return &a.Criteria }),
	action("targets", List, "Names of the targets that are told of them.", func(a *Action) any { return &a.Targets }),
	action("exempt", List, "Whom this rule does not touch; as actions.exempt.", func(a *Action) any { return &a.Exempt }).whole(),
	action("interface", Text, "Where the flow was seen: a device, lan, wan, or * for anywhere.", func(a *Action) any { return &a.Interface }),
	action("times", List, "When the rule holds, in local time: days, times or both, as \"mon-fri 20:00-07:00\"; behind ! when it does not. None: always.", func(a *Action) any { return &a.Times }).whole(),
	action("halt", Bool, "Ask no later rule about a flow that this one matches.", func(a *Action) any { return &a.Halt }),
	action("reset", Bool, "Drop the connection's entry in the kernel when the rule begins to match, so that the firewall judges it anew and no offload goes past it.", func(a *Action) any { return &a.Reset }),

	target("name", Text, "What rules call the target.", func(t *Target) any { return &t.Name }),
	target("type", Choice, "What it is: a set of nftables, labels or marks of connections, a set of ipset, a table of pf, or a log.", func(t *Target) any { return &t.Type }).of(TargetTypes...),
	target("enabled", Bool, "Whether rules may use it.", func(t *Target) any { return &t.Enabled }),
	target("table", Text, "nftset: the table of nftables, nfa unless it is named; pftable: the table of pf, after its anchor and a / if it is in one.", func(t *Target) any { return &t.Table }),
	target("family", Choice, "nftset: the family of the table.", func(t *Target) any { return &t.Family }).of("", "inet", "ip", "ip6"),
	target("set", Text, "nftset and ipset: the name of the set.", func(t *Target) any { return &t.Set }),
	target("set_family", Choice, "nftset and ipset: which addresses; * is both, in two sets whose names end in .v4 and .v6.", func(t *Target) any { return &t.SetFamily }).of("*", "ipv4", "ipv6"),
	target("elements", List, "What an element is made of, in its order; nftset: local_addr, other_addr, local_mac, other_mac, local_port, other_port, ip_proto, mark, interface; ipset: one of hash:ip, hash:ip,port, hash:ip,port,ip, hash:mac; pftable: local_addr or other_addr.", func(t *Target) any { return &t.Elements }),
	target("ttl", Duration, "nftset and ipset: how long an element lives at most without news of its flow. 0: as long as the flow.", func(t *Target) any { return &t.TTL }).between(0, 30*24*hour).in(secs),
	target("hold", Bool, "nftset and ipset: keep an element until its ttl is over, though its flow has ended: so the next connection is met at its first packet.", func(t *Target) any { return &t.Hold }),
	target("size", Number, "Most elements, or connections, that are remembered; 25 bytes each.", func(t *Target) any { return &t.Size }).between(1, 1<<20),
	target("managed", Bool, "Make a set or table where it is missing, and take out what the agent put there when it ends; ctlabel and ctmark: take it off the connections it was written on.", func(t *Target) any { return &t.Managed }),
	target("flush_on_create", Bool, "ctlabel, ctmark and pftable: nobody else writes these labels, this mark or this table; so what no flow wants is taken out when the agent starts, as after a crash. nftset and ipset: the agent knows its elements, and does that in any case.", func(t *Target) any { return &t.FlushOnCreate }),
	target("flush_on_destroy", Bool, "Take out what the agent put there when it ends, also where it is not managed.", func(t *Target) any { return &t.FlushOnDestroy }),
	target("labels", List, "ctlabel: names of connlabel.conf, or bits.", func(t *Target) any { return &t.Labels }),
	target("auto_label", Bool, "ctlabel: also the labels a-APPLICATION and p-PROTOCOL that connlabel.conf names.", func(t *Target) any { return &t.AutoLabel }),
	target("mark", Number, "ctmark, and nftset with the element mark: the mark; decimal or 0x.", func(t *Target) any { return &t.Mark }).between(0, maxMark),
	target("mask", Number, "ctmark: which bits of the connection's mark are written; others stay. 0: those of the mark.", func(t *Target) any { return &t.Mask }).between(0, maxMark),
	target("shift", Number, "ctmark: how many bits to the left the mark is moved.", func(t *Target) any { return &t.Shift }).between(0, 31),
	target("skb_mark", Number, "ipset: mark that the set's rule gives packets.", func(t *Target) any { return &t.SkbMark }).between(0, maxMark),
	target("skb_mask", Number, "ipset: bits of that mark. 0: all.", func(t *Target) any { return &t.SkbMask }).between(0, maxMark),
	target("skb_prio", Text, "ipset: class of tc, as 1:10.", func(t *Target) any { return &t.SkbPrio }),
	target("skb_queue", Number, "ipset: queue of the device.", func(t *Target) any { return &t.SkbQueue }).between(0, 65535),
	target("path", Text, "log: the directory. Empty: agent.volatile_dir.", func(t *Target) any { return &t.Path }),
	target("prefix", Text, "log: how names of files begin. Empty: netify-flow-actions.", func(t *Target) any { return &t.Prefix }),
	target("suffix", Text, "log: how names of files end. Empty: .json.", func(t *Target) any { return &t.Suffix }),
	target("interval", Duration, "log: time of a file.", func(t *Target) any { return &t.Interval }).between(second, 24*hour).in(secs),
	target("log_errors", Bool, "Say every error in the log, not only the first of its kind.", func(t *Target) any { return &t.LogErrors }),
}
