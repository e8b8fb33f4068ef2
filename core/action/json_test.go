package action

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"netifyd/core/config"
)

// generated is what NethSecurity's generator writes, in all its forms.
const generated = `{
  "reprocess_flows": true,
  "target_globals": {"ctlabel": {"connlabel_conf": "/etc/connlabel.conf"}},
  "exemptions": ["192.168.1.1", "fe80::1"],
  "targets": {
    "block": {"target_type": "ctlabel", "target_enabled": true, "labels": ["netify-blocked"]},
    "analyzed": {"target_type": "ctlabel", "labels": ["netify-analyzed"]},
    "log": {"target_type": "log", "path": "/var/run/netifyd/", "prefix": "dpi-actions", "interval": 60}
  },
  "actions": {
    "rule1": {"enabled": true, "criteria": "(iface_nfq_src == 'br-lan' or iface_nfq_dst == 'br-lan') && (app == 'netify.x' or proto == 'quic' or category == 'social-media') ;", "targets": ["block", "log"], "exemptions": ["192.168.1.9"]},
    "rule2": {"enabled": true, "criteria": "(iface_nfq_src == '*' or iface_nfq_dst == '*') && (local_ip == 192.168.1.22 or local_ip == 192.168.1.0/24) && (app == 'netify.x');", "targets": ["bulk"], "exemptions": []},
    "rule3": {"enabled": false, "criteria": "vlan_id == 10 && (app == 'netify.x')", "targets": ["block"]},
    "rule4": {"enabled": true, "criteria": "vlan_id == 10 && (app == 'netify.nosuch' or app == 'netify.x')", "targets": ["block"]},
    "analyzed": {"enabled": true, "criteria": "detection_guessed || detection_complete;", "targets": ["analyzed"]}
  }
}`

func fromJSON(t *testing.T, text string) (*Set, []config.Warning, error) {
	t.Helper()
	doc, warnings, err := ReadJSON("rules.json", []byte(text))
	if err != nil {
		return nil, warnings, err
	}
	set, more, err := Compile(nil, sampleNames, "", doc)
	return set, append(warnings, more...), err
}

func TestGeneratedJSON(t *testing.T) {
	set, warnings, err := fromJSON(t, generated)
	if err != nil {
		t.Fatal(err)
	}
	in := sample()
	now := time.Unix(1e9, 0)
	if match, told := matched(set, in, now); match != "rule1 rule2 rule4" || told != "block log" {
		t.Errorf("matches %q, tells %q", match, told)
	}
	in.Complete = true
	if match, told := matched(set, in, now); match != "rule1 rule2 rule4 analyzed" || told != "analyzed block log" {
		t.Errorf("once decided: matches %q, tells %q", match, told)
	}
	in.Interface = "wg0"
	if match, _ := matched(set, in, now); match != "rule2 rule4 analyzed" {
		t.Errorf("at another interface: matches %q", match)
	}
	in = sample()
	in.LocalIP = netip.MustParseAddr("192.168.1.9")
	if match, _ := matched(set, in, now); match != "rule2 rule4" {
		t.Errorf("of an exempt device: matches %q", match)
	}
	in.OtherIP = netip.MustParseAddr("192.168.1.1")
	if match, _ := matched(set, in, now); match != "" {
		t.Errorf("with who is exempt from all: matches %q", match)
	}
	got := ""
	for _, w := range warnings {
		got += w.String() + "\n"
	}
	if want := `rules.json:12: there is no target bulk, which rules name: they do nothing with it
rules.json:14: netify.nosuch is no application, category or protocol that is known: it never matches
`; got != want {
		t.Errorf("warnings:\n%swant:\n%s", got, want)
	}
	if !set.again || set.labels != "/etc/connlabel.conf" {
		t.Errorf("again %v, labels %q", set.again, set.labels)
	}
}

