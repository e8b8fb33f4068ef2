package action

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"netifyd/core/config"
	"netifyd/uci"
)

// A form is one setting in the three languages of rules: a key of a table and its
// value as TOML, the same for UCI if it is written otherwise there, and a member of JSON.
type form struct {
	table string // actions, action or target
	toml  string // "key = value"
	uci   string // lines "option key 'value'"; empty: as toml
	json  string // "key": value
	kind  string // of the target
}

// forms are every key that all three have, in every way that it is written.
var forms = []form{
	{table: "actions", toml: `exempt = ["192.168.1.22", "app == 'netflix'"]`, json: `"exemptions": ["192.168.1.22", "app == 'netflix'"]`},
	{table: "actions", toml: `exempt = ["02:00:00:00:00:01"]`, json: `"exemptions": "02:00:00:00:00:01"`},
	{table: "actions", toml: `reprocess = false`, json: `"reprocess_flows": false`},
	{table: "actions", toml: `reprocess = true`, json: `"reprocess_flows": "yes"`},
	{table: "actions", toml: `timezone = "NZST-12NZDT,M9.5.0,M4.1.0/3"`, json: `"timezone": "NZST-12NZDT,M9.5.0,M4.1.0/3"`},
	{table: "actions", toml: `connlabel_conf = "/tmp/labels"`, json: `"target_globals": {"ctlabel": {"connlabel_conf": "/tmp/labels"}}`},

	{table: "action", toml: `enabled = false`, json: `"enabled": false`},
	{table: "action", toml: `enabled = true`, json: `"enabled": 1`},
	{table: "action", toml: `criteria = "app == 'x' && other_port == 0x1bb;"`, uci: `option criteria "app == 'x' && other_port == 0x1bb;"`, json: `"criteria": "app == 'x' && other_port == 0x1bb;"`},
	{table: "action", toml: `criteria = 'app == "x" or ai:netflix'`, json: `"criteria": "app == \"x\" or ai:netflix"`},
	{table: "action", toml: `criteria = '["ai:netflix","ac:social-media"]'`, json: `"criteria": ["ai:netflix", "ac:social-media"]`},
	{table: "action", toml: `criteria = "iface_nfq_src == '*' and local_mac == 02:00:00:00:00:01"`, uci: `option criteria "iface_nfq_src == '*' and local_mac == 02:00:00:00:00:01"`, json: `"criteria": "iface_nfq_src == '*' and local_mac == 02:00:00:00:00:01"`},
	{table: "action", toml: `targets = ["t", "t"]`, json: `"targets": ["t", "t"]`},
	{table: "action", toml: `exempt = ["198.51.100.0/24"]`, json: `"exemptions": "198.51.100.0/24"`},
	{table: "action", toml: `exempt = ["tablet", "ai:x"]`, json: `"exemptions": ["tablet", "ai:x"]`},
	{table: "action", toml: `interface = "lan"`, json: `"interface": "lan"`},
	{table: "action", toml: `interface = "WAN"`, json: `"interface": "WAN"`},
	{table: "action", toml: `interface = "br-lan"`, json: `"interface": "br-lan"`},
	{table: "action", toml: `interface = "*"`, json: `"interface": "*"`},
	{table: "action", toml: `times = ["sat,sun"]`, json: `"time_of_day": {"day": ["sat", "Sun"]}`},
	{table: "action", toml: `times = ["22:00-06:30"]`, json: `"time_of_day": [{"time_start": "22:00", "time_end": "06:30"}]`},
	{table: "action", toml: `times = ["00:00-03:00"]`, json: `"time_of_day": {"time_end": "03:00", "policy": "inclusive"}`},
	{table: "action", toml: `times = ["mon-fri 20:00-24:00", "!wed 21:00-22:00"]`,
		json: `"time_of_day": [{"day": "mon-fri", "time_start": "20:00"}, {"days": ["wed"], "time_start": "21:00", "time_end": "22:00", "policy": "Exclusive"}]`},
	{table: "action", toml: `halt = true`, json: `"halt_on_match": true`},
	{table: "action", toml: `reset = true`, json: `"reset": true`},

	{table: "target", toml: `enabled = false`, json: `"target_enabled": false`, kind: "log"},
	{table: "target", toml: `enabled = false`, json: `"enabled": "no"`, kind: "log"},
	{table: "target", toml: `table = "fw4"`, json: `"table_name": "fw4"`, kind: "nftset"},
	{table: "target", toml: `family = "ip6"`, json: `"table_family": "IP6"`, kind: "nftset"},
	{table: "target", toml: `set = "s"`, json: `"set_name": "s"`, kind: "nftset"},
	{table: "target", toml: `set_family = "ipv4"`, json: `"set_family": "IPv4"`, kind: "ipset"},
	{table: "target", toml: `set_family = "ipv6"`, json: `"address_type": "ipv6"`, kind: "ipset"},
	{table: "target", toml: `set_family = "*"`, json: `"set_family": "*"`, kind: "ipset"},
	{table: "target", toml: `elements = ["local_addr", "other_port"]`, json: `"type": ["local_addr", "other_port"]`, kind: "nftset"},
	{table: "target", toml: `elements = ["hash:ip,port"]`, json: `"type": "hash:ip,port"`, kind: "ipset"},
	{table: "target", toml: `ttl = "300s"`, json: `"ttl": 300`, kind: "nftset"},
	{table: "target", toml: `ttl = "300"`, json: `"ttl": "300"`, kind: "nftset"},
	{table: "target", toml: `size = 100`, json: `"max_elements": 100`, kind: "nftset"},
	{table: "target", toml: `skb_mark = 0x10`, json: `"skb_mark": "0x10"`, kind: "ipset"},
	{table: "target", toml: `skb_mask = 255`, json: `"skb_mask": 255`, kind: "ipset"},
	{table: "target", toml: `skb_prio = "1:10"`, json: `"skb_prio": "1:10"`, kind: "ipset"},
	{table: "target", toml: `skb_queue = 3`, json: `"skb_queue": 3`, kind: "ipset"},
	{table: "target", toml: `managed = false`, json: `"managed": false`, kind: "nftset"},
	{table: "target", toml: `flush_on_create = true`, json: `"flush_on_create": true`, kind: "ctmark"},
	{table: "target", toml: `flush_on_destroy = true`, json: `"flush_on_destroy": true`, kind: "nftset"},
	{table: "target", toml: `labels = ["a", "5"]`, json: `"labels": ["a", 5]`, kind: "ctlabel"},
	{table: "target", toml: `auto_label = true`, json: `"auto_label": true`, kind: "ctlabel"},
	{table: "target", toml: `log_errors = true`, json: `"log_errors": true`, kind: "log"},
	{table: "target", toml: `mark = 4294967295`, json: `"mark": "0xFFFFFFFF"`, kind: "ctmark"},
	{table: "target", toml: `mask = 0xff00`, json: `"mask": 65280`, kind: "ctmark"},
	{table: "target", toml: `shift = 8`, json: `"shift": 8`, kind: "ctmark"},
	{table: "target", toml: `path = "/tmp/x"`, json: `"path": "/tmp/x"`, kind: "log"},
	{table: "target", toml: `prefix = "p"`, json: `"prefix": "p"`, kind: "log"},
	{table: "target", toml: `suffix = ".log"`, json: `"suffix": ".log"`, kind: "log"},
	{table: "target", toml: `interval = "90s"`, json: `"interval": 90`, kind: "log"},
}

