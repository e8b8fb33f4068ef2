package action

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/core/config"
	"netifyd/core/expr"
	"netifyd/core/proto"
)

// sampleNames are what rules of these tests may name.
var sampleNames = Names{
	Category: func(tag string) (uint8, bool) {
		id := map[string]uint8{"games": 12, "social-media": 30}[tag]
		return id, id != 0
	},
	Application: func(tag string) (uint32, bool) {
		id := map[string]uint32{"x": 7, "netflix": 133}[tag]
		return id, id != 0
	},
	Usage: true,
}

// sample is a flow of a tablet to x.com.
func sample() expr.Input {
	return expr.Input{
		IPVersion: 4, IPProtocol: 6, VLAN: 10, LocalPort: 50000, OtherPort: 443, LocalMAC: [6]byte{2, 0, 0, 0, 0, 1}, OtherMAC: [6]byte{2, 0, 0, 0, 0, 99},
		LocalIP: netip.MustParseAddr("192.168.1.22"), OtherIP: netip.MustParseAddr("198.51.100.9"), OtherType: expr.OtherRemote, Origin: expr.OriginLocal,
		Interface: "br-lan", Internal: true, Proto: 196, App: 7, AppTag: "netify.x", AppCategory: 30,
	}
}

// fromTOML compiles a configuration.
func fromTOML(t *testing.T, text string) (*Set, []config.Warning, error) {
	t.Helper()
	c, _, err := config.Parse("test.toml", text)
	if err != nil {
		return nil, nil, err
	}
	c.Rules.File, c.Rules.GroupsDir = "none", ""
	own, other, _, err := Documents(c)
	if err != nil {
		t.Fatal(err)
	}
	return Compile(nil, sampleNames, "", own, other)
}