func TestJSONForms(t *testing.T) {
	for text, want := range map[string]string{
		"{}": "",
		"\ufeff{\"version\": null, \"targets\": null, \"exemptions\": null, \"actions\": {\"a\": {\"criteria\": \"*\", \"targets\": null}}}":                              "a",
		`{"actions": {"a": {"criteria": "*", "time_of_day": [{}]}}}`:                                                                                                      "a",
		`{"version": 1, "actions": {"a": {"criteria": "*"}}}`:                                                                                                             "a",
		`{"version": "1", "actions": {"a": {"criteria": ["ai:netflix", "ac:social-media"]}}}`:                                                                             "a",
		`{"actions": {"a": {"criteria": "!ai:netflix", "interface": "lan"}, "b": {"criteria": "*", "interface": "wan"}}}`:                                                 "a",
		`{"actions": {"z": {"criteria": "*", "halt_on_match": true}, "a": {"criteria": "*"}}}`:                                                                            "z",
		`{"timezone": "UTC0", "actions": {"a": {"criteria": "*", "time_of_day": [{"day": ["sun"], "time_start": "01:00", "time_end": "02:00", "policy": "inclusive"}]}}}`: "a",
		`{"timezone": "UTC0", "actions": {"a": {"criteria": "*", "time_of_day": [{"day": ["mon"], "time_start": "01:00", "time_end": "02:00"}]}}}`:                        "",
		`{"timezone": "UTC0", "actions": {"a": {"criteria": "*", "time_of_day": [{"time_start": "01:00", "time_end": "02:00", "policy": "exclusive"}]}}}`:                 "",
		`{"timezone": "UTC-1", "actions": {"a": {"criteria": "*", "time_of_day": {"day": "Sunday", "time_end": "03:00"}}}}`:                                               "a",
		`{"exemptions": ["app == 'x'"], "actions": {"a": {"criteria": "*"}}}`:                                                                                             "",
		`{"exemptions": "198.51.100.0/24", "actions": {"a": {"criteria": "*"}}}`:                                                                                          "",
		`{"actions": {"a": {"criteria": "app == \"netify.x\"", "enabled": "true"}}}`:                                                                                      "a",
		`{"actions": {"a": {"criteria": "ip_protocol == 0x06;"}}}`:                                                                                                        "a",
	} {
		set, _, err := fromJSON(t, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if match, _ := matched(set, sample(), time.Date(2026, 11, 29, 1, 30, 0, 0, time.UTC)); match != want { // a Sunday
			t.Errorf("%s: matches %q, want %q", text, match, want)
		}
	}
}

func TestJSONTargets(t *testing.T) {
	set, _, err := fromJSON(t, `{
		"target_defaults": {"nftset": {"table_name": "dpi", "ttl": 300, "type": ["other_addr", "other_port"]}, "log": {"path": "/tmp"}},
		"targets": {
			"n": {"target_type": "nftset", "set_name": "s", "set_family": "ipv4", "max_elements": 100, "managed": false},
			"i": {"target_type": "ipset", "set_name": "s", "type": "hash:ip,port", "skb_mark": "0x10", "skb_mask": 255},
			"m": {"target_type": "ctmark", "mark": "0x1", "mask": "0xff", "shift": 8},
			"l": {"target_type": "ctlabel", "labels": [3, "video"], "auto_label": true}},
		"actions": {"a": {"criteria": "*", "targets": ["n", "i", "m", "l"]}}}`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]config.Target{}
	for _, x := range set.targets {
		if x != nil {
			got[x.Name] = *x
		}
	}
	n, i, m, l := got["n"], got["i"], got["m"], got["l"]
	if n.Table != "dpi" || n.Set != "s" || n.SetFamily != "ipv4" || n.TTL != 5*time.Minute || n.Hold || n.Size != 100 || n.Managed || strings.Join(n.Elements, " ") != "other_addr other_port" {
		t.Errorf("nftset: %+v", n)
	}
	if i.Elements[0] != "hash:ip,port" || i.SkbMark != 16 || i.SkbMask != 255 || i.TTL != 0 || m.Mark != 1 || m.Mask != 255 || m.Shift != 8 || strings.Join(l.Labels, " ") != "3 video" || !l.AutoLabel {
		t.Errorf("%+v\n%+v\n%+v", i, m, l)
	}
}

func TestJSONErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "rules.json:1: unexpected end of JSON input",
		"[]":                 "rules.json:1: want an object in braces",
		"{\n\"actions\": {,": "rules.json:2: invalid character ','",
		`{"version": 2}`:     "version is 2: only 1 is known",
		"{\n\n\"actions\": {\n\"a\": {\"criteria\":\n \"app = 1\"}}}": "rules.json:5: rule a: criteria: column 5: write ==",
		`{"actions": {"a": {}}}`: "rules.json:1: rule a: criteria are missing",
		`{"actions": {"a": 1}}`:  "actions.a is 1: want an object in braces",
		`{"actions": {"a": {"criteria": "*", "enabled": "maybe"}}}`:                              `actions.a.enabled is "maybe": want true or false`,
		`{"actions": {"a": {"criteria": "*", "targets": [1, null]}}}`:                            "actions.a.targets holds null: want a list of texts",
		`{"actions": {"a": {"criteria": "*", "time_of_day": [{"policy": "often"}]}}}`:            `actions.a.time_of_day.policy is "often": want inclusive or exclusive`,
		`{"actions": {"a": {"criteria": "*", "time_of_day": [{"day": ["someday"]}]}}}`:           `rule a: times hold "someday": "someday" is no day`,
		"{\"actions\": {\"a\": {\"criteria\": \"*\",\n\"exemptions\": [\"192.168.1.0/33\"]}}}":   `rules.json:2: rule a: exempt holds "192.168.1.0/33"`,
		`{"targets": {"a": {"target_type": "ctmark", "mark": "high"}}}`:                          `targets.a.mark is "high": want a whole number from 0 to 4294967295`,
		`{"actions": {"a": {"criteria": "*"}, "a": {"criteria": "*"}}}`:                          "rule a is there twice",
		`{"targets": {"a": {"target_type": "log"}, "a": {"target_type": "log"}}, "actions": {}}`: "target a is there twice",
	} {
		set, _, err := fromJSON(t, text)
		if err == nil || set != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Every prefix of a file is refused with a place, or, at its end, read.
func TestJSONPrefixes(t *testing.T) {
	for n := range generated {
		if _, _, err := ReadJSON("rules.json", []byte(generated[:n])); err == nil || !strings.HasPrefix(err.Error(), "rules.json:") {
			t.Fatalf("of %d bytes: %v", n, err)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(generated))
	f.Add([]byte("{}"))
	f.Add([]byte(`{"targets":{"a":{"target_type":"nftset","type":[]}},"actions":{"a":{"criteria":["*"],"time_of_day":[{}],"targets":"a"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, _, err := ReadJSON("rules.json", text)
		if err != nil {
			return
		}
		set, _, err := Compile(nil, sampleNames, "", doc)
		if err != nil {
			return
		}
		in := sample()
		active := set.active(1e18)
		match, slots := set.judge(&in, &active)
		if slots&^set.fed(match) != 0 {
			t.Error("a target is told that no rule feeds")
		}
	})
}

func TestGroupFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("10-kids.conf", "# the tablets\n02:00:00:00:00:01\n192.168.7.0/24 # the cellar\n\n")
	write("20-servers.conf", "198.51.100.0/24\n2001:db8::/32\n")
	write("readme.txt", "not a group")
	doc := &Document{Rules: config.ActionOptions{Enabled: true}, Actions: []config.Action{{Name: "a", Enabled: true, Criteria: "local_mac == @kids && other_ip == @servers"}, {Name: "b", Enabled: true, Criteria: "local_ip == @KIDS"}}}
	set, _, err := Compile(nil, sampleNames, dir, doc)
	if err != nil {
		t.Fatal(err)
	}
	if match, _ := matched(set, sample(), time.Unix(1e9, 0)); match != "a" {
		t.Errorf("matches %q", match)
	}
	write("30-bad.conf", "198.51.100.1\nnobody\n")
	if _, _, err := Compile(nil, sampleNames, dir, doc); err == nil || !strings.HasSuffix(err.Error(), `30-bad.conf:2: "nobody" is no address, prefix or MAC address`) {
		t.Error(err)
	}
	if _, _, err := Compile(nil, sampleNames, filepath.Join(dir, "nosuch"), &Document{Rules: config.ActionOptions{Enabled: true}}); err != nil {
		t.Error(err)
	}
}

// All files of groups together have a bound, and stand in the bill with what
// they take.
func TestGroupFilesAreBounded(t *testing.T) {
	dir := t.TempDir()
	fill := func(n int) {
		var b strings.Builder
		for i := range 60_000 {
			fmt.Fprintf(&b, "10.%d.%d.%d\n", n, i>>8, i&255)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-g%d.conf", n, n)), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fill(10)
	fill(11)
	c := config.Default()
	c.Rules.GroupsDir = dir
	c.Actions = []config.Action{{Name: "a", Enabled: true, Criteria: "local_ip == @g10"}}
	bill := BillOf(c)
	_, _, billed := bill.Bytes()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	g := newGroups()
	if errs := g.load(dir); len(errs) > 0 {
		t.Fatal(errs)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := int(after.HeapAlloc - before.HeapAlloc)
	if bill.Groups != 2 || took > billed || took < billed/3 {
		t.Errorf("%d bytes are billed for %d groups, which took %d", billed, bill.Groups, took)
	}
	runtime.KeepAlive(g)
	fill(12)
	if errs := newGroups().load(dir); len(errs) != 1 || !strings.Contains(errs[0].Error(), "12-g12.conf: the files of groups have more than 2 MiB together") {
		t.Error(errs)
	}
}

// Rules in what is no regular file are refused and not waited for: questions
// of others may name it.
func TestRulesOfADevice(t *testing.T) {
	c := config.Default()
	c.Rules.File = "/dev/zero"
	done := make(chan error, 1)
	go func() {
		_, _, _, err := Documents(c)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "no regular file") {
			t.Errorf("%v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the file is read for ever")
	}
}

// A file that is wrong all over does not fill the log.
func TestJSONSaysNoMoreThanSome(t *testing.T) {
	var unknown, wrong strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&unknown, `,"k%d":1`, i)
		fmt.Fprintf(&wrong, `,"r%d":{"enabled":"x"}`, i)
	}
	_, warnings, err := ReadJSON("f", []byte(`{"version":1`+unknown.String()+`}`))
	if err != nil || len(warnings) != maxSaid {
		t.Errorf("%d warnings, %v", len(warnings), err)
	}
	_, _, err = ReadJSON("f", []byte(`{"actions":{`+wrong.String()[1:]+`}}`))
	if errs := config.Errors(nil); !errors.As(err, &errs) || len(errs) != maxSaid {
		t.Errorf("%d errors", len(errs))
	}
}