// only are keys that the original's JSON has not.
var only = map[string]bool{"actions.enabled": true, "actions.file": true, "actions.groups_dir": true, "actions.queue": true, "target.hold": true,
	"action.name": true, "target.name": true, "target.type": true} // the latter are keys of objects, and in every case

// compiledForm is all that rules do, as text.
func compiledForm(set *Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "again %v labels %q exempt %d\n", set.again, set.labels, len(set.exempt.groups)+len(set.exempt.programs))
	for i := range set.rules {
		r := &set.rules[i]
		fmt.Fprintf(&b, "rule %s %v %s where %d %q windows %+v halt %v exempt %d summer %v\n", r.name, r.enabled, r.program, r.where, r.iface, r.windows, r.halt,
			len(r.exempt.groups)+len(r.exempt.programs), r.clock.Local(1e9).Format(time.RFC3339))
		for slot, t := range set.targets {
			if t != nil && r.targets>>slot&1 != 0 {
				one := *t
				one.Line = 0
				fmt.Fprintf(&b, "  tells %+v\n", one)
			}
		}
	}
	hours := []string{"2026-11-29T01:30:00Z", "2026-12-02T21:30:00Z", "2026-12-04T23:10:00Z", "2026-12-05T05:59:00Z"}
	for _, hour := range hours {
		at, _ := time.Parse(time.RFC3339, hour)
		for n := range 6 {
			in := sample()
			switch n {
			case 1:
				in.App, in.AppTag, in.AppCategory = 133, "netify.netflix", 3
			case 2:
				in.Interface, in.Internal = "wan", false
			case 3:
				in.LocalMAC, in.LocalIP = [6]byte{2, 0, 0, 0, 0, 7}, in.OtherIP
			case 4:
				in.OtherPort, in.AppCategory = 80, 12
			case 5:
				in.Proto, in.OtherPort = 5, 53
			}
			rules, told := matched(set, in, at)
			fmt.Fprintf(&b, "%s %d: %s; %s\n", hour, n, rules, told)
		}
	}
	return b.String()
}