func must(t *testing.T, text string) *Set {
	t.Helper()
	set, _, err := fromTOML(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// matched are the names of the rules that a flow matches, and of the targets that are told.
func matched(s *Set, in expr.Input, at time.Time) (rules, targets string) {
	active := s.active(at.UnixNano())
	match, slots := s.judge(&in, &active)
	var r, n []string
	match.each(func(i int) { r = append(r, s.rules[i].name) })
	for slot, t := range s.targets {
		if slots>>slot&1 != 0 {
			n = append(n, t.Name)
		}
	}
	slices.Sort(n)
	return strings.Join(r, " "), strings.Join(n, " ")
}

const targets = `
[[target]]
name = "blocked"
type = "ctlabel"
labels = ["netify-blocked"]
[[target]]
name = "log"
type = "log"
[[target]]
name = "off"
type = "log"
enabled = false
`

// The kinds of evaluation: each case is rules, a flow that is the sample with a
// change, and what comes of it.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, rules string
		change      func(*expr.Input)
		match, told string
	}{
		{"one rule", `[[action]]
			name = "a"
			criteria = "app == 'netify.x'"
			targets = ["blocked"]`, nil, "a", "blocked"},
		{"all rules are asked and add up", `[[action]]
			name = "a"
			criteria = "ai:x"
			targets = ["blocked"]
			[[action]]
			name = "b"
			criteria = "*"
			targets = ["log", "off"]`, nil, "a b", "blocked log"},
		{"halt", `[[action]]
			name = "a"
			criteria = "ai:x"
			targets = ["blocked"]
			halt = true
			[[action]]
			name = "b"
			criteria = "*"
			targets = ["log"]`, nil, "a", "blocked"},
		{"halt of a rule that does not match", `[[action]]
			name = "a"
			criteria = "ai:netflix"
			halt = true
			[[action]]
			name = "b"
			criteria = "*"`, nil, "b", ""},
		{"and before or", `[[action]]
			name = "a"
			criteria = "vlan_id == 10 or vlan_id == 1 and vlan_id == 2"
			[[action]]
			name = "b"
			criteria = "(vlan_id == 10 or vlan_id == 1) and vlan_id == 2"`, nil, "a", ""},
		{"a list is or", `[[action]]
			name = "a"
			criteria = '["ai:netflix", "ac:social-media"]'
			[[action]]
			name = "b"
			criteria = '["ai:netflix", "ac:games"]'`, nil, "a", ""},
		{"exempt by rule", `[[action]]
			name = "addr"
			criteria = "*"
			exempt = ["192.168.1.22"]
			[[action]]
			name = "net of the other side"
			criteria = "*"
			exempt = ["198.51.100.0/24"]
			[[action]]
			name = "mac"
			criteria = "*"
			exempt = ["02:00:00:00:00:01"]
			[[action]]
			name = "group"
			criteria = "*"
			exempt = ["@kids"]
			[[action]]
			name = "expression"
			criteria = "*"
			exempt = ["vlan_id == 10"]
			[[action]]
			name = "somebody else"
			criteria = "*"
			exempt = ["192.168.1.23", "tv", "vlan_id == 11"]
			[[group]]
			name = "kids"
			members = ["192.168.1.0/24"]`, nil, "somebody else", ""},
		{"exempt from all", `[actions]
			exempt = ["192.168.1.1", "app == 'x'"]
			[[action]]
			name = "a"
			criteria = "*"`, nil, "", ""},
		{"interface by name and by role", `[[action]]
			name = "name"
			criteria = "*"
			interface = "br-lan"
			[[action]]
			name = "other"
			criteria = "*"
			interface = "br-guest"
			[[action]]
			name = "lan"
			criteria = "*"
			interface = "lan"
			[[action]]
			name = "wan"
			criteria = "*"
			interface = "wan"
			[[action]]
			name = "any"
			criteria = "*"
			interface = "*"`, nil, "name lan any", ""},
		{"the same on the provider's side", `[[action]]
			name = "lan"
			criteria = "*"
			interface = "lan"
			[[action]]
			name = "wan"
			criteria = "*"
			interface = "wan"`, func(in *expr.Input) { in.Internal, in.Interface = false, "wan" }, "wan", ""},
		{"disabled", `[[action]]
			name = "a"
			criteria = "*"
			enabled = false`, nil, "", ""},
		{"a tag that nothing has", `[[action]]
			name = "a"
			criteria = "app == 'netify.nosuch'"
			[[action]]
			name = "b"
			criteria = "!ai:nosuch"`, nil, "b", ""},
		{"found by identifiers", `[[action]]
			name = "app"
			criteria = "ai:7 && other_port == 443"
			[[action]]
			name = "proto"
			criteria = "pi:196"
			[[action]]
			name = "category"
			criteria = "category == 'social-media'"
			[[action]]
			name = "not"
			criteria = "ai:8 or pi:1 or category == 'games'"`, nil, "app proto category", ""},
		{"the same of a flow without any", `[[action]]
			name = "app"
			criteria = "ai:7 && other_port == 443"
			[[action]]
			name = "none"
			criteria = "app == 0"
			[[action]]
			name = "not"
			criteria = "app != 7"`, func(in *expr.Input) { in.App, in.AppTag, in.AppCategory, in.Proto = 0, "", 0, 0 }, "none not", ""},
	} {
		in := sample()
		if c.change != nil {
			c.change(&in)
		}
		if match, told := matched(must(t, c.rules+targets), in, time.Unix(1e9, 0)); match != c.match || told != c.told {
			t.Errorf("%s: matches %q and tells %q, want %q and %q", c.name, match, told, c.match, c.told)
		}
	}
}

