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

	{Table: "action", Name: "name", Type: Text,
		Doc:   "What the rule is called.",
		field: func(c *Config, i int) any { return &c.Actions[i].Name }},
	{Table: "action", Name: "enabled", Type: Bool,
		Doc:   "Whether the rule counts.",
		field: func(c *Config, i int) any { return &c.Actions[i].Enabled }},
	{Table: "action", Name: "criteria", Type: Text,
		Doc:   "Which flows: an expression, or a JSON list of them of which any may hold.",
		field: func(c *Config, i int) any { return &c.Actions[i].Criteria }},
	{Table: "action", Name: "targets", Type: List,
		Doc:   "Names of the targets that are told of them.",
		field: func(c *Config, i int) any { return &c.Actions[i].Targets }},
	{Table: "action", Name: "exempt", Type: List, Whole: true,
		Doc:   "Whom this rule does not touch; as actions.exempt.",
		field: func(c *Config, i int) any { return &c.Actions[i].Exempt }},
	{Table: "action", Name: "interface", Type: Text,
		Doc:   "Where the flow was seen: a device, lan, wan, or * for anywhere.",
		field: func(c *Config, i int) any { return &c.Actions[i].Interface }},
	{Table: "action", Name: "times", Type: List, Whole: true,
		Doc:   "When the rule holds, in local time: days, times or both, as \"mon-fri 20:00-07:00\"; behind ! when it does not. None: always.",
		field: func(c *Config, i int) any { return &c.Actions[i].Times }},
	{Table: "action", Name: "halt", Type: Bool,
		Doc:   "Ask no later rule about a flow that this one matches.",
		field: func(c *Config, i int) any { return &c.Actions[i].Halt }},
	{Table: "action", Name: "reset", Type: Bool,
		Doc:   "Drop the connection's entry in the kernel when the rule begins to match, so that the firewall judges it anew and no offload goes past it.",
		field: func(c *Config, i int) any { return &c.Actions[i].Reset }},

	{Table: "target", Name: "name", Type: Text,
		Doc:   "What rules call the target.",
		field: func(c *Config, i int) any { return &c.Targets[i].Name }},
	{Table: "target", Name: "type", Type: Choice, Choices: TargetTypes,
		Doc:   "What it is: a set of nftables, labels or marks of connections, a set of ipset, a table of pf, or a log.",
		field: func(c *Config, i int) any { return &c.Targets[i].Type }},
	{Table: "target", Name: "enabled", Type: Bool,
		Doc:   "Whether rules may use it.",
		field: func(c *Config, i int) any { return &c.Targets[i].Enabled }},
	{Table: "target", Name: "table", Type: Text,
		Doc:   "nftset: the table of nftables, nfa unless it is named; pftable: the table of pf, after its anchor and a / if it is in one.",
		field: func(c *Config, i int) any { return &c.Targets[i].Table }},
	{Table: "target", Name: "family", Type: Choice, Choices: []string{"", "inet", "ip", "ip6"},
		Doc:   "nftset: the family of the table.",
		field: func(c *Config, i int) any { return &c.Targets[i].Family }},
	{Table: "target", Name: "set", Type: Text,
		Doc:   "nftset and ipset: the name of the set.",
		field: func(c *Config, i int) any { return &c.Targets[i].Set }},
	{Table: "target", Name: "set_family", Type: Choice, Choices: []string{"*", "ipv4", "ipv6"},
		Doc:   "nftset and ipset: which addresses; * is both, in two sets whose names end in .v4 and .v6.",
		field: func(c *Config, i int) any { return &c.Targets[i].SetFamily }},
	{Table: "target", Name: "elements", Type: List,
		Doc:   "What an element is made of, in its order; nftset: local_addr, other_addr, local_mac, other_mac, local_port, other_port, ip_proto, mark, interface; ipset: one of hash:ip, hash:ip,port, hash:ip,port,ip, hash:mac; pftable: local_addr or other_addr.",
		field: func(c *Config, i int) any { return &c.Targets[i].Elements }},
	{Table: "target", Name: "ttl", Type: Duration, Max: 30 * 24 * hour, Unit: secs,
		Doc:   "nftset and ipset: how long an element lives at most without news of its flow. 0: as long as the flow.",
		field: func(c *Config, i int) any { return &c.Targets[i].TTL }},
	{Table: "target", Name: "hold", Type: Bool,
		Doc:   "nftset and ipset: keep an element until its ttl is over, though its flow has ended: so the next connection is met at its first packet.",
		field: func(c *Config, i int) any { return &c.Targets[i].Hold }},
	{Table: "target", Name: "size", Type: Number, Min: 1, Max: 1 << 20,
		Doc:   "Most elements, or connections, that are remembered; 25 bytes each.",
		field: func(c *Config, i int) any { return &c.Targets[i].Size }},
	{Table: "target", Name: "managed", Type: Bool,
		Doc:   "Make a set or table where it is missing, and take out what the agent put there when it ends; ctlabel and ctmark: take it off the connections it was written on.",
		field: func(c *Config, i int) any { return &c.Targets[i].Managed }},
	{Table: "target", Name: "flush_on_create", Type: Bool,
		Doc:   "ctlabel, ctmark and pftable: nobody else writes these labels, this mark or this table; so what no flow wants is taken out when the agent starts, as after a crash. nftset and ipset: the agent knows its elements, and does that in any case.",
		field: func(c *Config, i int) any { return &c.Targets[i].FlushOnCreate }},
	{Table: "target", Name: "flush_on_destroy", Type: Bool,
		Doc:   "Take out what the agent put there when it ends, also where it is not managed.",
		field: func(c *Config, i int) any { return &c.Targets[i].FlushOnDestroy }},
	{Table: "target", Name: "labels", Type: List,
		Doc:   "ctlabel: names of connlabel.conf, or bits.",
		field: func(c *Config, i int) any { return &c.Targets[i].Labels }},
	{Table: "target", Name: "auto_label", Type: Bool,
		Doc:   "ctlabel: also the labels a-APPLICATION and p-PROTOCOL that connlabel.conf names.",
		field: func(c *Config, i int) any { return &c.Targets[i].AutoLabel }},
	{Table: "target", Name: "mark", Type: Number, Max: maxMark,
		Doc:   "ctmark, and nftset with the element mark: the mark; decimal or 0x.",
		field: func(c *Config, i int) any { return &c.Targets[i].Mark }},
	{Table: "target", Name: "mask", Type: Number, Max: maxMark,
		Doc:   "ctmark: which bits of the connection's mark are written; others stay. 0: those of the mark.",
		field: func(c *Config, i int) any { return &c.Targets[i].Mask }},
	{Table: "target", Name: "shift", Type: Number, Max: 31,
		Doc:   "ctmark: how many bits to the left the mark is moved.",
		field: func(c *Config, i int) any { return &c.Targets[i].Shift }},
	{Table: "target", Name: "skb_mark", Type: Number, Max: maxMark,
		Doc:   "ipset: mark that the set's rule gives packets.",
		field: func(c *Config, i int) any { return &c.Targets[i].SkbMark }},
	{Table: "target", Name: "skb_mask", Type: Number, Max: maxMark,
		Doc:   "ipset: bits of that mark. 0: all.",
		field: func(c *Config, i int) any { return &c.Targets[i].SkbMask }},
	{Table: "target", Name: "skb_prio", Type: Text,
		Doc:   "ipset: class of tc, as 1:10.",
		field: func(c *Config, i int) any { return &c.Targets[i].SkbPrio }},
	{Table: "target", Name: "skb_queue", Type: Number, Max: 65535,
		Doc:   "ipset: queue of the device.",
		field: func(c *Config, i int) any { return &c.Targets[i].SkbQueue }},
	{Table: "target", Name: "path", Type: Text,
		Doc:   "log: the directory. Empty: agent.volatile_dir.",
		field: func(c *Config, i int) any { return &c.Targets[i].Path }},
	{Table: "target", Name: "prefix", Type: Text,
		Doc:   "log: how names of files begin. Empty: netify-flow-actions.",
		field: func(c *Config, i int) any { return &c.Targets[i].Prefix }},
	{Table: "target", Name: "suffix", Type: Text,
		Doc:   "log: how names of files end. Empty: .json.",
		field: func(c *Config, i int) any { return &c.Targets[i].Suffix }},
	{Table: "target", Name: "interval", Type: Duration, Min: second, Max: 24 * hour, Unit: secs,
		Doc:   "log: time of a file.",
		field: func(c *Config, i int) any { return &c.Targets[i].Interval }},
	{Table: "target", Name: "log_errors", Type: Bool,
		Doc:   "Say every error in the log, not only the first of its kind.",
		field: func(c *Config, i int) any { return &c.Targets[i].LogErrors }},
}