// One rule in TOML, in UCI and in the original's JSON is one compiled form, and
// does the same, by every key that all three have.
func TestThreeForms(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range forms {
		key, _, _ := strings.Cut(f.toml, " =")
		seen[f.table+"."+key] = true
		set := func(format, text string) *Set {
			t.Helper()
			own, other := (*Document)(nil), (*Document)(nil)
			var c *config.Config
			var err error
			switch format {
			case "TOML":
				c, _, err = config.Parse("rules", text)
			case "UCI":
				var file *uci.File
				var s *uci.Settings
				if file, err = uci.Parse("rules", text); err == nil {
					if s, err = file.Settings(); err == nil {
						c = s.Config
					}
				}
			case "JSON":
				c = config.Default()
				other, _, err = ReadJSON("rules", []byte(text))
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", format, err, text)
			}
			c.Rules.File, c.Rules.GroupsDir = "none", ""
			own, _, _, _ = Documents(c)
			s, _, err := Compile(nil, sampleNames, "", own, other)
			if err != nil {
				t.Fatalf("%s: %v\n%s", format, err, text)
			}
			s.groups.refresh([]Device{{MAC: [6]byte{2, 0, 0, 0, 0, 1}, ByMAC: true, Names: []string{"tablet"}}})
			return s
		}
		toml, inUCI, inJSON := f.texts(key)
		want := compiledForm(set("TOML", toml))
		if got := compiledForm(set("UCI", inUCI)); got != want {
			t.Errorf("%s: UCI is\n%sTOML is\n%s", f.toml, got, want)
		}
		if got := compiledForm(set("JSON", inJSON)); got != want {
			t.Errorf("%s: JSON is\n%sTOML is\n%s", f.toml, got, want)
		}
	}
	for _, o := range config.Options {
		if key := o.Table + "." + o.Name; strings.Contains(" actions action target ", " "+o.Table+" ") && seen[key] == only[key] {
			t.Errorf("%s: compared %v, said to be of TOML and UCI only %v", key, seen[key], only[key])
		}
	}
}

// texts are whole files with the setting. What the setting does not say is alike in all.
func (f *form) texts(key string) (toml, inUCI, inJSON string) {
	kind := map[bool]string{true: "log", false: f.kind}[f.kind == ""]
	need := map[string][3]string{ // without which a target is wrong
		"nftset":  {"set = \"base\"\n", "\toption set 'base'\n", `"set_name": "base"`},
		"ipset":   {"set = \"base\"\n", "\toption set 'base'\n", `"set_name": "base"`},
		"ctlabel": {"labels = [\"1\"]\n", "\tlist labels '1'\n", `"labels": ["1"]`},
		"ctmark":  {"mark = 1\n", "\toption mark '1'\n", `"mark": 1`},
	}[kind]
	if f.table == "target" && strings.HasPrefix(need[0], key+" ") {
		need = [3]string{}
	}
	base := [3]string{"criteria = \"*\"\n", "\toption criteria '*'\n", `"criteria": "*"`}
	if f.table == "action" && key == "criteria" {
		base = [3]string{}
	}
	told := [3]string{"targets = [\"t\"]\n", "\tlist targets 't'\n", `"targets": ["t"]`}
	if f.table == "action" && key == "targets" {
		told = [3]string{}
	}
	in := func(table, text string) string {
		if f.table == table {
			return text
		}
		return ""
	}
	u := f.uci
	if u == "" {
		u = asUCI(f.toml)
	}
	u = "\t" + u + "\n"
	toml = "[actions]\n" + in("actions", f.toml) + "\n[[action]]\nname = \"r\"\n" + base[0] + told[0] + in("action", f.toml) +
		"\n[[action]]\nname = \"second\"\ncriteria = \"*\"\n[[target]]\nname = \"t\"\ntype = \"" + kind + "\"\n" + need[0] + in("target", f.toml) + "\n"
	inUCI = "config actions\n" + in("actions", u) + "config rule 'r'\n" + base[1] + told[1] + in("action", u) +
		"config rule 'second'\n\toption criteria '*'\nconfig target 't'\n\toption type '" + kind + "'\n" + need[1] + in("target", u)
	list := func(members ...string) string {
		var l []string
		for _, m := range members {
			if m != "" {
				l = append(l, m)
			}
		}
		return "{" + strings.Join(l, ", ") + "}"
	}
	return toml, inUCI, list(in("actions", f.json), `"actions": `+list(`"r": `+list(base[2], told[2], in("action", f.json)), `"second": {"criteria": "*"}`),
		`"targets": `+list(`"t": `+list(`"target_type": "`+kind+`"`, need[2], in("target", f.json))))
}

// asUCI turns "key = value" of TOML into lines of UCI.
func asUCI(toml string) string {
	key, value, _ := strings.Cut(toml, " = ")
	var list []string
	if strings.HasPrefix(value, "[") && json.Unmarshal([]byte(value), &list) == nil {
		var lines []string
		for _, v := range list {
			lines = append(lines, "list "+key+" "+quoted(v))
		}
		return strings.Join(lines, "\n\t")
	}
	switch value {
	case "true":
		value = "1"
	case "false":
		value = "0"
	}
	return "option " + key + " " + quoted(strings.Trim(value, `"'`[:1]))
}

// quoted is a value in the quotes of UCI that it does not have.
func quoted(v string) string {
	if strings.HasPrefix(v, "'") && strings.HasSuffix(v, "'") && len(v) > 1 {
		return v
	}
	if strings.Contains(v, "'") {
		return `"` + v + `"`
	}
	return "'" + v + "'"
}