func TestTimes(t *testing.T) {
	const berlin = "CET-1CEST,M3.5.0,M10.5.0/3"
	for _, c := range []struct {
		zone, times, at string
		want            bool
	}{
		{"UTC0", `"20:00-07:00"`, "2026-11-30T20:00:00Z", true},
		{"UTC0", `"20:00-07:00"`, "2026-11-30T19:59:59Z", false},
		{"UTC0", `"20:00-07:00"`, "2026-11-30T23:59:59Z", true},
		{"UTC0", `"20:00-07:00"`, "2026-12-01T00:00:00Z", true},
		{"UTC0", `"20:00-07:00"`, "2026-12-01T06:59:59Z", true},
		{"UTC0", `"20:00-07:00"`, "2026-12-01T07:00:00Z", false},
		// the night from Friday to Saturday is Friday's
		{"UTC0", `"fri 20:00-07:00"`, "2026-12-05T03:00:00Z", true},
		{"UTC0", `"fri 20:00-07:00"`, "2026-12-04T03:00:00Z", false},
		{"UTC0", `"fri 20:00-07:00"`, "2026-12-05T20:00:00Z", false},
		{"UTC0", `"sat 20:00-07:00"`, "2026-12-06T03:00:00Z", true}, // Sunday
		{"UTC0", `"mon-fri"`, "2026-12-04T23:59:59Z", true},
		{"UTC0", `"mon-fri"`, "2026-12-05T00:00:00Z", false},
		{"UTC0", `"fri-mon 10:00-11:00"`, "2026-12-06T10:30:00Z", true},
		{"UTC0", `"fri-mon 10:00-11:00"`, "2026-12-08T10:30:00Z", false},
		{"UTC0", `"sat,Sunday 00:00-24:00"`, "2026-12-06T10:30:00Z", true},
		{"UTC0", `"daily 12:00-12:00"`, "2026-12-06T10:30:00Z", true},
		{"UTC0", `"08:00-09:00", "20:00-21:00"`, "2026-12-06T20:30:00Z", true},
		{"UTC0", `"08:00-09:00", "20:00-21:00"`, "2026-12-06T12:30:00Z", false},
		// exclusive
		{"UTC0", `"!12:00-13:00"`, "2026-12-06T12:30:00Z", false},
		{"UTC0", `"!12:00-13:00"`, "2026-12-06T13:30:00Z", true},
		{"UTC0", `"08:00-20:00", "! sun"`, "2026-12-06T12:30:00Z", false},
		{"UTC0", `"08:00-20:00", "! sun"`, "2026-12-05T12:30:00Z", true},
		{"UTC0", `"08:00-20:00", "! sun"`, "2026-12-05T21:30:00Z", false},
		// time zones: 20:00 in Berlin is 19:00 in winter and 18:00 in summer
		{berlin, `"20:00-07:00"`, "2026-12-01T18:59:00Z", false},
		{berlin, `"20:00-07:00"`, "2026-12-01T19:00:00Z", true},
		{berlin, `"20:00-07:00"`, "2026-07-01T17:59:00Z", false},
		{berlin, `"20:00-07:00"`, "2026-07-01T18:00:00Z", true},
		{"EST5EDT,M3.2.0,M11.1.0", `"sat"`, "2026-12-06T04:30:00Z", true}, // Saturday 23:30
		{"<+1245>-12:45", `"00:00-00:15"`, "2026-12-06T11:20:00Z", true},
		// the hour that summer time leaves out, and the one that it has twice
		{berlin, `"02:30-04:00"`, "2026-03-29T00:59:59Z", false}, // 01:59:59
		{berlin, `"02:30-04:00"`, "2026-03-29T01:00:00Z", true},  // 03:00
		{berlin, `"02:30-02:45"`, "2026-10-25T00:35:00Z", true},  // 02:35 in summer
		{berlin, `"02:30-02:45"`, "2026-10-25T00:50:00Z", false},
		{berlin, `"02:30-02:45"`, "2026-10-25T01:35:00Z", true}, // 02:35 in winter
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		set := must(t, "[actions]\ntimezone = \""+c.zone+"\"\n[[action]]\nname = \"a\"\ncriteria = \"*\"\ntimes = ["+c.times+"]\n")
		if match, _ := matched(set, sample(), at); (match == "a") != c.want {
			t.Errorf("%s at %s in %s: %v", c.times, c.at, c.zone, !c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	const a = "[[action]]\nname = \"a\"\ncriteria = \"*\"\n"
	for text, want := range map[string]string{
		"[[action]]\ncriteria = \"*\"":                       "test.toml:1: action.name is missing",
		"[[action]]\nname = \"a\"":                           "test.toml:1: rule a: criteria are missing: write * for every flow",
		"\n[[action]]\nname = \"a\"\ncriteria = \"app = 1\"": "test.toml:4: rule a: criteria: column 5: write == to compare",
		a + a:                                                          "test.toml:4: rule a is there twice",
		a + "targets = [\"b\"]":                                        "test.toml:4: rule a: there is no target b: make it as a [[target]]",
		a + "times = [\"20-7\"]":                                       `test.toml:4: rule a: times hold "20-7": "20" is no day`,
		a + "times = [\"20:00-7:60\"]":                                 `"7:60" is no time: want hours and minutes, as 20:00`,
		a + "times = [\"20:00\"]":                                      "want two times with a - between them",
		a + "times = [\"24:00-07:00\"]":                                "a day begins at 00:00",
		a + "exempt = [\"@nosuch\"]":                                   "test.toml:4: rule a: exempt holds @nosuch: there is no such group",
		a + "exempt = [\"app == \"]":                                   `test.toml:4: rule a: exempt holds "app == ": column 8`,
		a + "exempt = [\"@nosuch && app == 'x'\"]":                     "exempt holds \"@nosuch && app == 'x'\": column 1: a group alone says nothing: write mac == @nosuch",
		"[actions]\nexempt = [\"@nosuch\"]":                            "test.toml:2: exempt holds @nosuch",
		"[actions]\ntimezone = \"Nowhere\"\n" + a:                      `test.toml:2: actions.timezone: the time zone "Nowhere" is unknown`,
		a + "times = [\n\"20:00-07:00\",\n\"20:00\"]":                  "test.toml:6: rule a: times hold",
		"[[target]]\ntype = \"log\"":                                   "test.toml:1: target.name is missing",
		"[[target]]\nname = \"a\"\ntype = \"nftset\"\nhold = true":     "test.toml:4: target a: hold needs a ttl",
		"[[group]]\nname = \"a\"\nmembers = [\"192.0.2.300/24\"]":      `test.toml:3: group a: "192.0.2.300/24" is no address`,
		"[[action]]\nname = \"a\"\ncriteria = \"local_ip == @nobody\"": "there is no group @nobody",
		strings.Repeat(a, 1) + manyRules(128):                          "more than 128 rules",
	} {
		_, _, err := fromTOML(t, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

// What the regular expressions of rules take is bounded, and the plan has it.
func TestCostlyExpressions(t *testing.T) {
	rules := func(n, each int, pattern string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "[[action]]\nname = \"r%d\"\ncriteria = \"", i)
			for k := range each {
				if k > 0 {
					b.WriteString(" or ")
				}
				fmt.Fprintf(&b, "detected_hostname == 'rx:%s%d$'", pattern, k)
			}
			b.WriteString("\"\n")
		}
		return b.String()
	}
	_, _, err := fromTOML(t, rules(MaxRules, 12, `(\\pL{9}){99}`))
	if list := (config.Errors)(nil); !errors.As(err, &list) || len(list) != 1 || !strings.Contains(err.Error(), "test.toml:6: rule r1: criteria: the expressions of the rules until this one take more than 2048 KiB") {
		t.Fatalf("%v", err)
	}
	text := rules(MaxRules, 3, `^[a-z0-9-]+\\.example\\.(com|net)`)
	if _, _, err := fromTOML(t, text); err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Parse("test.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	own, _, _, _ := Documents(c)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	set, _, err := Compile(nil, sampleNames, "", own)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	took := int(after.HeapAlloc) - int(before.HeapAlloc)
	if plan, _, _ := BillOf(c).Bytes(); took > plan || took < plan/4 {
		t.Errorf("the rules take %d bytes, the plan says %d", took, plan)
	}
	runtime.KeepAlive(set)
}

// A plan has no more rules than there may be.
func TestBillIsBounded(t *testing.T) {
	for _, n := range []int{1, MaxRules, MaxRules + 72} {
		c, _, err := config.Parse("test.toml", manyRules(n))
		if err != nil {
			t.Fatal(err)
		}
		if got := BillOf(c).Rules; got != min(n, MaxRules) {
			t.Errorf("of %d rules the plan has %d", n, got)
		}
	}
}

func manyRules(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("[[action]]\nname = \"r" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + "\"\ncriteria = \"*\"\n")
	}
	return b.String()
}

func TestUnknownTagsAreSaidOnce(t *testing.T) {
	_, warnings, err := fromTOML(t, `
[[action]]
name = "a"
criteria = "app == 'nosuch' or app == 'nosuch'"
[[action]]
name = "b"
criteria = "ai:nosuch"
`)
	if err != nil || len(warnings) != 1 || warnings[0].String() != "test.toml:4: nosuch is no application, category or protocol that is known: it never matches" {
		t.Errorf("%v, %v", err, warnings)
	}
}

// TestQuestionsAreNoServers: a question for an application's name has the
// application, but the resolver is not its server: a set that blocks it would
// block every name. Labels and logs are told, and so is a rule that asks for DNS.
func TestQuestionsAreNoServers(t *testing.T) {
	const sets = `
[[target]]
name = "servers"
type = "nftset"
set = "s"
[[target]]
name = "devices"
type = "nftset"
set = "d"
elements = ["local_addr"]
[[target]]
name = "label"
type = "ctlabel"
labels = ["1"]
[[target]]
name = "old"
type = "ipset"
set = "o"
[[action]]
name = "a"
targets = ["servers", "devices", "label", "old"]
criteria = `
	for _, c := range []struct {
		criteria string
		proto    proto.ID
		want     string
	}{
		{`"app == 'netify.x'"`, proto.HTTPS, "devices label old servers"},
		{`"app == 'netify.x'"`, proto.DNS, "devices label"},
		{`"app == 'netify.x' && local_ip == 192.168.1.22"`, proto.DNS, "devices label"},
		{`"ai:x or proto == 'quic'"`, proto.DNS, "devices label"},
		{`"app_id == 7"`, proto.DNS, "devices label"},
		{`"app == 'netify.x' && proto == 'DNS'"`, proto.DNS, "devices label old servers"},
		{`"app == 'netify.x' && other_port == 53"`, proto.DNS, "devices label old servers"},
		{`"proto == 'DNS'"`, proto.DNS, "devices label old servers"},
		{`"local_ip == 192.168.1.22"`, proto.DNS, "devices label old servers"},
		{`"*"`, proto.DNS, "devices label old servers"},
	} {
		in := sample()
		if in.Proto = c.proto; c.proto == proto.DNS {
			in.OtherPort = 53
		}
		if match, told := matched(must(t, sets+c.criteria+"\n"), in, time.Unix(1e9, 0)); match != "a" || told != c.want {
			t.Errorf("%s of %v: matches %q and tells %q, want %q", c.criteria, c.proto, match, told, c.want)
		}
	}
}

// A device that nobody knows is told once, with the line: it may come, or be mistyped.
func TestUnknownDevicesAreSaidOnce(t *testing.T) {
	const text = `
[actions]
exempt = ["nas"]
[[group]]
name = "kids"
members = ["tablet", "192.0.2.1",
  "phone-jan"]
[[action]]
name = "a"
criteria = "device == 'Tablet' or device == 'tablte'"
exempt = ["02:00:00:00:00:01", "@kids", "tablte"]
`
	said := func(devices map[string]bool, usage bool) (list []string) {
		c, _, err := config.Parse("test.toml", text)
		if err != nil {
			t.Fatal(err)
		}
		names := sampleNames
		names.Devices, names.Usage = devices, usage
		own, _, _, _ := Documents(c)
		_, warnings, err := Compile(nil, names, "", own)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range warnings {
			list = append(list, w.String())
		}
		return list
	}
	want := []string{
		`test.toml:7: no device is called "phone-jan" so far: netifyd devices lists the names`,
		`test.toml:3: no device is called "nas" so far: netifyd devices lists the names`,
		`test.toml:10: no device is called "tablte" so far: did you mean "tablet"?`,
	}
	if have := said(map[string]bool{"tablet": true}, true); !slices.Equal(have, want) {
		t.Errorf("have %q\nwant %q", have, want)
	}
	if have := said(map[string]bool{}, false); len(have) != 5 || !strings.HasSuffix(have[0], "without usage.enabled devices have no names") {
		t.Errorf("%q", have)
	}
	if have := said(nil, true); have != nil {
		t.Errorf("where it is not known: %q", have)
	}
}

func TestJudgeDoesNotAllocate(t *testing.T) {
	set := must(t, "[actions]\nexempt = [\"10.0.0.0/8\", \"tv\"]\n"+targets+`
[[action]]
name = "a"
criteria = "app == 'x' && device != 'tv' && usage.today < 2GiB"
times = ["mon-sun 00:00-24:00"]
targets = ["log"]
`+manyRules(64))
	active, in := set.active(1e18), sample()
	if n := testing.AllocsPerRun(100, func() { set.judge(&in, &active) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { set.active(1e18) }); n != 0 {
		t.Errorf("%v allocations to see which rules hold", n)
	}
	if set.Size() == 0 {
		t.Error("no size")
	}
}
